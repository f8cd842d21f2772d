#@ evidence has a network of its own, but that network has no name.
unshare --net sleep 1000 &
