#!/bin/bash
set -euo pipefail
nft flush chain ip nat out
