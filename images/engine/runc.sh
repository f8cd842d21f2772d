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

# Without cgroups, which make a list of a container's processes, its PID namespace does. Both `docker top` and a containerd
# that was restarted ask for it.
if [ "$lists" ]; then
  init=$(/usr/bin/runc --root "$root" state "$previous" | jq .pid)
  namespace=$(readlink "/proc/$init/ns/pid") || exit 1
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/ns/pid")" = "$namespace" ] && echo "${process#/proc/}"
  done | jq --slurp .
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
