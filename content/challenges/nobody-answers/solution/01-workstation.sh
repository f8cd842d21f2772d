kubectl patch service shop --type=merge -p '{"spec":{"selector":{"release":null}}}'
#@ wait selector
kubectl patch service shop --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":{{ vars.port }}}]'
#@ wait reaches
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
#@ wait follow
kubectl replace --force -f - <<'END'
apiVersion: v1
kind: Service
metadata: { name: roster }
spec:
  clusterIP: None
  selector: { app: shop }
  ports: [{ port: {{ vars.port }} }]
END
#@ wait roster
#@ answer number $(kubectl get service shop -o jsonpath='{.spec.clusterIP}{"\n"}')
#@ wait number
