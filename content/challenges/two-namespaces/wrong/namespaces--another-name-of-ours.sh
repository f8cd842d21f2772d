#@ evidence blue is only another name of the machine's own network.
ip netns add red
ip netns attach blue $$
