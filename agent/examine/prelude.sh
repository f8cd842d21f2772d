# What every check script begins with. The verbs are the only verdicts; a check that ends any other way is broken.
# shellcheck shell=bash
set -euo pipefail

# pass EVIDENCE: the task is done. Ends the check.
pass() { __drydock_say pass "$1"; exit 0; }
# not_yet EVIDENCE: the task is not done; EVIDENCE says what was seen and never the answer. Ends the check.
not_yet() { __drydock_say not-yet "$1"; exit 0; }
# value NAME VALUE: hands a value on to the tasks that need this one.
value() { __drydock_say value "$1" "$2"; }

# The token stands in the line that the agent puts before this file.
# shellcheck disable=SC2154
__drydock_say() { printf '%s\0' "$__drydock_token" "$1" "$2" "${3-}" >&4; }
