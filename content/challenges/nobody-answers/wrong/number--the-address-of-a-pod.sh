#@ evidence That is the address of a Pod.
kubectl patch service shop --type=merge -p '{"spec":{"selector":{"release":null}}}'
kubectl patch service shop --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":{{ vars.port }}}]'
kubectl replace --force -f - <<END
apiVersion: v1
kind: Service
metadata: { name: roster }
spec:
  clusterIP: None
  selector: { app: shop }
  ports: [{ port: {{ vars.port }} }]
END
#@ answer number $(kubectl get pods -l part=copy -o jsonpath='{.items[0].status.podIP}{"\n"}')
