#@ evidence A cable has both of its ends in red
ip netns add red
ip netns add blue
ip -n red link add one type veth peer name two
