# shellcheck shell=bash
# The machine's ends of both cables are in one bridge, all of it is on, and frames pass.
for side in east west; do
  in-net "$side" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $side now."
  }
done
east=$(in-net east -- ip -json -details link show)
west=$(in-net west -- ip -json -details link show)
own=$(in-net -- ip -json -details link show)

missing=$(jq -rn --argjson east "$east" --argjson west "$west" --argjson own "$own" '
  def veths: map(select(.linkinfo.info_kind? == "veth"));
  # The end of a cable on the machine: it and the one in the namespace name each other by number.
  def port($there): [($own | veths)[] as $x | ($there | veths)[] as $y
    | select($x.link_index == $y.ifindex and $y.link_index == $x.ifindex) | $x][0];
  def up: .flags | index("UP") != null;
  [{side: "east", port: port($east)}, {side: "west", port: port($west)}] as $ports
  | [$own[] | select(.linkinfo.info_kind? == "bridge")] as $bridges
  | first(
      ($ports[] | select(.port == null) | "No cable leads from \(.side) to the machine\u0027s own network."),
      (select($bridges == []) | "There is no bridge in the machine\u0027s own network."),
      ($ports[] | select(.port.master == null) | "\(.port.ifname), the end of the cable to \(.side), is not plugged into a bridge."),
      ($ports | select(.[0].port.master != .[1].port.master)
        | "The two cables are plugged into two bridges: \(.[0].port.master) and \(.[1].port.master)."),
      ($bridges[] | select(.ifname == $ports[0].port.master and (up | not)) | "Both are plugged in, but the bridge \(.ifname) is off."),
      ($ports[] | select(.port | up | not) | "\(.port.ifname) is plugged in, but it is off."),
      empty)')
[[ -z $missing ]] || not_yet "$missing"

seen() { in-net "$1" -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'; }
before=$(seen west)
status=0
in-net east -- ping -n -c 1 -W 1 172.20.0.3 >/dev/null 2>&1 || status=$?
((status <= 2)) || exit "$status"
((status == 0)) || not_yet "Both cables are plugged into one bridge, but west does not answer east."
after=$(seen west)
((after > before)) || not_yet "east got an answer, but not from west."
pass "Both cables are plugged into one bridge, and west answers east."
