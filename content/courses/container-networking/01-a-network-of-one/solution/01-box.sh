ip netns add island
#@ wait island
ip netns exec island ip link set dev lo up
#@ wait loopback
(ss -Hltn | grep -q :8080 || socat -U TCP-LISTEN:8080,fork EXEC:"echo from the shell" &)
(ip netns exec island socat -U TCP-LISTEN:8080,fork EXEC:"echo from the island" &)
#@ wait twins
