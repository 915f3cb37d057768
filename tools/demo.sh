#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh MICROVM FOLDER - make a guest image in FOLDER, once, and boot it: to
# a shell for you when this is a terminal, else through a short session.
set -eu

microvm=$1
image=$2

if [ ! -f "$image/kernel" ] || [ ! -f "$image/initrd" ]; then
	echo "demo: making a guest image from Debian's packages, once" >&2
	"$microvm" image build --arch arm64 -o "$image"
fi
set -- run -k "$image/kernel" -i "$image/initrd" --timing
if [ -t 0 ] && [ -t 1 ]; then
	echo "demo: a shell in the guest; 'poweroff' ends it" >&2
	exec "$microvm" "$@"
fi

# Each command as it would look when typed.
# shellcheck disable=SC2016 # for the guest's shell
exec "$microvm" "$@" --timeout 300 -- /bin/sh -c '
	for command; do
		echo "~ # $command"
		eval "$command"
	done' sh \
	'uname -a' 'head -n 9 /proc/cpuinfo' 'mount' 'date' 'free' 'poweroff' \
	</dev/null
