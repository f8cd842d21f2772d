# shellcheck shell=bash
# Each end of the cable between red and blue has its own address, in one network, and is switched on.
gone() { # NAME STATUS: what a helper's end says of a namespace that was there
  (($2 == 3)) || exit 1
  not_yet "There is no namespace named $1 now."
}
red=$(in-net red -- ip -json -details address show) || gone red $?
blue=$(in-net blue -- ip -json -details address show) || gone blue $?
ids=$(netns) # after the links were listed: that is when the kernel numbers namespaces for each other

# What is missing first, or nothing.
missing=$(jq -rn --argjson red "$red" --argjson blue "$blue" --argjson ids "$ids" '
  def inet: [.addr_info[]? | select(.family == "inet")];
  # The number under which one named namespace knows another, or null.
  def number($of; $other): [$ids[] | select(.name == $of) | .ids[$other]][0];
  # The end in the first list whose peer is in the second, which the first knows as $number.
  def near($here; $there; $number): [$here[] as $x | $there[] as $y
    | select($x.linkinfo.info_kind? == "veth" and $y.linkinfo.info_kind? == "veth")
    | select($x.link_netnsid != null and $x.link_netnsid == $number)
    | select($x.link_index == $y.ifindex and $y.link_index == $x.ifindex) | $x][0];
  def judge($side; $links; $plug; $mine; $theirs):
    ($plug | inet) as $here
    | ([$links[] | select(.ifname and .ifname != $plug.ifname) | inet[]]) as $elsewhere
    | ([$here[] | select(.local == $mine)][0]) as $address
    | "\($side) (\($plug.ifname))" as $place
    | if any($here[]; .local == $theirs) then "The end in \($place) has the address that belongs to the other end."
      elif any($elsewhere[]; .local == $theirs) then "\($side) also holds the address of the other side, so it would only talk to itself."
      elif $address == null and any($elsewhere[]; .local == $mine) then
        "\($side) has its address, but on another interface, not on its end of the cable (\($plug.ifname))."
      elif $address == null and ($here | length) == 0 then "The end in \($place) has no address yet."
      elif $address == null then
        "The end in \($place) has another address than the one asked for: \($here | map("\(.local)/\(.prefixlen)") | join(", "))."
      elif $address.prefixlen == 32 then "The address in \($side) has the length /32: a network with nobody else in it."
      elif $address.prefixlen != 24 then "The address in \($side) has the length /\($address.prefixlen): that is another network than the one asked for."
      elif ($plug.flags | index("UP")) == null then "The end in \($place) has its address, but is down."
      else empty end;
  near($red; $blue; number("red"; "blue")) as $red_end | near($blue; $red; number("blue"; "red")) as $blue_end
  | if $red_end == null then "The cable between red and blue is gone."
    else first(
      judge("red"; $red; $red_end; "192.168.77.1"; "192.168.77.2"),
      judge("blue"; $blue; $blue_end; "192.168.77.2"; "192.168.77.1")) end')

[[ -z $missing ]] || not_yet "$missing"
pass "Each end is up and has its own address, both in one network."
