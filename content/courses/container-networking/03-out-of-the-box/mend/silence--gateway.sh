ip -n east route replace default via 172.20.0.1
