# shellcheck shell=bash
# Two named namespaces, apart from each other and from the machine's own.
own=$(stat -Lc %i /proc/self/ns/net)
all=$(netns)
inode() { jq -r --arg name "$1" '.[] | select(.name == $name) | .inode' <<<"$all"; }
red=$(inode red)
blue=$(inode blue)

if [[ -z $red && -z $blue ]]; then
  names=$(jq -r '[.[].name] | join(", ")' <<<"$all")
  [[ -z $names ]] || not_yet "The named network namespaces here are: $names. Neither is red or blue."
  nameless=$(procs | jq -rn --argjson own "$own" '[inputs | select(.netns != $own) | .comm][0] // empty')
  [[ -z $nameless ]] || not_yet "A process ($nameless) has a network of its own, but that network has no name."
  not_yet "There is no named network namespace yet."
fi
[[ -n $blue ]] || not_yet "There is red, but no blue."
[[ -n $red ]] || not_yet "There is blue, but no red."
[[ $red != "$blue" ]] || not_yet "red and blue are two names of the same network namespace."
[[ $red != "$own" ]] || not_yet "red is only another name of the machine's own network."
[[ $blue != "$own" ]] || not_yet "blue is only another name of the machine's own network."
pass "red and blue are two networks (numbers $red and $blue)."
