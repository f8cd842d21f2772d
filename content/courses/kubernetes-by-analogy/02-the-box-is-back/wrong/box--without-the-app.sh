#@ evidence 1 container(s), phase Running
kubectl run box --image=nginx:1.26
