#@ evidence clock mounts pages, web mounts pages; clock ready: true, web ready: false
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
      mountPath: /out
END
