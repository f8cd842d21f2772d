#@ evidence Left in the machine's own network: spare (veth)
ip netns add attic
ip link add spare type veth peer name door netns attic
