#@ evidence it is not the first process of a container
docker run -d --user {{ vars.user }} python sh -c 'python3 -m http.server 8000; true'
