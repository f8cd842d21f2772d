[ -e /run/netns/internet ] || {
  ip link add switch up type bridge
  ip address add 172.20.0.1/24 dev switch
  for i in east west; do ip netns add $i; ip link add to-$i up master switch type veth peer name eth0 netns $i; ip -n $i link set dev eth0 up; done
  ip -n east address add 172.20.0.2/24 dev eth0
  ip -n west address add 172.20.0.3/24 dev eth0
  ip netns add internet
  ip link add uplink up type veth peer name eth0 netns internet
  ip address add 203.0.113.2/24 dev uplink
  ip -n internet address add 203.0.113.1/24 dev eth0
  ip -n internet link set dev eth0 up
  ip -n east route add default via 172.20.0.1
}
sysctl -w net.ipv4.ip_forward=1
#@ wait forward
nft add table ip nat
nft add chain ip nat out '{ type nat hook postrouting priority srcnat; }'
nft add rule ip nat out ip saddr 172.20.0.0/24 oifname uplink masquerade
#@ wait masquerade
#@ answer envelope $(ip -json link show dev switch | jq -r '.[0].address')
#@ wait envelope
ip -n west route add default via 172.20.0.1
#@ wait west
