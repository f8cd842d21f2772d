#@ evidence in the machine's own network, not to the other namespace.
ip netns add red
ip netns add blue
ip link add one type veth peer name two
ip link set dev one netns red
