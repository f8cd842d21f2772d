#@ evidence 1 container(s), phase
kubectl run box --image=nginx:1.26
kubectl run app --image=busybox:1.37 -- sleep 600
