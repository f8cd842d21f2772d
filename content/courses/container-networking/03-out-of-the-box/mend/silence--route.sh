ip -n east route add default via 172.20.0.1
