#@ evidence There is a named network namespace, but under another name: Island.
ip netns add Island
