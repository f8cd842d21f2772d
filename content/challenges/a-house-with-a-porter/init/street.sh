#!/bin/bash
# The internet: one namespace, with a cable whose loose end lies there, too.
set -euo pipefail
ip netns add internet
ip -n internet link add street type veth peer name eth0
ip -n internet address add 198.51.100.1/24 dev eth0
ip -n internet link set dev eth0 up
