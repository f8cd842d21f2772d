# shellcheck shell=bash
# P_HOST P_PORT P_NAME P_WHAT P_PATH P_STATUS P_HEADERS P_BODY_KIND P_BODY; P_ADDRESSES where the host is no name; P_DOOR is
# who is asked for the host, where that is not itself.
at="port $P_PORT of $P_NAME"
options=()
scheme=http
certificate=
if [[ -n ${P_DOOR:-} ]]; then
  options+=(--connect-to "$P_HOST:$P_PORT:$P_DOOR:$P_PORT")
  if [[ $P_PORT == 443 ]]; then
    scheme=https
    certificate=$(mktemp)
    trap 'rm -f "$certificate"' EXIT
    # Whoever signed it: the learner, as a rule. Whom it names is looked at below.
    options+=(--insecure --write-out "%output{$certificate}%{certs}")
  fi
fi
if [[ -n $P_ADDRESSES ]]; then options+=(--resolve "$P_HOST:$P_PORT:$P_ADDRESSES"); fi
while IFS= read -r header; do
  if [[ -n $header ]]; then options+=(--header "$header"); fi
done <<<"$P_HEADERS"
code=0
answer=$(curl --disable --silent --globoff --noproxy '*' --http1.1 --path-as-is --include --user-agent drydock-examiner \
  --connect-timeout 3 --max-time 5 "${options[@]}" -- "$scheme://$P_HOST:$P_PORT$P_PATH" | head -c 131072 | tr -d '\0') || code=$?
case $code in
  0 | 23) ;;
  6) not_yet "there is no $P_WHAT" ;;
  7) not_yet "nothing listens on $at" ;;
  35) not_yet "$at speaks no TLS" ;;
  28) not_yet "$at did not answer within 5 seconds" ;;
  1 | 8 | 18 | 52 | 56) not_yet "$at gave no whole answer in HTTP" ;;
  *) exit "$code" ;;
esac
if [[ -n $certificate ]]; then
  # As clients have it: a name of the certificate counts, its subject does not (RFC 9110, 4.3.4).
  names=$(sed -n '/Subject Alternative Name:/s/^[^:]*://p' "$certificate" | tr -d ' ' | tr , '\n')
  named=
  while IFS= read -r name; do
    if [[ ${name,,} == "dns:$P_HOST" || ${name,,} == "dns:*.${P_HOST#*.}" ]]; then named=yes; fi
  done <<<"$names"
  [[ -n $named ]] || not_yet "the certificate on port 443 does not name $P_HOST"
fi
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
