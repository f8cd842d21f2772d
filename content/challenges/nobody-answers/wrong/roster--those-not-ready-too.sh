#@ evidence roster gives 10.244.
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
kubectl replace --force -f - <<END
apiVersion: v1
kind: Service
metadata: { name: roster }
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: { app: shop }
  ports: [{ port: {{ vars.port }} }]
END
