# shellcheck shell=bash
# Each room has one cable into one bridge of the porter, the right address, and an answer from the other room.
for side in attic cellar porter; do
  in-net "$side" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $side."
  }
done
attic=$(in-net attic -- ip -json -details address show)
cellar=$(in-net cellar -- ip -json -details address show)
porter=$(in-net porter -- ip -json -details address show)
own=$(in-net -- ip -json -details address show)

missing=$(jq -rn --argjson attic "$attic" --argjson cellar "$cellar" --argjson porter "$porter" --argjson own "$own" --arg net "10.$VAR_NET.0" '
  def veths: map(select(.linkinfo.info_kind? == "veth"));
  def inet: [.addr_info[]? | select(.family == "inet")];
  def up: .flags | index("UP") != null;
  # Cables between two lists of links: each end names the other by its number.
  def cables($here; $there): [($here | veths)[] as $x | ($there | veths)[] as $y
    | select($x.link_index == $y.ifindex and $y.link_index == $x.ifindex) | {end: $x, port: $y}];
  [{name: "attic", links: $attic, address: "\($net).10"}, {name: "cellar", links: $cellar, address: "\($net).20"}]
  | map(. + {cables: cables(.links; $porter), outside: cables(.links; $own)}) as $rooms
  | [$porter[] | select(.linkinfo.info_kind? == "bridge")] as $bridges
  | [$own[] | select(.linkinfo.info_kind? == "bridge") | .ifname] as $strange
  | first(
      (select($bridges == [] and $strange != []) | "There is a bridge (\($strange[0])), but it is in the machine\u0027s own network, not in porter."),
      ($rooms[] | select(.cables == [] and .outside != [])
        | "The cable of \(.name) leads to \(.outside[0].port.ifname) in the machine\u0027s own network, not to porter."),
      (select(all($rooms[]; .cables == []) and cables($attic; $cellar) != [])
        | "A cable joins attic and cellar directly. Nothing leads to porter."),
      ($rooms[] | select(.cables == []) | "No cable leads from \(.name) to porter."),
      (select($bridges == []) | "There is no bridge in porter."),
      ($rooms[] | select(.cables[0].port.master == null)
        | "The cable of \(.name) ends in porter (\(.cables[0].port.ifname)), but is not plugged into a bridge."),
      ($rooms | select(.[0].cables[0].port.master != .[1].cables[0].port.master)
        | "The two rooms are plugged into two bridges: \(map(.cables[0].port.master) | join(" and "))."),
      ($rooms[] | select(.cables[0].end | inet | length == 0) | "\(.cables[0].end.ifname) in \(.name) has no address."),
      ($rooms[] | .address as $address | .name as $name | .cables[0].end | inet | select(all(.local != $address))
        | "\($name) has another address than the one asked for: \(map("\(.local)/\(.prefixlen)") | join(", "))."),
      ($rooms[] | .address as $address | .name as $name | .cables[0].end | inet[] | select(.local == $address and .prefixlen != 24)
        | "The address in \($name) has the length /\(.prefixlen): that is another network than the one asked for."),
      ($rooms[] | select(.cables[0].end | up | not) | "The end in \(.name) is off."),
      ($rooms[] | select(.cables[0].port | up | not) | "\(.cables[0].port.ifname) in porter is off."),
      ($rooms[0].cables[0].port.master as $name | $bridges[] | select(.ifname == $name and (up | not))
        | "The bridge \(.ifname) is off."),
      empty)')
[[ -z $missing ]] || not_yet "$missing"

seen() { in-net "$1" -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'; }
before=$(seen cellar)
status=0
in-net attic -- ping -n -c 1 -W 1 "10.$VAR_NET.0.20" >/dev/null 2>&1 || status=$?
((status <= 2)) || exit "$status"
((status == 0)) || not_yet "All is plugged in, but cellar does not answer attic."
after=$(seen cellar)
((after > before)) || not_yet "attic got an answer, but not from cellar."
pass "attic and cellar are plugged into one bridge of porter and answer each other."
