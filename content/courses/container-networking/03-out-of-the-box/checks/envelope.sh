# shellcheck shell=bash
# The gateway's hardware address: of the interface on which the machine has the address of east's default route.
said=${ANSWER,,}
[[ $said =~ ^([0-9a-f]{2}:){5}[0-9a-f]{2}$ ]] || not_yet "That is not a hardware address: six pairs of letters and digits, with colons between."
links=$(in-net -- ip -json address show)
gateway=$(jq -r '[.[] | select(any(.addr_info[]?; .local == "172.20.0.1")) | .address][0] // empty' <<<"$links")
[[ -n $gateway ]] || not_yet "The machine does not have the address 172.20.0.1 now."
[[ $said != "$gateway" ]] || pass "That is the machine's, at the switch. The packet inside says 203.0.113.1."
far=$(in-net internet -- ip -json link show dev eth0) || far='[]'
[[ $said != "$(jq -r '.[0].address // ""' <<<"$far")" ]] || not_yet "That is the server's on the internet. East's frames never come so far, only what is in them."
near=$(in-net east -- ip -json link show dev eth0) || near='[]'
[[ $said != "$(jq -r '.[0].address // ""' <<<"$near")" ]] || not_yet "That is east's own: from whom, not to whom."
not_yet "Nobody who passes packets on for east has this address."
