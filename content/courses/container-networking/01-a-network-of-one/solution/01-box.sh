ip netns add island
#@ wait island
ip netns exec island ip link set dev lo up
ip netns exec island ping -c 1 127.0.0.1
#@ wait loopback
