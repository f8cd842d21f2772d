#@ evidence which is not what was asked for
ip link add pier0 type bridge
ip address add 10.20.{{ vars.third }}.1 dev pier0
ip link set pier0 up
