#@ evidence asked for / on port {{ vars.port }}
kubectl patch deployment newcomer --patch-file=/dev/stdin <<'END'
spec:
  template:
    spec:
      containers:
      - name: web
        readinessProbe:
          httpGet: { path: /, port: {{ vars.port }} }
          periodSeconds: 1
END
