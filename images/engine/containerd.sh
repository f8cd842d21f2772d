#!/bin/sh
exec >> /var/log/containerd.log 2>&1
PATH=/usr/lib/drydock/engine:$PATH exec containerd
