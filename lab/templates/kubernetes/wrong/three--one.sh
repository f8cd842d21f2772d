#@ evidence web asks for 1
kubectl create deployment web --image=nginx:1.26
