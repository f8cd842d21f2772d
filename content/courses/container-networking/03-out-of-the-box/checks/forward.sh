# shellcheck shell=bash
# The kernel's own setting, in the machine's network.
if [[ $(in-net -- cat /proc/sys/net/ipv4/ip_forward) == 1 ]]; then
  for link in switch uplink; do
    setting=$(in-net -- cat "/proc/sys/net/ipv4/conf/$link/forwarding" 2>/dev/null) || continue
    [[ $setting == 1 ]] || not_yet "The machine passes packets on, but not those that come in by $link."
  done
  pass "The machine passes on packets that are not for itself."
fi
for island in east west; do
  setting=$(in-net "$island" -- cat /proc/sys/net/ipv4/ip_forward) || {
    (($? == 3)) || exit 1
    continue
  }
  [[ $setting != 1 ]] || not_yet "The island $island passes packets on, but the machine does not. Each network namespace has its own setting."
done
[[ $(in-net -- cat /proc/sys/net/ipv6/conf/all/forwarding) != 1 ]] || not_yet "The machine passes on IPv6 packets, but not those of IPv4."
not_yet "The machine throws away packets that are not for itself."
