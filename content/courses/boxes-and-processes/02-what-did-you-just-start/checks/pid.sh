# shellcheck shell=bash
# In the line NSpid the last number is the container's, the one before it the machine's.
[[ $ANSWER =~ ^[0-9]+$ ]] || not_yet "A PID is a whole number."
numbers() { procs | jq -r "select($1) | .pid" | while read -r pid; do awk '/^NSpid:/ { print $(NF - 1) }' "/proc/$pid/status"; done; }
masters=$(numbers '.comm == "nginx" and .innerPid == 1')
[[ -n $masters ]] || not_yet "No nginx runs in a container at the moment, so it has no PID."
if grep -qx "$ANSWER" <<<"$masters"; then
  value pid "$ANSWER"
  pass "On the machine it is number $ANSWER."
fi
[[ $ANSWER != 1 ]] || not_yet "1 is its number for the container, not for the machine."
workers=$(numbers '.comm == "nginx" and .innerPid != 1')
if grep -qx "$ANSWER" <<<"$workers"; then not_yet "$ANSWER is a worker. The master started it."; fi
not_yet "$ANSWER is no process of nginx."
