# shellcheck shell=bash
# A request of east is answered by an internet that has no way to the islands: so it came from another address.
for side in east internet; do
  in-net "$side" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $side now."
  }
done
seen() { in-net internet -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'; }

routes=$(in-net internet -- ip -json route show table all)
told=$(jq -r '[.[] | select(.type != "local" and .type != "broadcast") | .dst | select(. == "default" or startswith("172.20."))][0] // empty' <<<"$routes")
[[ -z $told ]] || not_yet "The internet was given a route ($told). Out there nobody knows a way to your islands."
strange=$(in-net east -- ip -json -4 address show | jq -r '[.[].addr_info[]? | .local | select(startswith("172.20.0.") or startswith("127.") | not)][0] // empty')
[[ -z $strange ]] || not_yet "east has an address of the internet's own network: $strange."
gateway=$(in-net east -- ip -json route show default | jq -r '.[0] | if . == null then "none" else .gateway // "on the cable" end')
[[ $gateway != none ]] || not_yet "east has no default route."
[[ $gateway == 172.20.0.1 ]] || not_yet "The default route of east does not lead to the machine, but to $gateway."

before=$(seen)
status=0
in-net east -- ping -n -c 1 -W 1 203.0.113.1 >/dev/null 2>&1 || status=$?
((status <= 2)) || exit "$status"
after=$(seen)
if ((status == 0)); then
  ((after > before)) || not_yet "east got an answer, but not from the internet."
  pass "The internet answers east, without knowing a way to it."
fi
((after == before)) || not_yet "The request of east reaches the internet, but with an address that cannot be answered there."
not_yet "The request of east does not reach the internet."
