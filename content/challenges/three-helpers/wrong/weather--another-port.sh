#@ evidence port 8080, ready: true
kubectl run weather --image=nginx:1.26 --port=80
kubectl expose pod weather --port=80 --target-port=8080
