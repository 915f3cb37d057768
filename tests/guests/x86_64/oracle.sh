#!/bin/sh
# SPDX-License-Identifier: MIT
# oracle.sh QEMU CPUS TEXT IMAGE TRANSCRIPT - the same guest on another machine.
#
# What a guest has to say is the architecture's word, not ours: QEMU's machine
# "microvm" has our devices, and its CPU must print the same transcript.  QEMU
# enters an ELF file by PVH.  A triple fault, which is how a guest ends when it
# could not switch the machine off, ends it.
set -eu

qemu=$1 cpus=$2 text=$3 image=$4 transcript=$5
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# What is typed before the UART is set up is lost there.
type_later() {
	tries=600
	until [ -s "$said" ] || [ "$tries" -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.05
	done
	printf '%b' "$text"
}

type_later | timeout 60 "$qemu" \
	-M microvm,pic=off,pit=off,rtc=on,isa-serial=on,acpi=on,ioapic2=off \
	-accel tcg -cpu max -smp "$cpus" -m 64 -nodefaults -no-user-config \
	-nic none -display none -serial stdio -no-reboot -kernel "$image" \
	>"$said"

# Its last line, how it ended, is not the guest's.
sed '$d' "$transcript" | diff - "$said"
