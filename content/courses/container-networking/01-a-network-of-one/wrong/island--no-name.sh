#@ evidence A process (sleep) has a network of its own, but that network has no name.
unshare --net sleep 600 &
