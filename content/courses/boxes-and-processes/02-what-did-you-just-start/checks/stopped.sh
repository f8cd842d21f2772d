# shellcheck shell=bash
running=$(procs | jq -rn '[inputs | select(.comm == "nginx" and .innerPid == 1)] | length')
((running == 0)) || not_yet "nginx still runs in its container."
kept=$(in-root --list /var/lib/docker/containers 2>/dev/null || true)
[[ -n $kept ]] || not_yet "Nothing runs, and no container is left. It was removed, not only stopped."
pass "No process is left, but the container's folder is."
