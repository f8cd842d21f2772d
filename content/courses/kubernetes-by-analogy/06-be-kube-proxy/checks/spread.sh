# shellcheck shell=bash
# Twelve connections, counted by the kernels of those who accepted them.
for name in client pod1 pod2 pod3; do
  in-net "$name" -- true || {
    (($? == 3)) || exit 1
    not_yet "There is no namespace named $name."
  }
done
opens() { in-net "$1" -- cat /proc/net/snmp | awk '/^Tcp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "PassiveOpens") column = i } else print $column }'; }
holder=$(in-net -- ip -json -4 address show | jq -r '[.[] | select(any(.addr_info[]?; .local == "10.60.0.80")) | .ifname][0] // empty')
[[ -z $holder ]] || not_yet "10.60.0.80 is an address of the machine now (on $holder). The address of a Service belongs to nobody."
before=("$(opens pod1)" "$(opens pod2)" "$(opens pod3)")
for _ in {1..12}; do
  status=0
  in-net client -- nc -z -w 1 10.60.0.80 80 >/dev/null 2>&1 || status=$?
  ((status <= 1)) || exit "$status"
  ((status == 0)) || not_yet "A visit of client to 10.60.0.80 gets no connection."
done
after=("$(opens pod1)" "$(opens pod2)" "$(opens pod3)")
idle=()
for i in 0 1 2; do
  ((after[i] > before[i])) || idle+=("pod$((i + 1))")
done
((${#idle[@]} < 3)) || not_yet "10.60.0.80 answers, but none of the Pods was visited."
((${#idle[@]} == 0)) || not_yet "Of twelve visits, none reached ${idle[*]}."
for i in 0 1 2; do value "pod$((i + 1))" "$((after[i] - before[i])) of 12"; done
pass "Twelve visits reached all three Pods."
