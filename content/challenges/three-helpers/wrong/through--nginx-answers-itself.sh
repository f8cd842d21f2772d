#@ evidence front is asked for / on port 80; ready: true
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: front
    image: nginx:1.26
    readinessProbe:
      httpGet: { path: /, port: 80 }
      periodSeconds: 1
  - name: app
    image: busybox:1.37
    command: [sh, -c, "echo welcome > /tmp/hello; exec httpd -f -p 127.0.0.1:8080 -h /tmp"]
END
