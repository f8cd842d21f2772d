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
    command: [sh, -c, "echo welcome > /tmp/hello; exec httpd -f -p 127.0.0.1:8080 -h /tmp"]
END
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: photos
spec:
  volumes:
  - { name: drop, emptyDir: {} }
  containers:
  - name: camera
    image: busybox:1.37
    command: [sh, -c, "while true; do touch /drop/$(date +%s).jpg; sleep 1; done"]
    volumeMounts:
    - { name: drop, mountPath: /drop }
  - name: worker
    image: busybox:1.37
    command: [sh, -c, "mkdir /done; while true; do mv /inbox/*.jpg /done/; sleep 1; done"]
    readinessProbe:
      exec:
        command: [sh, -c, "ls /done/*.jpg"]
      periodSeconds: 1
    volumeMounts:
    - { name: drop, mountPath: /inbox }
END
kubectl run weather --image=nginx:1.26 --port=80
kubectl expose pod weather --port=80
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
      printf 'server { listen 127.0.0.1:9000; location / { proxy_pass http://weather; } }'
      > /etc/nginx/conf.d/default.conf;
      exec nginx -g 'daemon off;'
END
