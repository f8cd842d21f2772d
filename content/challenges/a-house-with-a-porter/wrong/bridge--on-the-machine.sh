#@ evidence There is a bridge (yard), but it is in the machine's own network, not in porter.
ip netns add attic
ip netns add cellar
ip netns add porter
ip link add yard up type bridge
ip link add attic-end up master yard type veth peer name door netns attic
ip link add cellar-end up master yard type veth peer name door netns cellar
