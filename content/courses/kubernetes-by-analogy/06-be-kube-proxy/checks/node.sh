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
before=$(($(opens pod1) + $(opens pod2) + $(opens pod3)))
# While a Pod is gone and the rules do not know, some visits fail: one of four that succeeds is enough.
for _ in 1 2 3 4; do
  status=0
  in-net -- nc -z -w 1 10.60.0.80 80 >/dev/null 2>&1 || status=$?
  ((status <= 1)) || exit "$status"
  ((status != 0)) || break
done
((status == 0)) || not_yet "What the machine itself sends to 10.60.0.80 gets no connection: its own packets do not come in."
after=$(($(opens pod1) + $(opens pod2) + $(opens pod3)))
((after > before)) || not_yet "10.60.0.80 answers the machine, but none of the Pods was visited."
pass "A visit of the machine itself reached a Pod."
