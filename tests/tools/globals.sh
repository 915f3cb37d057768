#!/bin/sh
# SPDX-License-Identifier: MIT
# Mutable data of any kind is found, constant tables are not.
set -eu
. "$(dirname "$0")/lib.sh"

check() { "$tools/check-globals.sh" "$tree/$1.o"; }

# seen NAME CODE - the check must name a variable `seen` in it.
seen()
{
	printf '%s\n' "$2" | object "$1"
	bad "$1" '@\.\(t\|\)\(data\|bss\)' check "$1"
}

object constant <<'T'
extern int f(int), g(int);
static int (*const table[])(int) = { f, g };
const char *const names[] = { "a", "b" };
static const int numbers[] = { 1, 2 };
int use(int i);
int use(int i) { return table[i](i) + numbers[i]; }
T
good "constant tables" check constant

seen global 'int seen;'
seen initialised 'int seen = 1;'
seen static 'static int seen = 1; int *f(void); int *f(void) { return &seen; }'
seen zero 'static int seen; int *f(void); int *f(void) { return &seen; }'
seen local 'int f(void); int f(void) { static int seen; return ++seen; }'
seen thread '_Thread_local int seen;'
seen pointer 'const char *seen = "not const itself";'
bad "no argument" usage "$tools/check-globals.sh"
echo "$cases cases"
