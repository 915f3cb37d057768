#!/bin/sh
# SPDX-License-Identifier: MIT
# check-headers.sh [ROOT] - every header compiles alone, with every compiler
# at hand; microvm.h also as C99 and as C++.
set -eu

here=$(dirname "$0")
. "$here/files.sh"
root=${1:-$here/..}
cd "$root"

flags="-fsyntax-only -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Werror
	-D_DEFAULT_SOURCE -Iinclude -Isrc -I."
dirs='include src cli guest tests'
unit=$(mktemp)
trap 'rm -f "$unit"' EXIT

# try HEADER COMPILER... - compile a file that includes nothing else.
try()
{
	header=$1
	shift
	printf '#include "%s"\n#include "%s"\n' "$PWD/$header" \
		"$PWD/$header" >"$unit"
	# shellcheck disable=SC2086 # many words on purpose
	"$@" $flags "$unit" || complain "$header: does not compile alone: $*"
}

compilers=
for cc in gcc clang; do
	command -v $cc >/dev/null && compilers="$compilers $cc"
done
if [ -z "$compilers" ]; then
	echo "gcc and clang are missing: tools/setup.sh check"
	exit 77
fi
# What knows an architecture of the host is compiled for that one.
compilers_for()
{
	case $1 in
	src/backend/kvm/arm64/*) cpu=aarch64 ;;
	src/backend/kvm/x86_64/*) cpu=x86_64 ;;
	*) cpu=$(uname -m) ;;
	esac
	if [ "$cpu" = "$(uname -m)" ]; then
		echo "$compilers"
	elif command -v $cpu-linux-gnu-gcc >/dev/null; then
		echo $cpu-linux-gnu-gcc
	fi
}

for header in $(tree_files . '*.h'); do
	case $header in
	tests/guests/*) continue ;;     # assembly
	esac
	case " $dirs " in
	*" ${header%%/*} "*) ;;
	*) continue ;;
	esac
	for cc in $(compilers_for "$header"); do
		try "$header" $cc -x c -std=c11
	done
done
if [ -f include/microvm.h ]; then
	for cc in $compilers; do
		try include/microvm.h $cc -x c -std=c99 -pedantic
	done
	if command -v clang++ >/dev/null; then
		try include/microvm.h clang++ -x c++ -std=c++11 -pedantic
	fi
fi
finish check-headers
