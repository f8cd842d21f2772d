#@ evidence On the island somebody listens, but on port 8081.
ip netns add island
(socat -U TCP-LISTEN:8080,fork EXEC:"echo from the shell" &)
(ip netns exec island socat -U TCP-LISTEN:8081,fork EXEC:"echo from the island" &)
