#!/bin/bash
set -euo pipefail
sysctl -qw net.ipv4.ip_forward=0
