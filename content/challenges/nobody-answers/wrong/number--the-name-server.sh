#@ evidence That is the name server itself.
#@ answer number $(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf)
