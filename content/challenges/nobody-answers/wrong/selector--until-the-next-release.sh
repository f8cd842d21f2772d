#@ evidence shop selects app=shop, release={{ vars.release }}
kubectl set selector service shop app=shop,release={{ vars.release }}
