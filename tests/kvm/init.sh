#!/bin/sh
# SPDX-License-Identifier: MIT
# init.sh - /init of an emulated host: makes /dev/kvm, runs the steps of /job.
#
# On the console it says in lines that begin with "host:" how far it got.  What
# a step leaves goes out as a tar archive through the virtio-serial port, at
# once, so that what is done is known whatever becomes of the host.
export PATH=/bin:/sbin:/usr/bin HOME=/tmp LC_ALL=C
/bin/busybox --install -s /bin

seconds()
{
	cut -d ' ' -f 1 /proc/uptime
}

# step NAME LIMIT COMMAND... - its output, status and seconds in /results/NAME
step()
{
	results=/results/$1
	limit=$2
	echo "host: step $1"
	shift 2
	mkdir -p "$results"
	begin=$(seconds)
	RESULTS=$results timeout -s KILL "$limit" "$@" \
		</dev/null >"$results/out" 2>"$results/err"
	echo $? >"$results/status"
	echo "$begin $(seconds)" >"$results/times"
	tar -c -f - -C /results "${results#/results/}" >"$port"
	rm -r "$results"
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t debugfs debug /sys/kernel/debug
mkdir -p /dev/shm /dev/pts
mount -t devpts pts /dev/pts
ln -s /proc/self/fd /dev/fd
ip link set lo up
echo "host: up $(seconds)"
while read -r module; do
	insmod "/modules/$module" || echo "host: no module $module"
done </modules/order
# The ports of a device appear after its driver does.
port=/dev/vport0p1
tries=0
while [ ! -c $port ] && [ $tries -lt 100 ]; do
	usleep 20000
	tries=$((tries + 1))
done
[ -c /dev/kvm ] && echo "host: kvm $(seconds)"
. /job
echo "host: done $(seconds)"
poweroff -f
