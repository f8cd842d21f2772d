kubectl create deployment web --image=nginx:1.26 --replicas=3
