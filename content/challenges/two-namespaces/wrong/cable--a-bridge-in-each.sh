#@ evidence No end of a cable is in red or blue. Found instead:
ip netns add red
ip netns add blue
ip -n red link add one type bridge
ip -n blue link add two type bridge
