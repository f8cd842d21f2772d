#@ evidence roster has the address None and selects app=roster
kubectl create service clusterip roster --clusterip=None --tcp=8080:8080
