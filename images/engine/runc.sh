#!/bin/sh
# The runc that containerd finds: does without what only the host's own root may do. A shell finds runc itself.
root=/run/runc bundle='' previous='' lists=''
for argument; do
  case $previous in
    --root) root=$argument ;;
    --bundle) bundle=$argument ;;
  esac
  [ "$argument" = ps ] && lists=yes
  previous=$argument
done

# Without cgroups nothing lists a container's processes, and what its users run tells nobody its namespaces: they are the
# shim's descendants that are as many PID namespaces deep as its first. `docker top` asks, and a containerd that starts again.
if [ "$lists" ]; then
  init=$(/usr/bin/runc --root "$root" state "$previous" | jq .pid)
  cat /proc/[0-9]*/status 2> /dev/null | awk -v init="$init" '
    /^Pid:/ { pid = $2 }
    /^PPid:/ { parent[pid] = $2 }
    /^NSpid:/ { depth[pid] = NF }
    END {
      for (pid in parent) {
        for (up = pid; up && up != parent[init]; up = parent[up]);
        if (up && depth[pid] == depth[init]) print pid
      }
    }' | jq --slurp .
  exit
fi

if [ "$bundle" ]; then
  # A pod's sysfs is read-only, and the kernel allows no other beside it; `--privileged` asks for one.
  filter='.mounts |= map(if .type == "sysfs" then .options = (.options // []) - ["rw"] + ["ro"] else . end)'
  # Where cgroups are read-only (version 1), none can be made: there are no limits.
  [ -w /sys/fs/cgroup/cgroup.procs ] || filter="$filter | del(.linux.cgroupsPath, .linux.resources)"
  jq "$filter" "$bundle/config.json" > "$bundle/config.new" && mv "$bundle/config.new" "$bundle/config.json"
fi
exec /usr/bin/runc "$@"
