#@ evidence 8080
docker run -d -p 80:8080 nginx
#@ wait container
