#@ evidence web asks for 3, and none are ready
kubectl create deployment web --image=nginx:0.0 --replicas=3
