#!/bin/sh
# SPDX-License-Identifier: MIT
# setup.sh [--list] GROUP... - install what a group of make targets needs and
# this Debian lacks.  Asks dpkg first: with all in place nothing is run, and
# neither the network nor root is needed.
#
#   build   the library, the command, its guest programs, images
#   check   the tests and checks of make check
#   bench   what make bench compares with
set -eu
export LC_ALL=C

say()
{
	printf 'setup: %s\n' "$*" >&2
}

# The cross compiler is for the architecture that is not our own.
cross()
{
	case $(uname -m) in
	x86_64) echo gcc-aarch64-linux-gnu ;;
	aarch64) echo gcc-x86-64-linux-gnu ;;
	*) echo gcc-aarch64-linux-gnu gcc-x86-64-linux-gnu ;;
	esac
}

# What the oracle of the differential tests is linked with.
cross_libc()
{
	case $(uname -m) in
	aarch64) ;;
	*) echo libc6-dev-arm64-cross ;;
	esac
}

packages()
{
	case $1 in
	build)
		echo gcc libc6-dev musl-tools "$(cross)"
		echo meson ninja-build pkg-config python3 scdoc
		echo libuv1-dev libfdt-dev libarchive-dev zlib1g-dev
		echo libzstd-dev liblzma-dev liblz4-dev
		echo libjansson-dev libcmocka-dev cpio
		;;
	check)
		echo clang clang-tidy clang-format libclang-rt-dev llvm
		echo device-tree-compiler acpica-tools zstd lz4 xz-utils
		echo qemu-system-arm qemu-system-x86 qemu-user
		echo curl dante-server git netcat-openbsd
		cross_libc
		;;
	bench)
		echo qemu-system-arm qemu-system-x86
		echo dante-server microsocks
		;;
	*)
		say "no such group: $1 (there are build, check, bench)"
		exit 2
		;;
	esac
}

list=
[ "${1:-}" != --list ] || { list=yes; shift; }
if [ $# -eq 0 ]; then
	say "usage: tools/setup.sh [--list] GROUP..."
	exit 2
fi
wanted=
for group; do
	names=$(packages "$group")
	wanted="$wanted $names"
done
# shellcheck disable=SC2086 # many words on purpose
wanted=$(printf '%s\n' $wanted | sort -u)
if [ "$list" ]; then
	printf '%s\n' "$wanted"
	exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	say "this is not Debian; the names of what is needed there are:"
	# shellcheck disable=SC2086
	say $wanted
	exit 0
fi
missing=
for name in $wanted; do
	case $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) in
	*' installed') ;;
	*) missing="$missing $name" ;;
	esac
done
[ "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	root=
elif command -v sudo >/dev/null; then
	root=sudo
	[ -t 0 ] || root='sudo -n'
else
	say "missing:$missing"
	say "neither root nor sudo; as root, run: apt-get install$missing"
	exit 1
fi
say "installing:$missing"
$root apt-get -q update >&2 || say "package lists are not all up to date"
# shellcheck disable=SC2086
if ! $root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
	--no-install-recommends $missing >&2; then
	say "apt-get could not install:$missing"
	say "check the network and apt's sources, or install them by hand"
	exit 1
fi
