#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh BUILD SOURCE - install into a scratch folder, then build a program
# against what is there: shared and static, with names of its own that the
# library uses inside, too.
set -eu

build=$1
source=$2
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT

fail()
{
	echo "$1"
	exit 1
}

meson install --quiet --no-rebuild -C "$build" --destdir "$dest" >/dev/null
pc=$(find "$dest" -name microvm.pc)
[ -f "$pc" ] || fail "no microvm.pc is installed"
prefix=$dest$(sed -n 's/^prefix=//p' "$pc")
header=$(find "$dest" -name '*.h')
[ "$header" = "$prefix/include/microvm.h" ] ||
	fail "microvm.h should be the only header, not: $header"
[ -x "$prefix/bin/microvm" ] || fail "the command is not installed"
"$prefix/bin/microvm" --version >/dev/null || fail "the command does not run"

PKG_CONFIG_PATH=${pc%/*}
export PKG_CONFIG_PATH
config()
{
	pkg-config --define-variable=prefix="$prefix" "$@" microvm
}

cat >"$dest/main.c" <<'C'
#include <microvm.h>
#include <stdio.h>
#include <string.h>

/* The library has functions of these names inside. */
int bus_add(void);
int gmem_read(void);
int fail(void);

int bus_add(void) { return 40; }
int gmem_read(void) { return 2; }
int fail(void) { return 0; }

int main(void)
{
	microvm_config *cfg = microvm_config_new();
	microvm_error err;

	if (microvm_abi() != MICROVM_ABI || !cfg)
		return 1;
	if (microvm_config_set_memory(cfg, 1, &err) != -MICROVM_EINVAL)
		return 2;
	microvm_config_free(cfg);
	printf("%s %d\n", microvm_version(), bus_add() + gmem_read() + fail());
	return strlen(microvm_version()) < 5;
}
C
version=$(config --modversion)
lib=$(config --variable=libdir)

# shellcheck disable=SC2046 # many words on purpose
cc -o "$dest/shared" "$dest/main.c" $(config --cflags --libs)
said=$(LD_LIBRARY_PATH=$lib "$dest/shared") || fail "shared: exit status $?"
[ "$said" = "$version 42" ] || fail "shared: it says $said"
objdump -p "$dest/shared" | grep -q 'NEEDED  *libmicrovm\.so\.0$' ||
	fail "shared: not bound to libmicrovm.so.0"

# The archive needs what the library was linked with, but that may be shared.
needs="$(pkg-config --libs $(config --print-requires-private))
	$(sed -n 's/^Libs.private: *//p' "$pc")"
# shellcheck disable=SC2046,SC2086
cc -o "$dest/static" "$dest/main.c" $(config --cflags) "$lib/libmicrovm.a" \
	$needs
said=$("$dest/static") || fail "static: exit status $?"
[ "$said" = "$version 42" ] || fail "static: it says $said"

# shellcheck disable=SC2046
cc -o "$dest/boot" "$source/examples/boot.c" $(config --cflags --libs)
