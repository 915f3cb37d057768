#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh PROGRAM KERNEL - examples/embed.c runs its guests twice each.  This
# guest has no vsock driver and switches itself off.
set -eu

program=$1
kernel=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail()
{
	echo "$1"
	cat "$dir/out" "$dir/err"
	exit 1
}

status()
{
	"$@" >"$dir/out" 2>"$dir/err" && echo 0 || echo $?
}

# No file is in this archive: 110 zeroes but its magic, its name's length, name.
printf '070701%056d%040d%08X%08d%s' 0 0 11 0 'TRAILER!!!' >"$dir/initrd"

count()
{
	[ "$(grep -c "^$1\$" "$dir/out")" = "$2" ] || fail "not $2 times: $1"
}

[ "$(status "$program" "$kernel" "$dir/initrd")" = 0 ] || fail "it fails"
count 'first: 0 streams, 0 flows' 2
count 'first: connection reset' 2
[ "$(status "$program" -2 "$kernel" "$dir/initrd")" = 0 ] || fail "two fail"
count 'first: 0 streams, 0 flows' 2
count 'second: 0 streams, 0 flows' 2

[ "$(status "$program" "$dir/nosuch" "$dir/initrd")" = 1 ] ||
	fail "a missing kernel is fine"
grep -q '^embed: .*nosuch' "$dir/err" || fail "it does not say what is missing"
[ "$(status "$program" "$kernel")" = 2 ] || fail "no initrd is fine"
