# shellcheck shell=bash
# The kernel's word: an nginx that has a list of processes of its own, which it leads.
shell=$(stat -Lc %i /proc/self/ns/net)
masters=$(procs | jq -c 'select(.comm == "nginx" and (.cmdline | startswith("nginx: master")))')
[[ -n $masters ]] || not_yet "No nginx runs on this machine."
led=$(jq -rn --argjson own "$shell" '[inputs | select(.innerPid == 1 and .netns != $own) | .pid][0] // empty' <<<"$masters")
if [[ -z $led ]]; then
  jq -en --argjson own "$shell" '[inputs | select(.innerPid == 1 and .netns == $own)] | length > 0' <<<"$masters" >/dev/null &&
    not_yet "nginx runs in a container that uses the network of the machine."
  not_yet "An nginx runs, but not in a container. It sees every process of the machine."
fi
pass "nginx runs, and inside of its container it is number 1."
