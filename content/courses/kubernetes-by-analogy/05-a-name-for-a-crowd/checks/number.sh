# shellcheck shell=bash
# What the name server says.
address=$(dig +short +search crowd A)
[[ -n $address ]] || not_yet "The name crowd stands for nothing now."
[[ $ANSWER =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ ]] || not_yet "That is not an IPv4 address."
if [[ $ANSWER == "$address" ]]; then
  value address "$address"
  pass "That is the cluster IP of crowd."
fi
[[ $ANSWER != "$(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf)" ]] || not_yet "That is the name server itself, whom you asked."
[[ ${ANSWER%.*.*} == "${address%.*.*}" ]] || not_yet "That is no address of a Service. Is it one of the Pods'? It would be gone with its Pod."
not_yet "The name server gives another address."
