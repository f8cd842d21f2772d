#@ evidence 1 is its number for the container
docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer pid 1
