#@ evidence in a container, and as root
docker run -d python python3 -m http.server 8000
