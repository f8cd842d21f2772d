#@ evidence roster has the address 10.96.
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
kubectl expose deployment crowd --name=roster --port=8080
