#!/bin/sh
exec >> /var/log/containerd.log 2>&1
exec containerd
