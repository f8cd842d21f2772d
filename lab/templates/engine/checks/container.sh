# shellcheck shell=bash
# What an engine says belongs to the learner; a process and its network are the kernel's to tell.
own=$(procs | jq -rn '[inputs | select(.innerPid == 1) | .netns][0]')
found=$(procs | jq -rn '[inputs | select(.comm == "nginx") | .netns] | unique | map(tostring) | join(" ")')
[[ -n $found ]] || not_yet "No nginx runs in this machine."
[[ $found != "$own" ]] || not_yet "nginx runs in the network of the machine itself."
pass "nginx runs in a network of its own."
