#@ evidence The default route of cellar leads to 10.{{ vars.net }}.0.10, who is not the porter.
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
ip -n cellar route add default via 10.{{ vars.net }}.0.10
