#@ evidence The loopback of island is down.
ip netns add island
ip -n island address add 127.0.0.1/8 dev lo
