#!/bin/bash
set -euo pipefail
# The route is there, and leads to a neighbour who passes nothing on.
ip -n east route replace default via 172.20.0.3
