#!/bin/bash
set -euo pipefail
ip -n east route delete default
