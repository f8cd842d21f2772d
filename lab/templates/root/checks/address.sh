# shellcheck shell=bash
# Asks the kernel, by the examiner's own ip. VAR_THIRD is what was drawn for this learner.
link=$(in-net -- ip -json address show | jq '.[] | select(.ifname == "pier0")')
[[ -n $link ]] || not_yet "There is no interface pier0."
has=$(jq -r '[.addr_info[] | select(.family == "inet") | "\(.local)/\(.prefixlen)"] | join(", ")' <<<"$link")
[[ -n $has ]] || not_yet "pier0 has no IPv4 address."
[[ $has == "10.20.$VAR_THIRD.1/24" ]] || not_yet "pier0 has $has, which is not what was asked for."
jq -e '.flags | index("UP")' <<<"$link" >/dev/null || not_yet "pier0 has its address and is switched off."
pass "pier0 is up, with $has."
