#@ evidence The loopback of island is down.
ip netns add island
ip link set dev lo up
