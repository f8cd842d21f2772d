# shellcheck shell=bash
# Debian's numbers for the names that can be drawn, as the image has them (base-passwd).
declare -A numbers=([games]=5 [mail]=8 [news]=9 [www-data]=33 [backup]=34 [list]=38 [irc]=39)
servers=$(procs | jq -c 'select(.cmdline | test("^(/usr/local/bin/)?python3 -m http\\.server 8000"))')
[[ -n $servers ]] || not_yet "No process serves with python3 -m http.server 8000."
inside=$(jq -c 'select(.innerPid == 1)' <<<"$servers")
[[ -n $inside ]] || not_yet "The server runs, but it is not the first process of a container."
one=$(jq -cn '[inputs][0]' <<<"$inside")
uid=$(jq -r .uid <<<"$one")
[[ $uid != 0 ]] || not_yet "The server runs in a container, and as root."
[[ $uid == "${numbers[$VAR_USER]}" ]] || not_yet "The server runs in a container, as the user with the number $uid, which is not $VAR_USER."
pid=$(jq -r .pid <<<"$one")
value pod-pid "$pid"
value uid "$uid"
value pid "$(awk '/^NSpid:/ { print $(NF - 1) }' "/proc/$pid/status")"
value ip "$(in-net "pid:$pid" -- ip -json -4 address show dev eth0 | jq -r '.[0].addr_info[0].local // "none"')"
pass "The server runs in a container, as $VAR_USER."
