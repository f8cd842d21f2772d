#@ evidence to-west, the end of the cable to west, is not plugged into a bridge.
ip netns add east
ip netns add west
ip link add to-east up type veth peer name eth0 netns east
ip link add to-west up type veth peer name eth0 netns west
ip -n east address add 172.20.0.2/24 dev eth0
ip -n west address add 172.20.0.3/24 dev eth0
ip -n east link set dev eth0 up
ip -n west link set dev eth0 up
ip link add switch up type bridge
ip link set dev to-east master switch
