#@ evidence 4 addresses; ready: true, true, true, true
kubectl patch service shop --type=merge -p '{"spec":{"selector":{"release":null}}}'
kubectl patch service shop --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":{{ vars.port }}}]'
kubectl patch deployment newcomer --patch-file=/dev/stdin <<'END'
spec:
  template:
    spec:
      containers:
      - name: web
        readinessProbe:
          httpGet: { path: /health, port: {{ vars.port }} }
          periodSeconds: 1
END
until kubectl get pods -l part=newcomer -o jsonpath='{.items[*].spec.containers[0].readinessProbe.httpGet.path} {.items[*].status.phase}' | grep -qx '/health Running'; do sleep 0.5; done
kubectl exec $(kubectl get pods -l part=newcomer -o name) -- sh -c 'echo ok > /tmp/www/health'
