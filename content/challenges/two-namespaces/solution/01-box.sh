ip netns add red
ip netns add blue
ip link add red-end netns red type veth peer name blue-end netns blue
ip -n red address add 192.168.77.1/24 dev red-end
ip -n blue address add 192.168.77.2/24 dev blue-end
ip -n red link set dev red-end up
ip -n blue link set dev blue-end up
