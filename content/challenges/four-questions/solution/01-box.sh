docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer ip $(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' files)
#@ answer pid $(docker inspect -f '{{.State.Pid}}' files)
#@ answer user $(ps -o uid= -p $(docker inspect -f '{{.State.Pid}}' files) | tr -d ' ')
