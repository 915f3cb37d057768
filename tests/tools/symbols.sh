#!/bin/sh
# SPDX-License-Identifier: MIT
# Exported names are those of the header, no fewer and no more; and the script
# that makes the archive hides the others.
set -eu
. "$(dirname "$0")/lib.sh"

check() { python3 "$tools/check-symbols.py" "$tree/api.h" "$tree/$1"; }

file api.h <<'T'
#define MICROVM_API
/* MICROVM_API int microvm_gone(void); is no more */
MICROVM_API int microvm_one(int x,
			    int y);
MICROVM_API const char *microvm_two(void);
T
code='int microvm_one(int x, int y) { return x + y; }
	const char *microvm_two(void) { return ""; }'

echo "$code" | object right
good "the right names" check right.o
cc -shared -o "$tree/libright.so" "$tree/right.o"
good "the right names, shared" check libright.so

echo "$code int helper(void) { return 0; }" | object more
bad "a name too many" 'exports helper' check more.o
cc -shared -o "$tree/libmore.so" "$tree/more.o"
bad "a name too many, shared" 'exports helper' check libmore.so
ar rcs "$tree/raw.a" "$tree/more.o"
"$tools/make-archive.sh" "$tree/made.a" "$tree/raw.a"
good "an archive that hides it" check made.a

echo 'int microvm_one(int x, int y) { return x + y; }' | object less
bad "a name too few" 'lacks microvm_two' check less.o
: | file api.h
bad "an empty header" 'declares no' check right.o
echo "$cases cases"
