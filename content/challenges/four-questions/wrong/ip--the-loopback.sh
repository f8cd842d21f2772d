#@ evidence leads to the machine itself
docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer ip 127.0.0.1
