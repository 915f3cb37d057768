#!/bin/sh
# SPDX-License-Identifier: MIT
# A header that needs another one first, or has no guard, is found.
set -eu
. "$(dirname "$0")/lib.sh"

if ! command -v gcc >/dev/null && ! command -v clang >/dev/null; then
	echo "gcc and clang are missing"
	exit 77
fi
check() { "$tools/check-headers.sh" "$tree"; }

file include/microvm.h <<'T'
#ifndef MICROVM_H
#define MICROVM_H
int microvm_abi(void);
#endif
T
file src/a/fine.h <<'T'
#ifndef FINE_H
#define FINE_H
#include <stdint.h>
#include "a/other.h"
struct fine { uint8_t x; };
#endif
T
: | file src/a/other.h
good "proper headers" check

echo 'void f(uint8_t x);' | file src/a/needs.h
bad "a header that needs another" 'needs.h: does not compile alone' check
echo 'struct twice { int x; };' | file src/a/needs.h
bad "a header without a guard" 'needs.h: does not compile alone' check
rm "$tree/src/a/needs.h"
if command -v clang++ >/dev/null; then
	echo 'int microvm_new(int class);' | file include/microvm.h
	bad "a public header that is no C++" 'clang++' check
fi
echo 'int microvm_abi(void); // not C90' | file include/microvm.h
good "comments of C99" check
echo '_Static_assert(1, "C11");' | file include/microvm.h
bad "a public header that is no C99" 'std=c99' check
echo "$cases cases"
