#@ evidence is the program that started the container
docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer pid $(ps -o ppid= -p $(docker inspect -f '{{.State.Pid}}' files) | tr -d ' ')
