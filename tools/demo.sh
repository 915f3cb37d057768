#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh MICROVM FOLDER - make a guest image below FOLDER, once, and boot it:
# to a shell for you when this is a terminal, else through a short session that
# shows console, vsock, the proxy, and the exit status.
set -eu

microvm=$1
here=$(dirname "$0")

# The first guest of the best backend: amd64 where a hypervisor runs that, or
# else arm64, which the software CPU runs anywhere.
best='
import json, sys
backends = json.load(sys.stdin)["backends"]
guests = [b["guests"][0] + " " + b["name"] for b in backends if b["default"]]
print(guests[0].replace("x86_64", "amd64"))'
found=$("$microvm" check --json | python3 -c "$best") || {
	"$microvm" check >&2
	exit 1
}
arch=${found% *}
image=$2/$arch
echo "demo: a guest for $arch, run by ${found#* } (microvm check tells why)" >&2

if [ ! -f "$image/kernel" ] || [ "$microvm" -nt "$image/initrd" ]; then
	echo "demo: making a guest image from Debian's packages, once" >&2
	"$microvm" image build --arch "$arch" -o "$image"
fi
if [ ! -f "$image/curl" ]; then
	echo "demo: adding Debian's curl" >&2
	rm -rf "$image/curl.tmp"
	"$here/fetch-deb.sh" -r "$arch" "$image/curl.tmp" curl
	rm -rf "$image/curl.tmp/usr/share" "$image/curl.tmp/etc"
	(cd "$image/curl.tmp" && find . | cpio -o -H newc --quiet) \
		>"$image/curl.new"
	mv "$image/curl.new" "$image/curl"
	rm -rf "$image/curl.tmp"
fi

# An echo and a web server on the host's loopback; they end with this script.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkfifo "$work/life" "$work/ports"
python3 "$here/demo_host.py" <"$work/life" >"$work/ports" &
exec 9>"$work/life"
read -r echo web <"$work/ports"

# shellcheck disable=SC2016 # for the guest's shell
ping='vsock-client ping 2 5000 -c 20'
page="curl -sS -x socks5h://127.0.0.1:1080 http://127.0.0.1:$web/"
lan='curl -sS -x socks5h://127.0.0.1:1080 http://192.168.1.1/'
set -- run -k "$image/kernel" -i "$image/initrd" -i "$image/curl" --timing \
	--net public --allow "127.0.0.1:$web" --env NO_PROXY= --env no_proxy= \
	--vsock-port "5000=tcp:127.0.0.1:$echo"
if [ -t 0 ] && [ -t 1 ]; then
	cat >&2 <<-END
	demo: a shell in the guest; 'exit' or 'poweroff' ends it.  Try
	  $ping
	  $page
	  $lan	(the policy says no)
	END
	status=0
	"$microvm" "$@" 9>&- || status=$?
	exit "$status"
fi

# Each command as it would look when typed.
status=0
# shellcheck disable=SC2016 # for the guest's shell
"$microvm" "$@" --timeout 300 -- /bin/sh -c '
	for command; do
		echo "~ # $command"
		eval "$command"
	done' sh \
	'uname -a' 'head -n 9 /proc/cpuinfo' 'free' 'date' \
	"$ping" "$page" "$lan" 'exit 7' </dev/null 9>&- || status=$?
echo "demo: the guest's command ended with status $status"
[ "$status" = 7 ]
