#@ evidence in the machine's own network, not to the other namespace.
ip netns add red
ip netns add blue
ip link add middle type bridge
ip link set dev middle up
ip link add one type veth peer name one-out
ip link add two type veth peer name two-out
ip link set dev one netns red
ip link set dev two netns blue
ip link set dev one-out master middle up
ip link set dev two-out master middle up
