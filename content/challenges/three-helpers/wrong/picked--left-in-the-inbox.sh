#@ evidence ready: false
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
    command: [sh, -c, "mkdir /done; while true; do ls /inbox; sleep 1; done"]
    readinessProbe:
      exec:
        command: [sh, -c, "ls /done/*.jpg"]
      periodSeconds: 1
    volumeMounts:
    - { name: drop, mountPath: /inbox }
END
