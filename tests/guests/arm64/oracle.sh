#!/bin/sh
# SPDX-License-Identifier: MIT
# oracle.sh QEMU CPUS TEXT IMAGE TRANSCRIPT - the same guest on another CPU.
#
# What a guest has to say is the architecture's word, not ours: QEMU's machine
# "virt" has our memory map, and its CPU must print the same transcript.
set -eu

qemu=$1 cpus=$2 text=$3 image=$4 transcript=$5
said=$(mktemp)
trap 'rm -f "$said"' EXIT

printf '%b' "$text" | timeout 60 "$qemu" -M virt,gic-version=3 \
	-cpu cortex-a53 -smp "$cpus" -m 64 -nodefaults -nic none \
	-display none -serial stdio -no-reboot -kernel "$image" >"$said"

# Its last line, how it ended, is not the guest's.
sed '$d' "$transcript" | diff - "$said"
