# shellcheck shell=bash
# The answer is the address of west's end, by west's own kernel.
links=$(in-net west -- ip -json link show dev eth0) || {
  (($? == 3)) || exit 1
  not_yet "There is no namespace named west now."
}
said=${ANSWER,,}
[[ $said =~ ^([0-9a-f]{2}:){5}[0-9a-f]{2}$ ]] || not_yet "That is not a hardware address: six pairs of letters and digits, with colons between."
[[ $said != "$(jq -r '.[0].address' <<<"$links")" ]] || pass "That is the address of west's own end of the cable."
east=$(in-net east -- ip -json link show dev eth0) || east='[]'
[[ $said != "$(jq -r '.[0].address // ""' <<<"$east")" ]] || not_yet "That one is behind the other cable: it is east's."
port=$(in-net -- ip -json link | jq -r --arg said "$said" '[.[] | select(.address == $said) | .ifname][0] // empty')
[[ -z $port ]] || not_yet "That is the address of $port on this side. The switch did not have to learn it."
not_yet "Nobody behind to-west has this address."
