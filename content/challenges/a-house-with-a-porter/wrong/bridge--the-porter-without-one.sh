#@ evidence There is no bridge in porter.
ip netns add attic
ip netns add cellar
ip netns add porter
ip -n porter link add attic-end up type veth peer name door netns attic
ip -n porter link add cellar-end up type veth peer name door netns cellar
ip -n attic address add 10.{{ vars.net }}.0.10/24 dev door
ip -n cellar address add 10.{{ vars.net }}.0.20/24 dev door
