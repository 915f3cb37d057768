#!/bin/sh
# SPDX-License-Identifier: MIT
# host_ends.sh SIGNAL SECONDS... - runs in the emulated host: guests that are
# ended by a signal after so many seconds, and what is left of each.
signal=$1
shift
socket=/tmp/ends.sock
dir=/tmp/ends
mkdir -p $dir
for delay; do
	microvm run -q -k /guest/kernel -i /guest/initrd -c 2 \
		--vsock cid=3,socket=$socket -- sleep 100 \
		>$dir/out 2>&1 </dev/null &
	pid=$!
	sleep "$delay"
	kill "-$signal" $pid
	wait $pid
	status=$?
	# Files of the VM are closed before its process is waited for.
	echo "end: $status$(pidof microvm | sed 's/^/ process /')$(
		ls -l /proc/[0-9]*/fd 2>/dev/null | grep -o 'kvm.*' |
			sed 's/^/ open /')$(
		find /sys/kernel/debug/kvm -mindepth 1 -type d |
			sed 's/^/ vm /')"
	if [ "$signal" != KILL ] && [ -e $socket ]; then
		echo "left: $socket"
	fi
done
