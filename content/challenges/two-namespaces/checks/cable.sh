# shellcheck shell=bash
# Each of the two ends names the other as its peer: by its number, and by the namespace in which that number counts.
gone() { # NAME STATUS: what a helper's end says of a namespace that was there
  (($2 == 3)) || exit 1
  not_yet "There is no namespace named $1 now."
}
red=$(in-net red -- ip -json -details link show) || gone red $?
blue=$(in-net blue -- ip -json -details link show) || gone blue $?
own=$(in-net -- ip -json -details link show)
ids=$(netns) # after the links were listed: that is when the kernel numbers namespaces for each other

# First line: the verdict. Second: what was seen.
mapfile -t found < <(jq -rn --argjson red "$red" --argjson blue "$blue" --argjson own "$own" --argjson ids "$ids" '
  def kind: .linkinfo.info_kind // "of no kind";
  def plugs: map(select(.ifname and .ifname != "lo"));
  def names: map(.ifname) | join(" and ");
  # The number under which one named namespace knows another, or null.
  def number($of; $other): [$ids[] | select(.name == $of) | .ids[$other]][0];
  # Cables with one end in each: link_index is the number of the peer, link_netnsid says in which namespace.
  def cables($a; $b; $there; $back): [$a[] as $x | $b[] as $y
    | select(($x | kind) == "veth" and ($y | kind) == "veth")
    | select($x.link_index == $y.ifindex and $y.link_index == $x.ifindex)
    | select($x.link_netnsid != null and ($there == null or $x.link_netnsid == $there))
    | select($y.link_netnsid != null and ($back == null or $y.link_netnsid == $back)) | [$x.ifname, $y.ifname]];
  ($red | plugs) as $red | ($blue | plugs) as $blue | ($own | plugs | map(select(.ifname != "eth0"))) as $own
  | number("red"; "blue") as $there | number("blue"; "red") as $back
  | (if $there == null or $back == null then [] else cables($red; $blue; $there; $back) end) as $cables
  | [{side: "red", links: $red}, {side: "blue", links: $blue}] as $sides
  | ([ # the most telling thing first
      ($sides[] | select(.links | any(kind == "veth" and .link))
        | "A cable has both of its ends in \(.side): \(.links | map(select(kind == "veth" and .link)) | names)."),
      ($sides[] | .side as $side | cables(.links; $own; null; null)[]
        | "The interface \(.[0]) in \($side) leads to \(.[1]) in the machine\u0027s own network, not to the other namespace."),
      ($red + $blue | map(select(kind == "veth")) | select(length > 0)
        | "There is an end of a cable (\(names)), but no cable joins red and blue."),
      ($red + $blue | select(length > 0)
        | "No end of a cable is in red or blue. Found instead: \(map("\(.ifname) (\(kind))") | join(", "))."),
      ($own | map(select(kind == "veth")) | select(length > 0)
        | "There is a cable, but it lies in the machine\u0027s own network: \(names)."),
      "There is no cable yet."
    ][0]) as $instead
  | if ($cables | length) == 1 then "pass", "\($cables[0][0]) in red and \($cables[0][1]) in blue are the two ends of one cable."
    elif ($cables | length) > 1 then "not-yet", "There are \($cables | length) cables between red and blue."
    else "not-yet", $instead end')

[[ ${#found[@]} == 2 ]] || exit 1
[[ ${found[0]} != pass ]] || pass "${found[1]}"
not_yet "${found[1]}"
