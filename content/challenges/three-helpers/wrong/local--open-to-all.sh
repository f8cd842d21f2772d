#@ evidence exec httpd -f -p 8080 -h /tmp
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: front
    image: nginx:1.26
    command: [sh, -c]
    args:
    - >-
      printf 'server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } }'
      > /etc/nginx/conf.d/default.conf;
      exec nginx -g 'daemon off;'
    readinessProbe:
      httpGet: { path: /hello, port: 80 }
      periodSeconds: 1
  - name: app
    image: busybox:1.37
    command: [sh, -c, "echo welcome > /tmp/hello; exec httpd -f -p 8080 -h /tmp"]
END
