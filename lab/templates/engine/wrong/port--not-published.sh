#@ evidence 8080
docker run -d nginx
#@ wait container
