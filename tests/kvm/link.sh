#!/bin/sh
# SPDX-License-Identifier: MIT
# link.sh HTTP ECHO - runs in the guest; each line "name: result" is compared
# by test_boot.py.  The words are ports of servers on the host's loopback.
http=$1 echo=$2
# What the guest is told not to ask the proxy for is asked for here.
unset no_proxy NO_PROXY
site=http://127.0.0.1:$http

say()
{
	name=$1
	shift
	echo "$name: $*"
}

# The host calls while all else goes on.
vsock-client echo 1234 &
fetch()
{
	curl -sS -x "$1://127.0.0.1:1080" ${2:+"$2"} "$site/data" |
		sha256sum | cut -d ' ' -f 1
}
say socks "$(fetch socks5h)"
say connect "$(fetch http -p)"
curl -sS -x socks5h://127.0.0.1:1080 http://192.168.77.1/ >/dev/null 2>&1
say denied $?
say ping "$(vsock-client ping 2 5000 -c 20 2>&1 | tail -n 1)"
vsock-client bench 2 5000 --bytes 4000000 >/dev/null && say bench good
vsock-client listen 1235 </dev/null
exit 42
