# shellcheck shell=bash
# The machine's own network has lo and eth0, no rules, and forwards for nobody. (tunl0 and its like come with kernel modules.)
links=$(in-net -- ip -json -details address show)
left=$(jq -r '[.[] | select(.ifname and .ifname != "eth0" and (.linkinfo.info_kind // "" | IN("bridge", "veth", "dummy", "macvlan", "ipvlan", "vlan", "vxlan", "tun", "ifb", "bond"))) | "\(.ifname) (\(.linkinfo.info_kind))"] | join(", ")' <<<"$links")
[[ -z $left ]] || not_yet "Left in the machine's own network: $left."
address=$(jq -r --arg net "10.$VAR_NET.0." '[.[] | select(.ifname) | .ifname as $name | .addr_info[]? | .local | select(startswith($net) or startswith("198.51.100.")) | "\(.) on \($name)"] | join(", ")' <<<"$links")
[[ -z $address ]] || not_yet "The machine's own network has an address of theirs: $address."
tables=$(in-net -- nft -j list tables | jq -r '[.nftables[] | .table // empty | "\(.family) \(.name)"] | join(", ")')
[[ -z $tables ]] || not_yet "The machine's own firewall has a table: $tables."
[[ $(in-net -- cat /proc/sys/net/ipv4/ip_forward) == 0 ]] || not_yet "The machine itself passes packets on."
pass "The machine's own network has no cable, no address and no rule of theirs, and forwards for nobody."
