#!/bin/sh
# SPDX-License-Identifier: MIT
# boot.sh PROGRAM KERNEL TRANSCRIPT - examples/boot.c shows what the guest
# prints and tells how it ended.
set -eu

program=$1
kernel=$2
transcript=$3
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

[ "$(status "$program" "$kernel")" = 0 ] || fail "it does not power off"
# The last line of a transcript is how it ended.
tr -d '\r' <"$dir/out" >"$dir/printed"
sed '$d' "$transcript" | cmp -s - "$dir/printed" ||
	fail "it prints something else"

[ "$(status "$program" "$dir/nosuch")" = 1 ] || fail "a missing kernel is fine"
grep -q '^boot: .*nosuch' "$dir/err" || fail "it does not say what is missing"
[ "$(status "$program")" = 2 ] || fail "no kernel is fine"
