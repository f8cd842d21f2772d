#@ evidence The machine passes on IPv6 packets, but not those of IPv4.
sysctl -w net.ipv6.conf.all.forwarding=1
