#@ evidence shop was described 2 time(s)
kubectl patch deployment shop -p '{"spec":{"template":{"metadata":{"labels":{"release":"may"}}}}}'
