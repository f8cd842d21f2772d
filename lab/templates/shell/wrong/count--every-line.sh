#@ evidence the number of all lines
wc -l < /srv/crew.txt > ~/count
