# shellcheck shell=bash
# What the name server says of the Service, and of its Pods.
address=$(dig +short +search shop A)
[[ -n $address ]] || not_yet "The name shop stands for nothing now."
pods=$(dig +short +search roster A)
[[ $ANSWER =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ ]] || not_yet "That is not an IPv4 address."
[[ $ANSWER != "$(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf)" ]] || not_yet "That is the name server itself."
! grep -qxF "$ANSWER" <<<"$pods" || not_yet "That is the address of a Pod. It would be gone with the Pod."
[[ $ANSWER == "$address" ]] || not_yet "The name server says something else."
pass "That is the cluster IP of shop, and stays when the Pods change."
