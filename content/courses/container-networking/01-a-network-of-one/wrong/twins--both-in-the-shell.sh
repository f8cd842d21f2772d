#@ evidence Port 8080 is taken in your shell's network only.
ip netns add island
(socat -U TCP-LISTEN:8080,fork EXEC:"echo from the shell" &)
(socat -U TCP-LISTEN:8080,fork EXEC:"echo from the island" &)
