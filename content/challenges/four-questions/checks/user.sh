# shellcheck shell=bash
[[ $ANSWER =~ ^[0-9]+$ ]] || not_yet "The kernel knows users by numbers, not by names."
[[ $ANSWER == "$NEED_RUNS_UID" ]] && pass "For the kernel it is number $ANSWER."
[[ $ANSWER != 0 ]] || not_yet "0 is root, and the server is not root's."
not_yet "The server does not belong to number $ANSWER."
