#@ evidence A cable joins attic and cellar directly. Nothing leads to porter.
ip netns add attic
ip netns add cellar
ip netns add porter
ip link add one netns attic up type veth peer name two netns cellar
ip -n attic address add 10.{{ vars.net }}.0.10/24 dev one
ip -n cellar address add 10.{{ vars.net }}.0.20/24 dev two
ip -n cellar link set dev two up
