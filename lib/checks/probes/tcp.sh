# shellcheck shell=bash
# P_HOST P_PORT P_NAME P_WHAT P_OPEN; P_ADDRESSES where the host is no name.
at="port $P_PORT of $P_NAME"
hosts=("$P_HOST")
if [[ -n $P_ADDRESSES ]]; then IFS=, read -ra hosts <<<"$P_ADDRESSES"; fi
open=false
for host in "${hosts[@]}"; do
  code=0
  said=$(timeout 5 nc -v -z -w 3 -- "${host//[\[\]]/}" "$P_PORT" 2>&1) || code=$?
  # A machine without IPv6 has no such address.
  if [[ $host == "[::1]" && $said == *"Cannot assign"* ]]; then continue; fi
  case $code:$said in
    0:*) open=true ;;
    1:*refused* | 1:*unreachable* | 1:*"No route"* | 1:*"timed out"* | 1:*"in progress"* | 124:*) ;;
    1:*"not known"* | 1:*"No address"* | 1:*"ailure in name resolution"*)
      if [[ $P_OPEN == true ]]; then not_yet "there is no $P_WHAT"; fi ;;
    *) printf '%s\n' "$said" >&2; exit 1 ;;
  esac
done
if [[ $open == "$P_OPEN" ]]; then verb=pass; else verb=not_yet; fi
if [[ $open == true ]]; then "$verb" "$at takes connections"; else "$verb" "nothing takes connections on $at"; fi
