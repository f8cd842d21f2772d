# shellcheck shell=bash
[[ $ANSWER =~ ^[0-9]+$ ]] || not_yet "A PID is a whole number."
[[ $ANSWER == "$NEED_RUNS_PID" ]] && pass "That is its PID on the machine."
[[ $ANSWER != 1 ]] || not_yet "1 is its number for the container."
parent=$(procs | jq -rn --argjson pid "$NEED_RUNS_POD_PID" '[inputs | select(.pid == $pid) | .ppid][0]')
outer=$(awk '/^NSpid:/ { print $NF }' "/proc/$parent/status" 2>/dev/null || true)
[[ $ANSWER != "$outer" ]] || not_yet "$ANSWER is the program that started the container and watches over it."
not_yet "$ANSWER is another process, or none."
