#!/bin/sh
# SPDX-License-Identifier: MIT
# host_link.sh MICROVM-WORD... - runs in the emulated host: servers on its
# loopback, the guest that uses them, and a caller of the guest's ports.
httpd -p 127.0.0.1:8080 -h /www || exit 1
nc -ll -p 5000 -e cat &
server=$!
"$@" &
guest=$!
socket=/tmp/guest.sock
while [ ! -S $socket ]; do
	kill -0 $guest || exit 1
	usleep 50000
done
echo "called: $(microvm connect $socket 1234 </www/data | sha256sum |
	cut -d ' ' -f 1)"
# It waits for the guest to listen, which it does when all is done.
echo bye | microvm connect $socket 1235
wait $guest
status=$?
kill $server
exit $status
