#@ evidence 2 container(s), the first front, the second app; restarts: 1 and 0
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: front
    image: nginx:1.26
    command: [sh, -c, "exec nginx -g 'daemon off;'"]
  - name: app
    image: busybox:1.37
    command: [sh, -c, "sleep 2; echo welcome > /tmp/hello; exec httpd -f -p 80 -h /tmp"]
END
