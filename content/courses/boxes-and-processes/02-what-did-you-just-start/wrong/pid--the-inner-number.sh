#@ evidence 1 is its number for the container
docker run -d --name web nginx
#@ wait up
#@ answer pid 1
