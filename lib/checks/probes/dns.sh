# shellcheck shell=bash
# P_LOOKUP P_TYPE; P_INCLUDES one a line; P_COUNT or nothing.
code=0
said=$(dig +search +tries=2 +time=2 +noall +comments +answer -t "$P_TYPE" -q "$P_LOOKUP" | head -c 65536) || code=$?
case $code in
  0) ;;
  9) not_yet "no name server answers" ;;
  *) exit "$code" ;;
esac
[[ $said =~ status:\ ([A-Z0-9]+) ]] || exit 1
status=${BASH_REMATCH[1]}
case $status in
  NOERROR | NXDOMAIN) ;;
  *) not_yet "the name server answers $status to $P_LOOKUP" ;;
esac
found=$(awk -v type="$P_TYPE" '!/^;/ && $4 == type { line = $5; for (i = 6; i <= NF; i++) line = line " " $i; gsub(/"/, "", line); sub(/\.$/, "", line); print tolower(line) }' <<<"$said")
count=0
if [[ -n $found ]]; then count=$(wc -l <<<"$found"); fi
if (( count == 0 )); then
  seen="$P_LOOKUP leads nowhere"
  if [[ $status == NXDOMAIN ]]; then seen="there is no name $P_LOOKUP"; fi
else
  seen="$P_LOOKUP gives $(paste -sd, - <<<"$found" | sed 's/,/, /g')"
fi
if [[ -n $P_COUNT ]]; then
  if (( count != P_COUNT )); then not_yet "$seen"; fi
elif (( count == 0 )); then
  not_yet "$seen"
fi
while IFS= read -r wanted; do
  if [[ -z $wanted ]]; then continue; fi
  wanted=${wanted,,}
  awk -v wanted="${wanted%.}" '$0 == wanted || $NF == wanted { hit = 1 } END { exit !hit }' <<<"$found" || not_yet "$seen"
done <<<"$P_INCLUDES"
pass "$seen"
