#!/bin/sh
# SPDX-License-Identifier: MIT
# make-archive.sh OUT.a IN.a - one object with only microvm_* global, so that
# our short internal names cannot clash with those of a program that links us.
set -eu

out=$1
in=$2
obj=${out%.a}.o

${LD:-ld} -r --whole-archive "$in" -o "$obj"
${OBJCOPY:-objcopy} --wildcard --keep-global-symbol='microvm_*' "$obj"
rm -f "$out"
${AR:-ar} rcs "$out" "$obj"
rm -f "$obj"
