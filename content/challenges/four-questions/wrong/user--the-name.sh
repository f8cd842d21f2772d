#@ evidence The kernel knows users by numbers
docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer user {{ vars.user }}
