[ -e /run/netns/client ] || {
  ip link add switch up type bridge
  ip address add 10.50.7.1/24 dev switch
  for i in 1 2 3; do ip netns add pod$i; ip link add to-pod$i up master switch type veth peer name eth0 netns pod$i; ip -n pod$i link set dev eth0 up; ip -n pod$i address add 10.50.7.1$i/24 dev eth0; ip -n pod$i route add default via 10.50.7.1; (ip netns exec pod$i socat -U TCP-LISTEN:8080,fork,reuseaddr EXEC:"echo pod$i" &); done
  ip netns add client
  ip link add to-client up type veth peer name eth0 netns client
  ip address add 10.50.9.1/24 dev to-client
  ip -n client address add 10.50.9.2/24 dev eth0
  ip -n client link set dev eth0 up
  ip -n client route add default via 10.50.9.1
  sysctl -w net.ipv4.ip_forward=1
  nft add table ip services
  nft add chain ip services in '{ type nat hook prerouting priority dstnat; }'
  nft add rule ip services in ip daddr 10.60.0.80 tcp dport 80 dnat to numgen random mod 3 map '{ 0 : 10.50.7.11 . 8080, 1 : 10.50.7.12 . 8080, 2 : 10.50.7.13 . 8080 }'
}
#@ wait spread
nft add chain ip services own '{ type nat hook output priority dstnat; }'
#@ survives the rule for two copies, at the end, brings the node there, too
nft add rule ip services own ip daddr 10.60.0.80 tcp dport 80 dnat to numgen random mod 3 map '{ 0 : 10.50.7.11 . 8080, 1 : 10.50.7.12 . 8080, 2 : 10.50.7.13 . 8080 }'
#@ wait node
ip link set dev to-pod3 down
nft flush chain ip services in
nft flush chain ip services own
nft add rule ip services in ip daddr 10.60.0.80 tcp dport 80 dnat to numgen random mod 2 map '{ 0 : 10.50.7.11 . 8080, 1 : 10.50.7.12 . 8080 }'
nft add rule ip services own ip daddr 10.60.0.80 tcp dport 80 dnat to numgen random mod 2 map '{ 0 : 10.50.7.11 . 8080, 1 : 10.50.7.12 . 8080 }'
#@ wait gone
