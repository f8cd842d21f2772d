sort -u /srv/crew.txt | wc -l > ~/count
