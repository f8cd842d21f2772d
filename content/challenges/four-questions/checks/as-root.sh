# shellcheck shell=bash
procs | jq -en '[inputs | select((.cmdline | test("python3 -m http\\.server")) and .innerPid == 1 and .uid == 0)] | length > 0' >/dev/null ||
  not_yet "No server runs as root."
pass "A server runs as root."
