#@ evidence 2 Pods of crowd; ready: true, true, none
kubectl apply -f - <<'END'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: crowd
spec:
  replicas: 3
  selector:
    matchLabels: { app: crowd }
  template:
    metadata:
      labels: { app: crowd }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: busybox:1.37
        command: [sh, -c, "hostname | tee /tmp/index.html > /tmp/ready; exec httpd -f -p 8080 -h /tmp"]
        readinessProbe:
          httpGet: { path: /ready, port: 8080 }
          periodSeconds: 1
          failureThreshold: 1
END
kubectl rollout status deployment/crowd --timeout=60s
kubectl scale deployment crowd --replicas=2
