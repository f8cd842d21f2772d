docker run -d --name web nginx
#@ wait up
#@ answer pid $(docker inspect -f '{{.State.Pid}}' web)
#@ wait pid
docker stop web
#@ wait stopped
