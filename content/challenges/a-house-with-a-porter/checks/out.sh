# shellcheck shell=bash
# Answers come from an internet that has no way to the rooms: the porter's address was on the requests.
for side in attic cellar porter internet; do
  in-net "$side" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $side now."
  }
done
seen() { in-net internet -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'; }

told=$(in-net internet -- ip -json route show table all | jq -r '[.[] | select(.type != "local" and .type != "broadcast") | .dst | select(. == "default" or startswith("10."))][0] // empty')
[[ -z $told ]] || not_yet "The internet was given a route ($told). Nobody out there has it."
for room in attic cellar; do
  strange=$(in-net "$room" -- ip -json -4 address show | jq -r --arg net "10.$VAR_NET.0." '[.[].addr_info[]? | .local | select(startswith($net) or startswith("127.") | not)][0] // empty')
  [[ -z $strange ]] || not_yet "$room has an address of the street: $strange. Only the porter may have one."
done
street=$(in-net porter -- ip -json -details address show)
place=$(jq -r '[.[] | select([.addr_info[]? | .local] | index("198.51.100.7"))][0] | if . == null then "" elif .master then "a socket of the bridge \(.master)" else "here" end' <<<"$street")
[[ -n $place ]] || not_yet "porter does not have the address 198.51.100.7."
[[ $place == here ]] || not_yet "The cable to the street is $place: then it is one network with the rooms, and nobody is between."
[[ $(in-net porter -- cat /proc/sys/net/ipv4/ip_forward) == 1 ]] || {
  [[ $(in-net -- cat /proc/sys/net/ipv4/ip_forward) != 1 ]] || not_yet "The machine passes packets on, but porter does not. Each network namespace has its own setting."
  not_yet "porter throws away packets that are not for itself."
}
for room in attic cellar; do
  before=$(seen)
  status=0
  in-net "$room" -- ping -n -c 1 -W 1 198.51.100.1 >/dev/null 2>&1 || status=$?
  ((status <= 2)) || exit "$status"
  after=$(seen)
  if ((status != 0)); then
    ((after == before)) || not_yet "The request of $room reaches the internet, but with an address that cannot be answered there."
    not_yet "The request of $room does not reach the internet."
  fi
  ((after > before)) || not_yet "$room got an answer, but not from the internet."
done
pass "The internet answers both rooms, without knowing a way to them."
