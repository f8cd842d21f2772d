#@ evidence Behind weather: none
kubectl run sunny --image=nginx:1.26 --port=80
kubectl create service clusterip weather --tcp=80:80
