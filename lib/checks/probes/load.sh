# shellcheck shell=bash
# P_SOCKET P_URL P_RATE P_LAST; P_FAILED where it is to be judged.
counts=$(/.drydock/agent load "$P_SOCKET" "$P_URL" "$P_RATE" "$P_LAST")
read -r _ _ recent recent_failed <<<"$counts"
if ((recent < P_LAST)); then
  # In tenths: a line that changes with every request would be told a hundred times.
  tenths=$((recent * 10 / P_LAST))
  not_yet "$((tenths * 10)) % of $P_LAST requests are sent, and $recent_failed failed"
fi
if ((recent_failed > P_FAILED)); then not_yet "$recent_failed of the last $recent requests failed"; fi
pass "$recent_failed of the last $recent requests failed"
