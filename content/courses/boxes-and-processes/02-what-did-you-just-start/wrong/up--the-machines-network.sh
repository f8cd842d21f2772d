#@ evidence nginx runs in a container that uses the network of the machine.
docker run -d --name web --network host nginx
