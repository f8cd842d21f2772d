#@ evidence The request of attic reaches the internet, but with an address that cannot be answered there.
ip netns add attic
ip netns add cellar
ip netns add porter
ip -n porter link add yard type bridge
ip -n porter link set dev yard up
ip -n porter link add attic-end type veth peer name door netns attic
ip -n porter link add cellar-end type veth peer name door netns cellar
ip -n porter link set dev attic-end master yard up
ip -n porter link set dev cellar-end master yard up
ip -n attic address add 10.{{ vars.net }}.0.10/24 dev door
ip -n cellar address add 10.{{ vars.net }}.0.20/24 dev door
ip -n attic link set dev door up
ip -n cellar link set dev door up
ip -n porter address add 10.{{ vars.net }}.0.1/24 dev yard
ip -n attic route add default via 10.{{ vars.net }}.0.1
ip -n cellar route add default via 10.{{ vars.net }}.0.1
ip -n internet link set dev street netns porter
ip -n porter address add 198.51.100.7/24 dev street
ip -n porter link set dev street up
ip netns exec porter sysctl -w net.ipv4.ip_forward=1
nft add table ip house
nft add chain ip house leaving '{ type nat hook postrouting priority srcnat; }'
nft add rule ip house leaving oifname street masquerade
