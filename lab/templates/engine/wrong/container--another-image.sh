#@ evidence No nginx runs in this machine.
docker run -d busybox sleep 1000
