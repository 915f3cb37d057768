#!/bin/sh
# SPDX-License-Identifier: MIT
# Calls a library must not make are found by name.
set -eu
. "$(dirname "$0")/lib.sh"

check() { "$tools/check-calls.sh" "$tree/$1.o"; }

object polite <<'T'
#include <stdio.h>
#include <string.h>
int f(char *p, size_t n);
int f(char *p, size_t n) { return snprintf(p, n, "%zu", strlen(p)); }
T
good "a polite object" check polite

for call in 'exit(1)' 'abort()' 'atexit(0)' 'signal(2, 0)' 'puts("")' \
	'printf("%d", 1)' 'fprintf(stderr, "%d", 1)' 'rand()'; do
	object rude <<T
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
void f(void);
void f(void) { $call; }
T
	bad "$call" "calls ${call%%(*}\|calls stderr\|calls putchar" check rude
done
bad "no argument" usage "$tools/check-calls.sh"
echo "$cases cases"
