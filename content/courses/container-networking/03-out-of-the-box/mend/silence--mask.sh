nft add rule ip nat out ip saddr 172.20.0.0/24 oifname uplink masquerade
