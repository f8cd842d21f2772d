#!/bin/bash
# ctr reads no configuration: where images come from is an option of its own, which what is typed later overrides.
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
  'i pull' | 'image pull' | 'images pull')
    options+=("$1" "$2" --hosts-dir /etc/containerd/certs.d)
    shift 2
    ;;
esac
exec /usr/bin/ctr "${options[@]}" "$@"
