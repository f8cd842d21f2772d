# shellcheck shell=bash
# The machine's address is on the bridge, one route leads there, and both islands answer.
links=$(in-net -- ip -json -details address show)
routes=$(in-net -- ip -json route show 172.20.0.0/24)
missing=$(jq -rn --argjson links "$links" --argjson routes "$routes" '
  def inet: [.addr_info[]? | select(.family == "inet")];
  [$links[] | select(inet | any(.local == "172.20.0.1"))] as $holders
  | [$holders[] | select(.linkinfo.info_kind? == "bridge")][0] as $bridge
  | first(
      (select($holders == []) | [$links[] | select(.linkinfo.info_kind? == "bridge") | inet[] | .local] | select(. != [])
        | "The bridge has another address than the one asked for: \(join(", "))."),
      (select($holders == []) | "The machine does not have the address 172.20.0.1."),
      ($holders[] | select(.master) | "172.20.0.1 is on \(.ifname), which is only a socket of \(.master), not on the bridge itself."),
      (select($bridge == null) | "172.20.0.1 is on \($holders[0].ifname), which is not the bridge."),
      ($bridge | inet[] | select(.local == "172.20.0.1" and .prefixlen == 32)
        | "The address on \($bridge.ifname) has the length /32: a network with nobody else in it."),
      ($bridge | inet[] | select(.local == "172.20.0.1" and .prefixlen != 24)
        | "The address on \($bridge.ifname) has the length /\(.prefixlen): that is another network than the islands\u0027."),
      ($routes | select(length > 1) | "The machine has \(length) routes to 172.20.0.0/24: by \(map(.dev) | join(", "))."),
      empty)')
[[ -z $missing ]] || not_yet "$missing"

seen() { in-net "$1" -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'; }
for island in east:172.20.0.2 west:172.20.0.3; do
  name=${island%:*}
  in-net "$name" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $name now."
  }
  before=$(seen "$name")
  status=0
  in-net -- ping -n -c 1 -W 1 "${island#*:}" >/dev/null 2>&1 || status=$?
  ((status <= 2)) || exit "$status"
  ((status == 0)) || not_yet "The address is on the bridge, but $name does not answer the machine."
  after=$(seen "$name")
  ((after > before)) || not_yet "The machine got an answer, but not from $name."
done
pass "The machine's address is on the bridge, and both islands answer."
