# shellcheck shell=bash
# The machine's own network has what it had: lo and eth0. (tunl0 and its like come with kernel modules, not by hand.)
links=$(in-net -- ip -json -details address show)
bridge=$(jq -r '[.[] | select(.linkinfo.info_kind? == "bridge") | .ifname] | join(", ")' <<<"$links")
[[ -z $bridge ]] || not_yet "There is a bridge in the machine's own network: $bridge."
left=$(jq -r '[.[] | select(.ifname and .ifname != "eth0" and .linkinfo.info_kind == "veth") | .ifname] | join(", ")' <<<"$links")
[[ -z $left ]] || not_yet "An end of a cable lies in the machine's own network: $left."
added=$(jq -r '[.[] | select(.ifname and .ifname != "eth0" and (.linkinfo.info_kind // "" | IN("dummy", "macvlan", "ipvlan", "vlan", "vxlan", "tun", "ifb", "bond"))) | .ifname] | join(", ")' <<<"$links")
[[ -z $added ]] || not_yet "An interface was added to the machine's own network: $added."
address=$(jq -r '[.[] | select(.ifname) | .ifname as $name | .addr_info[]? | select(.local | startswith("192.168.77.")) | "\(.local) on \($name)"] | join(", ")' <<<"$links")
[[ -z $address ]] || not_yet "The machine's own network has an address of theirs: $address."
pass "The machine's own network has no forgotten end, no bridge and no address of theirs."
