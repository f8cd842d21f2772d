kubectl get deployment crowd > /dev/null 2>&1 || kubectl apply -f - <<'END'
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
kubectl get service crowd > /dev/null 2>&1 || kubectl expose deployment crowd --port=80 --target-port=8080
#@ wait service
#@ answer number $(kubectl get service crowd -o jsonpath='{.spec.clusterIP}{"\n"}')
#@ wait number
kubectl get service roster > /dev/null 2>&1 || kubectl expose deployment crowd --name=roster --cluster-ip=None --port=8080
#@ wait roster
kubectl exec $(kubectl get pods -l app=crowd -o name | head -n 1) -- rm /tmp/ready
#@ wait unready
