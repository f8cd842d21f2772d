# shellcheck shell=bash
# One cable from north into the bridge of the others; everybody answers.
in-net north -- true || {
  (($? == 3)) || exit 1
  not_yet "There is no namespace named north."
}
north=$(in-net north -- ip -json -details address show)
own=$(in-net -- ip -json -details address show)
missing=$(jq -rn --argjson north "$north" --argjson own "$own" '
  def veths: map(select(.linkinfo.info_kind? == "veth"));
  def inet: [.addr_info[]? | select(.family == "inet")];
  def up: .flags | index("UP") != null;
  [($own | veths)[] as $x | ($north | veths)[] as $y
    | select($x.link_index == $y.ifindex and $y.link_index == $x.ifindex) | {port: $x, end: $y}] as $cables
  | [$own[] | select(.linkinfo.info_kind? == "bridge" and (inet | any(.local == "172.20.0.1")))][0] as $bridge
  | $cables[0] as $cable
  | first(
      (select($cables == []) | [$north[] | select(.ifname and .ifname != "lo")] | select(. == [])
        | "north is empty: no cable ends in it."),
      (select($cables == []) | "No cable leads from north to the machine\u0027s own network."),
      (select(($cables | length) > 1) | "\($cables | length) cables lead from north to the machine."),
      ($cable.port | select(.master == null) | "\(.ifname), the end of the cable to north, is not plugged into a bridge."),
      ($cable.port | select(.master != $bridge.ifname) | "\(.ifname) is plugged into \(.master), and the others are plugged into \($bridge.ifname // "another bridge")."),
      ($cable.end | select(inet == []) | "\(.ifname) in north has no address."),
      ($cable.end | select(inet | all(.local != "172.20.0.5"))
        | "\(.ifname) in north has another address than the one asked for: \(inet | map("\(.local)/\(.prefixlen)") | join(", "))."),
      ($cable.end | inet[] | select(.local == "172.20.0.5" and .prefixlen == 32)
        | "The address in north has the length /32: a network with nobody else in it."),
      ($cable.end | select(up | not) | "The end in north (\(.ifname)) is off."),
      ($cable.port | select(up | not) | "The machine\u0027s end of the cable (\(.ifname)) is off."),
      empty)')
[[ -z $missing ]] || not_yet "$missing"

for other in "east 172.20.0.2" "west 172.20.0.3" "the machine 172.20.0.1"; do
  status=0
  in-net north -- ping -n -c 1 -W 1 "${other##* }" >/dev/null 2>&1 || status=$?
  ((status <= 2)) || exit "$status"
  ((status == 0)) || not_yet "north is plugged in, but ${other% *} does not answer it."
done
pass "north hangs on one cable, and everybody answers it."
