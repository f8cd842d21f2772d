#@ evidence 0 newcomer(s)
kubectl scale deployment newcomer --replicas=0
