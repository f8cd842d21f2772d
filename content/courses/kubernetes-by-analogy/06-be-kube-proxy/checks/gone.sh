# shellcheck shell=bash
for name in client pod1 pod2 pod3; do
  in-net "$name" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $name."
  }
done
opens() { in-net "$1" -- cat /proc/net/snmp | awk '/^Tcp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "PassiveOpens") column = i } else print $column }'; }
holder=$(in-net -- ip -json -4 address show | jq -r '[.[] | select(any(.addr_info[]?; .local == "10.60.0.80")) | .ifname][0] // empty')
[[ -z $holder ]] || not_yet "10.60.0.80 is an address of the machine now (on $holder). The address of a Service belongs to nobody."
plug=$(in-net pod3 -- ip -json link show dev eth0)
! jq -e '.[0].flags | index("LOWER_UP")' <<<"$plug" >/dev/null || not_yet "pod3 is still there: its cable is plugged in and on."
before=$(($(opens pod1) + $(opens pod2)))
# So many that a rule which still knows pod3, a third of the time, is not missed by luck.
visits='for _ in {1..40}; do nc -z -w 1 10.60.0.80 80 || exit 1; done'
for place in client machine; do
  status=0
  if [[ $place == client ]]; then
    in-net client -- bash -c "$visits" >/dev/null 2>&1 || status=$?
  else
    in-net -- bash -c "$visits" >/dev/null 2>&1 || status=$?
  fi
  ((status <= 1)) || exit "$status"
  ((status == 0)) || not_yet "A visit from the $place gets no connection: its rule still knows somebody who is gone."
done
after=$(($(opens pod1) + $(opens pod2)))
((after >= before + 80)) || not_yet "Visits are answered, but not by pod1 and pod2."
pass "pod3 is gone, and eighty visits reached the other two."
