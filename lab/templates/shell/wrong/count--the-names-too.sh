#@ evidence does not hold a number alone
sort -u /srv/crew.txt > ~/count
