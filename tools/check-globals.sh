#!/bin/sh
# SPDX-License-Identifier: MIT
# check-globals.sh LIB.a|FILE.o... - no object has mutable data: two VMs in one
# process must not meet.  Constant tables of pointers, which only the loader
# writes (.data.rel.ro), are fine.
set -eu

here=$(dirname "$0")
. "$here/files.sh"

[ $# -gt 0 ] || complain "usage: check-globals.sh LIB.a..."
for lib; do
	# shellcheck disable=SC2046 # one finding a line, without blanks
	for name in $(objdump -t "$lib" | awk '
		$2 ~ /^[0-9a-f]+$/ { next }
		{
			sec = ""
			for (i = 2; i <= NF; i++)
				if ($i ~ /^(\.t?data|\.t?bss|\*COM\*|COMMON)/)
					sec = $i
			if (sec == "" || sec ~ /^\.data\.rel\.ro/)
				next
			if ($NF ~ /^\./)        # the section itself
				next
			print $NF "@" sec
		}'); do
		complain "$lib: mutable data: $name"
	done
	for name in $(objdump -h "$lib" | awk '
		$2 ~ /^\.(t?data|t?bss)/ && $2 !~ /^\.data\.rel\.ro/ &&
		$3 !~ /^0+$/ { print $2 }'); do
		complain "$lib: mutable section: $name"
	done
done
finish check-globals
