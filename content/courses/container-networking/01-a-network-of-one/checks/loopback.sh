# shellcheck shell=bash
in-net island -- true || {
  (($? == 3)) || exit 1
  not_yet "There is no namespace named island now."
}
loopback=$(in-net island -- ip -json address show dev lo)
if jq -e '.[0].flags | index("UP")' <<<"$loopback" >/dev/null; then
  count=$(jq '[.[0].addr_info[]? | select(.local == "127.0.0.1")] | length' <<<"$loopback")
  ((count > 0)) || not_yet "The loopback of island is up, but it has lost its address 127.0.0.1."
  pass "The loopback of island is up and has the address 127.0.0.1."
fi
not_yet "The loopback of island is down. (The one in your shell's network is another one.)"
