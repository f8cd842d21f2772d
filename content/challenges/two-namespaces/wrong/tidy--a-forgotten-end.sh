#@ evidence An end of a cable lies in the machine's own network: spare
ip netns add red
ip netns add blue
ip link add one netns red type veth peer name two netns blue
ip -n red address add 192.168.77.1/24 dev one
ip -n blue address add 192.168.77.2/24 dev two
ip -n red link set dev one up
ip -n blue link set dev two up
ip link add spare type veth peer name other netns red
