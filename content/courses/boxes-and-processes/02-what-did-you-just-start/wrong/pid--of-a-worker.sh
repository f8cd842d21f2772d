#@ evidence is a worker. The master started it.
docker run -d --name web nginx
#@ wait up
#@ answer pid $(pgrep -n nginx)
