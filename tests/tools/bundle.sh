#!/bin/sh
# SPDX-License-Identifier: MIT
# bundle.py takes along all that a program needs, and says what is not there.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir -p "$tree/lib" "$tree/own"
echo 'int far(void); int far(void) { return 42; }' |
	${CC:-cc} -x c -shared -fPIC -o "$tree/own/libfar.so" -
echo 'int far(void); int near(void); int near(void) { return far(); }' |
	${CC:-cc} -x c -shared -fPIC -o "$tree/own/libnear.so" - \
		-L"$tree/own" -lfar -Wl,-rpath,'$ORIGIN'
echo 'int near(void); int main(void) { return near() != 42; }' |
	${CC:-cc} -x c -o "$tree/prog" - -L"$tree/own" -lnear \
		-Wl,-rpath-link,"$tree/own" -Wl,-rpath,'$ORIGIN/own'

good "a program" "$tools/bundle.py" --out "$tree/small" "$tree/prog"
good "its library" test -f "$tree"/small/lib/*/libnear.so
good "its library's library" test -f "$tree"/small/lib/*/libfar.so
good "the C library" test -f "$tree"/small/lib/*/libc.so.6
loader=$(readelf -lW "$tree/prog" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
good "the loader" test -x "$tree/small$loader"
good "running on what was bundled alone" "$tree/small$loader" \
	--library-path "$(echo "$tree"/small/lib/*-linux-gnu)" \
	--inhibit-rpath "$tree/small/bin/prog" "$tree/small/bin/prog"

good "a place of its own" "$tools/bundle.py" --out "$tree/other" \
	"$tree/prog:/opt/name"
good "the program there" test -x "$tree/other/opt/name"

bad "a missing loader" "needs $loader, which is not below" \
	"$tools/bundle.py" --sysroot "$tree" --out "$tree/none" "$tree/prog"
rm "$tree/own/libfar.so"
bad "a missing library" 'libnear.so: needs libfar.so, which is not below /$' \
	"$tools/bundle.py" --out "$tree/none" "$tree/prog"
bad "no ELF file" 'not an ELF file' \
	"$tools/bundle.py" --out "$tree/none" "$tools/bundle.py"
echo "$cases cases"
