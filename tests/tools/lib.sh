# SPDX-License-Identifier: MIT
# lib.sh - sourced by the tests of tools/: a scratch tree and what to expect.

tools=$(cd "$(dirname "$0")/../../tools" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cases=0

# good WHAT COMMAND... - the command must be content.
good()
{
	what=$1
	shift
	cases=$((cases + 1))
	if ! "$@" >"$tree.out" 2>&1; then
		echo "complains of $what:"
		cat "$tree.out"
		rm -f "$tree.out"
		exit 1
	fi
	rm -f "$tree.out"
}

# bad WHAT PATTERN COMMAND... - it must fail, and say PATTERN.
bad()
{
	what=$1
	pattern=$2
	shift 2
	cases=$((cases + 1))
	if "$@" >"$tree.out" 2>&1; then
		echo "does not see $what"
		rm -f "$tree.out"
		exit 1
	fi
	if ! grep -q -e "$pattern" "$tree.out"; then
		echo "for $what it should say \"$pattern\", but says:"
		cat "$tree.out"
		rm -f "$tree.out"
		exit 1
	fi
	rm -f "$tree.out"
}

# file PATH - put stdin there, below the scratch tree.
file()
{
	mkdir -p "$(dirname "$tree/$1")"
	cat >"$tree/$1"
}

# object NAME - compile stdin to NAME.o in the scratch tree, as the library is.
object()
{
	${CC:-cc} -fPIC -fno-common -O1 -x c -c -o "$tree/$1.o" -
}
