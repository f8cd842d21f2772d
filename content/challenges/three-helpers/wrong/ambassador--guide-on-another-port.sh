#@ evidence app ready: false, guide ready: true
kubectl run weather --image=nginx:1.26 --port=80
kubectl expose pod weather --port=80
kubectl wait --for=condition=Ready pod/weather --timeout=60s
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: trip
spec:
  containers:
  - name: app
    image: busybox:1.37
    command: [sleep, infinity]
    readinessProbe:
      exec:
        command: [wget, -qO-, "http://localhost:9000/"]
      periodSeconds: 1
  - name: guide
    image: nginx:1.26
    command: [sh, -c]
    args:
    - >-
      printf 'server { listen 127.0.0.1:9999; location / { proxy_pass http://weather; } }'
      > /etc/nginx/conf.d/default.conf;
      exec nginx -g 'daemon off;'
END
