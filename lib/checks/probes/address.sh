# shellcheck shell=bash
# Tells where a machine is in the pod network: its addresses, joined by commas.
own=$(ip -4 -o addr show scope global | awk '$2 == "eth0" { sub("/.*", "", $4); print $4 }' | paste -sd, -)
value address "$own"
pass "its addresses"
