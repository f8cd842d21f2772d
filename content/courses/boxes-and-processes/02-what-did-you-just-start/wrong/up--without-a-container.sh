#@ evidence No nginx runs on this machine.
docker create --name web nginx
