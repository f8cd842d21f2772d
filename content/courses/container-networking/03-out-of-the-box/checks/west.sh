# shellcheck shell=bash
for side in west internet; do
  in-net "$side" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $side now."
  }
done
routes=$(in-net west -- ip -json route)
gateway=$(jq -r '[.[] | select(.dst == "default")][0] | if . == null then "none" else .gateway // "nobody" end' <<<"$routes")
if [[ $gateway == none ]]; then
  some=$(jq -r '[.[] | select(.gateway) | .dst][0] // empty' <<<"$routes")
  [[ -z $some ]] || not_yet "west knows a way to $some only, and none to the rest of the world."
  not_yet "west has no default route."
fi
[[ $gateway == 172.20.0.1 ]] || not_yet "The default route of west leads to $gateway, who is not the machine."
seen() { in-net internet -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'; }
before=$(seen)
status=0
in-net west -- ping -n -c 1 -W 1 203.0.113.1 >/dev/null 2>&1 || status=$?
((status <= 2)) || exit "$status"
after=$(seen)
if ((status == 0)); then
  ((after > before)) || not_yet "west got an answer, but not from the internet."
  pass "The internet answers west."
fi
((after == before)) || not_yet "The request of west reaches the internet, but with an address that cannot be answered there."
not_yet "west sends to the machine, but its request does not reach the internet."
