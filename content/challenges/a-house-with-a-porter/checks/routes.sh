# shellcheck shell=bash
for side in attic cellar porter; do
  in-net "$side" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $side now."
  }
done
porter=$(in-net porter -- ip -json -details address show)
inner=$(in-net porter -- ip -json route show "10.$VAR_NET.0.0/24")
missing=$(jq -rn --argjson porter "$porter" --argjson inner "$inner" --arg net "10.$VAR_NET.0" '
  def inet: [.addr_info[]? | select(.family == "inet")];
  [$porter[] | select(inet | any(.local == "\($net).1"))] as $holders
  | first(
      (select($holders == []) | "porter does not have the address \($net).1."),
      ($holders[] | select(.master) | "\($net).1 is on \(.ifname), which is only a socket of the bridge \(.master)."),
      (select($inner == []) | "porter has no route to \($net).0/24."),
      (select(($inner | length) > 1) | "porter has \($inner | length) routes to \($net).0/24: by \($inner | map(.dev) | join(", "))."),
      empty)')
[[ -z $missing ]] || not_yet "$missing"

for room in attic cellar; do
  routes=$(in-net "$room" -- ip -json route)
  gateway=$(jq -r '[.[] | select(.dst == "default")][0] | if . == null then "none" else .gateway // "nobody" end' <<<"$routes")
  if [[ $gateway == none ]]; then
    some=$(jq -r '[.[] | select(.gateway) | .dst][0] // empty' <<<"$routes")
    [[ -z $some ]] || not_yet "$room knows a way to $some only, and none to the rest of the world."
    not_yet "$room has no default route."
  fi
  [[ $gateway == "10.$VAR_NET.0.1" ]] || not_yet "The default route of $room leads to $gateway, who is not the porter."
  status=0
  in-net "$room" -- ping -n -c 1 -W 1 "10.$VAR_NET.0.1" >/dev/null 2>&1 || status=$?
  ((status <= 2)) || exit "$status"
  ((status == 0)) || not_yet "The default route of $room is right, but the porter does not answer."
done
pass "The rooms send what is not for them to the porter, who has one route to them."
