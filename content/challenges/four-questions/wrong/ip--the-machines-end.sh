#@ evidence is the machine's own end of the cable
docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer ip $(ip -4 -o address show docker0 | grep -o '[0-9.]*/' | head -1 | tr -d /)
