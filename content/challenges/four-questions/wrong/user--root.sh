#@ evidence 0 is root, and the server is not root's.
docker run -d --name files --user {{ vars.user }} python python3 -m http.server 8000
#@ wait runs
#@ answer user 0
