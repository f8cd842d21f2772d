#@ evidence red sent a request to the other side and got no answer within a second.
ip netns add red
ip netns add blue
ip link add one netns red type veth peer name two netns blue
ip -n red address add 192.168.77.1/24 dev one
ip -n blue address add 192.168.77.2/24 dev two
ip -n red link set dev one up
ip -n blue link set dev two up
ip netns exec blue nft add table inet wall
ip netns exec blue nft 'add chain inet wall in { type filter hook input priority 0; policy drop; }'
