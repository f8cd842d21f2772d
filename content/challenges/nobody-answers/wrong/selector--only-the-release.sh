#@ evidence shop selects app=none, release={{ vars.release }}
kubectl set selector service shop release={{ vars.release }}
