ip netns list | grep -q west || { ip netns add east; ip netns add west; }
ip link show to-east > /dev/null 2>&1 || ip link add to-east type veth peer name eth0 netns east
ip link show to-west > /dev/null 2>&1 || ip link add to-west type veth peer name eth0 netns west
ip -n east address replace 172.20.0.2/24 dev eth0
ip -n west address replace 172.20.0.3/24 dev eth0
ip -n east link set dev eth0 up
ip -n west link set dev eth0 up
ip link set dev to-east up
ip link set dev to-west up
ip link show switch > /dev/null 2>&1 || ip link add switch type bridge
ip link set dev switch up
ip link set dev to-east master switch
ip link set dev to-west master switch
#@ wait switch
#@ answer learned $(ip -n west -json link show dev eth0 | jq -r '.[0].address')
#@ wait learned
ip address add 172.20.0.1/24 dev switch
#@ wait host
ip netns add north
ip link add to-north type veth peer name eth0 netns north
ip -n north address add 172.20.0.5/24 dev eth0
ip -n north link set dev eth0 up
ip link set dev to-north master switch
ip link set dev to-north up
#@ wait north
