#@ evidence selects app=crowd-service
kubectl create service clusterip crowd-service --tcp=80:8080 --dry-run=client -o yaml | sed 's/name: crowd-service/name: crowd/' | kubectl apply -f -
