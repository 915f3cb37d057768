#!/bin/sh
# SPDX-License-Identifier: MIT
# test_driver.sh PROGRAM - the fuzz driver notices a fault, names the input,
# keeps it, and makes the same input again from its number.
set -eu

program=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir corpus

fail()
{
	echo "$1" >&2
	cat out >&2
	exit 1
}

printf good >corpus/a
"$program" corpus >out 2>&1 || fail "a good input is taken for a bad one"
grep -q '^1 files and 0 made inputs$' out || fail "it does not say what it did"

printf abXd >corpus/b
! "$program" corpus >out 2>&1 || fail "a dying target goes unseen"
grep -q 'died of input corpus/b' out || fail "the input has no name"
cmp -s crash-input corpus/b || fail "the input is not kept"

printf odd >corpus/b
! "$program" corpus >out 2>&1 || fail "a wrong result goes unseen"

printf abcd >corpus/b
rm crash-input
! "$program" -seed 7 -runs 1000000 corpus >out 2>&1 ||
	fail "random inputs never get to the fault"
mv crash-input first
n=$(sed -n 's/.*-first \([0-9]*\),.*/\1/p' out)
! "$program" -seed 7 -first "$n" -runs 1 corpus >out 2>&1 ||
	fail "input $n of seed 7 is not the same again"
cmp -s crash-input first || fail "input $n of seed 7 has other bytes now"

! "$program" -runs many >out 2>&1 || fail "a word for a number is taken"
! "$program" -what >out 2>&1 || fail "an unknown option is taken"
! "$program" nosuch >out 2>&1 || fail "a missing file is taken"
