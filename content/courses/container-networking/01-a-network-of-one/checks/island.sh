# shellcheck shell=bash
# A named namespace, and not merely another name for the machine's own.
own=$(stat -Lc %i /proc/self/ns/net)
inode=$(netns | jq -r '.[] | select(.name == "island") | .inode')

[[ -n $inode ]] || {
  names=$(netns | jq -r '[.[].name] | join(", ")')
  [[ -z $names ]] || not_yet "There is a named network namespace, but under another name: $names."
  nameless=$(procs | jq -rn --argjson own "$own" '[inputs | select(.netns != $own) | .comm][0] // empty')
  [[ -z $nameless ]] || not_yet "A process ($nameless) has a network of its own, but that network has no name. It goes away with the process."
  not_yet "This machine has no named network namespace."
}
[[ $inode != "$own" ]] || not_yet "The name island belongs to the machine's own network. It is not a new one."
pass "island is a network of its own (number $inode)."
