#@ evidence shop leads to port 80 of 4 addresses
kubectl patch service shop --type=merge -p '{"spec":{"selector":{"release":null}}}'
