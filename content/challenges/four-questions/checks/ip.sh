# shellcheck shell=bash
[[ $ANSWER =~ ^[0-9]+(\.[0-9]+){3}$ ]] || not_yet "An IPv4 address is four numbers with dots between them, and nothing after."
[[ $ANSWER != 127.* && $ANSWER != 0.0.0.0 ]] || not_yet "From the machine, $ANSWER leads to the machine itself."
[[ $ANSWER == "$NEED_RUNS_IP" ]] && pass "There it answers."
ends=$(in-net -- ip -json -4 address | jq -r '.[].addr_info[].local')
if grep -qxF "$ANSWER" <<<"$ends"; then not_yet "$ANSWER is the machine's own end of the cable."; fi
not_yet "Nobody has the address $ANSWER."
