# shellcheck shell=bash
# A request from each side is answered, and the other side's own kernel has counted it.
requests() { # NAMESPACE: echo requests that have reached it (the names stand in one line, the counts in the next)
  in-net "$1" -- cat /proc/net/snmp | awk '/^Icmp: /{ if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }'
}
gone() { # NAME STATUS: what a helper's end says of a namespace that was there
  (($2 == 3)) || exit 1
  not_yet "There is no namespace named $1 now."
}
asks() { # FROM TO ADDRESS
  local from=$1 to=$2 address=$3 before after said status=0
  before=$(requests "$to") || gone "$to" $?
  said=$(in-net "$from" -- ping -n -c 1 -W 1 "$address" 2>&1) || status=$?
  case $status in
  0) ;;
  1) not_yet "$from sent a request to the other side and got no answer within a second." ;;
  3) gone "$from" 3 ;;
  2) not_yet "$from cannot send to the other side at all: ${said%%$'\n'*}" ;;
  *) exit "$status" ;; # a signal, or no ping: ours to mend
  esac
  after=$(requests "$to")
  ((after > before)) || not_yet "$from got an answer, but no request has reached $to: somebody else answers."
}
asks red blue 192.168.77.2
asks blue red 192.168.77.1
pass "red and blue answer each other."
