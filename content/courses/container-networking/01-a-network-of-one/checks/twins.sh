# shellcheck shell=bash
# Somebody listens on 8080 in both networks, by the kernel's own list of sockets.
own=$(in-net -- ss -Hltn 'sport = :8080')
there=$(in-net island -- ss -Hltn) || {
  (($? == 3)) || exit 1
  not_yet "There is no namespace named island now."
}
island=$(awk '$4 ~ /:8080$/' <<<"$there")
if [[ -z $island && -n $there ]]; then
  ports=$(awk '{ sub(/.*:/, "", $4); print $4 }' <<<"$there" | sort -nu | paste -sd, -)
  not_yet "On the island somebody listens, but on port $ports."
fi
[[ -n $own || -n $island ]] || not_yet "Nobody listens on port 8080 in either network."
[[ -n $island ]] || not_yet "Port 8080 is taken in your shell's network only."
[[ -n $own ]] || not_yet "Port 8080 is taken on the island only."
pass "Port 8080 is taken twice, once in each network."
