#!/bin/sh
# Started when somebody first connects to /run/docker.sock, which is descriptor 3 (sd_listen_fds(3)).
exec >> /var/log/dockerd.log 2>&1
# `--rootless` means: do without what only the host's own root may do, as cgroups and lower OOM scores. It wants to be told
# of RootlessKit, which is not needed: the user and network namespaces are the pod's.
export LISTEN_PID=$$ ROOTLESSKIT_STATE_DIR=/run/rootlesskit XDG_RUNTIME_DIR=/run
mkdir -p "$ROOTLESSKIT_STATE_DIR"
exec dockerd --rootless --host fd:// --containerd /run/containerd/containerd.sock \
  --config-file /etc/docker/daemon.json --data-root /var/lib/docker --exec-root /run/docker --pidfile /run/docker.pid
