kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: box
spec:
  containers:
  - name: web
    image: nginx:1.26
  - name: app
    image: busybox:1.37
    command: [sh, -c, "echo hello > /tmp/hello; httpd -f -p 127.0.0.1:8080 -h /tmp; echo ended"]
END
#@ wait box
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: pair
spec:
  volumes:
  - name: pages
    emptyDir: {}
  containers:
  - name: clock
    image: busybox:1.37
    command: [sh, -c, "while true; do date > /out/now; sleep 1; done"]
    volumeMounts:
    - name: pages
      mountPath: /out
  - name: web
    image: nginx:1.26
    readinessProbe:
      httpGet: { path: /now, port: 80 }
      periodSeconds: 1
    volumeMounts:
    - name: pages
      mountPath: /usr/share/nginx/html
END
#@ wait folder
