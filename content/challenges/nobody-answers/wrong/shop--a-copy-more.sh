#@ evidence has 4 replicas
kubectl scale deployment shop --replicas=4
