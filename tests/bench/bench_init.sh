#!/bin/sh
# SPDX-License-Identifier: MIT
# bench_init.sh - /init of the guest that is measured: says that it is there.
/bin/busybox mount -t proc proc /proc
echo "guest-is-up $(/bin/busybox cut -d ' ' -f 1 /proc/uptime)"
exec /bin/busybox sleep 1000
