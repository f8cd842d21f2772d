#@ evidence The machine's own firewall has a table: ip house.
nft add table ip house
