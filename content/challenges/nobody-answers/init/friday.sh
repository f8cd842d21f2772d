#!/bin/bash
# What was left on Friday: a shop that runs, a Service for another release and another port, a newcomer without a probe,
# and a roster that is no roster.
set -euo pipefail
account=/var/run/secrets/kubernetes.io/serviceaccount
config=$(mktemp)
sed "s/NAMESPACE/$(cat $account/namespace)/" /etc/drydock/kubeconfig >"$config"
kubectl --kubeconfig "$config" apply -f - <<END
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 3
  selector:
    matchLabels: { app: shop, part: copy }
  template:
    metadata:
      labels: { app: shop, part: copy, release: $VAR_RELEASE }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: busybox:1.37
        command: [sh, -c, "mkdir /tmp/www; echo open for \$(hostname) > /tmp/www/index.html; echo ok > /tmp/www/health; exec httpd -f -p $VAR_PORT -h /tmp/www"]
        readinessProbe:
          httpGet: { path: /health, port: $VAR_PORT }
          periodSeconds: 1
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: newcomer }
spec:
  replicas: 1
  strategy: { type: Recreate }
  selector:
    matchLabels: { app: shop, part: newcomer }
  template:
    metadata:
      labels: { app: shop, part: newcomer, release: $VAR_RELEASE }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: busybox:1.37
        command: [sh, -c, "mkdir /tmp/www; echo nothing to sell yet > /tmp/www/index.html; exec httpd -f -p $VAR_PORT -h /tmp/www"]
---
apiVersion: v1
kind: Service
metadata: { name: shop }
spec:
  selector: { app: shop, release: may }
  ports: [{ port: 80, targetPort: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: roster }
spec:
  selector: { app: shop, release: may }
  ports: [{ port: 80, targetPort: 80 }]
END
kubectl --kubeconfig "$config" rollout status deployment/shop deployment/newcomer --timeout=230s
rm "$config"
