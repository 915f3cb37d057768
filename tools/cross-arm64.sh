#!/bin/sh
# SPDX-License-Identifier: MIT
# cross-arm64.sh [BUILD [MESON OPTION...]] - a build directory for arm64 Linux
# on another machine, build-arm64 by default; then: ninja -C build-arm64 product
#
# Debian's cross compiler, and the libraries' arm64 packages, which go into a
# folder of the cache (see fetch-deb.sh): nothing is installed, root is not
# needed.  What is built runs on Debian of the same release, or anywhere with
# what bundle.py --sysroot BUILD/sysroot takes along.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
triplet=aarch64-linux-gnu
build=${1:-$here/../build-arm64}
[ $# -eq 0 ] || shift

for tool in $triplet-gcc qemu-aarch64 meson pkg-config; do
	command -v $tool >/dev/null || {
		echo "cross-arm64: no $tool" >&2
		echo "cross-arm64: run tools/setup.sh build check" >&2
		exit 1
	}
done

mkdir -p "$build"
build=$(cd "$build" && pwd)
root=$build/sysroot
if [ ! -d "$root" ]; then
	"$here/fetch-deb.sh" -r arm64 "$root.new" \
		libuv1-dev libfdt-dev libarchive-dev zlib1g-dev libzstd-dev \
		liblzma-dev liblz4-dev libjansson-dev libcmocka-dev libc6-dev
	# A link from / leads out of the sysroot; from here it leads in.
	find "$root.new" -type l -lname '/*' | while IFS= read -r link; do
		ln -sfn "$root$(readlink "$link")" "$link"
	done
	mv "$root.new" "$root"
fi

cat >"$build/cross.ini" <<-EOF
[binaries]
c = '$triplet-gcc'
ar = '$triplet-gcc-ar'
ld = '$triplet-ld'
nm = '$triplet-nm'
objcopy = '$triplet-objcopy'
strip = '$triplet-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-aarch64', '-L', '$root']

[built-in options]
c_args = ['--sysroot=$root']
c_link_args = ['--sysroot=$root']

[properties]
sys_root = '$root'
pkg_config_libdir = '$root/usr/lib/$triplet/pkgconfig'

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
EOF
again=
[ ! -f "$build/build.ninja" ] || again=--reconfigure
exec meson setup $again --cross-file "$build/cross.ini" "$@" \
	"$build" "$here/.."
