# shellcheck shell=bash
# P_HOST P_PORT P_NAME P_WHAT P_PATH P_STATUS P_HEADERS P_BODY_KIND P_BODY; P_ADDRESSES where the host is no name.
at="port $P_PORT of $P_NAME"
options=()
if [[ -n $P_ADDRESSES ]]; then options+=(--resolve "$P_HOST:$P_PORT:$P_ADDRESSES"); fi
while IFS= read -r header; do
  if [[ -n $header ]]; then options+=(--header "$header"); fi
done <<<"$P_HEADERS"
code=0
answer=$(curl --disable --silent --globoff --noproxy '*' --http1.1 --path-as-is --include --user-agent drydock-examiner \
  --connect-timeout 3 --max-time 5 "${options[@]}" -- "http://$P_HOST:$P_PORT$P_PATH" | head -c 131072 | tr -d '\0') || code=$?
case $code in
  0 | 23) ;;
  6) not_yet "there is no $P_WHAT" ;;
  7) not_yet "nothing listens on $at" ;;
  28) not_yet "$at did not answer within 5 seconds" ;;
  1 | 8 | 18 | 52 | 56) not_yet "$at gave no whole answer in HTTP" ;;
  *) exit "$code" ;;
esac
[[ $answer =~ ^HTTP/[0-9.]+\ ([0-9]{3}) ]] || not_yet "what answers on $at does not speak HTTP"
status=${BASH_REMATCH[1]}
[[ $status == "$P_STATUS" ]] || not_yet "$at answers with status $status"
if [[ -n $P_BODY_KIND ]]; then
  code=0
  printf '%s' "${answer#*$'\r\n\r\n'}" | /.drydock/agent match "$P_BODY_KIND" "$P_BODY" || code=$?
  case $code in
    0) ;;
    3) not_yet "$at answers with status $status, but with another text" ;;
    *) exit "$code" ;;
  esac
fi
pass "$at answers with status $status"
