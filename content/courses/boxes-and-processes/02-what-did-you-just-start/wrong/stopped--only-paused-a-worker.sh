#@ evidence nginx still runs in its container.
docker run -d --name web nginx
#@ wait up
#@ answer pid $(docker inspect -f '{{.State.Pid}}' web)
#@ wait pid
kill $(pgrep -n nginx)
