#!/bin/bash
# ctr reads no configuration: what this machine needs is given to it as options, which what is typed later overrides.
options=()
while [[ ${1-} == -* ]]; do
  options+=("$1")
  case $1 in
    -a | --address | -n | --namespace | --timeout | --connect-timeout)
      options+=("${2-}")
      shift
      ;;
  esac
  shift
done
case "${1-} ${2-}" in
  'run '*)
    options+=(run)
    # A container would get a cgroup of its own, where there is none to be had.
    [[ -w /sys/fs/cgroup ]] || options+=(--cgroup '')
    shift
    ;;
  'i pull' | 'image pull' | 'images pull')
    options+=("$1" "$2" --hosts-dir /etc/containerd/certs.d)
    shift 2
    ;;
esac
exec /usr/bin/ctr "${options[@]}" "$@"
