#@ evidence That one is behind the other cable: it is east's.
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
ip link set dev to-west master switch
#@ wait switch
#@ answer learned $(ip -n east -json link show dev eth0 | jq -r '.[0].address')
