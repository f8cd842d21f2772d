#@ evidence nginx runs in the network of the machine itself.
docker run -d --network host nginx
