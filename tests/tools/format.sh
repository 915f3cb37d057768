#!/bin/sh
# SPDX-License-Identifier: MIT
# C that is not laid out as agreed is found, and mended by -i.
set -eu
. "$(dirname "$0")/lib.sh"

if ! command -v clang-format >/dev/null; then
	echo "clang-format is missing"
	exit 77
fi
check() { "$tools/check-format.sh" "$tree"; }

cp "$tools/../.clang-format" "$tree"
printf 'int f(void)\n{\n\treturn 1;\n}\n' | file a.c
printf '/* columns */\nint   a;\nlong  b;\n' | file a.h
good "proper code" check
printf '\t\tf%080d();\n' 0 | file b.h
good "a long name" check
printf 'int f(void) { return 1; }\n' | file b.c
bad "a function on one line" 'b.c:1' check
good "mending" "$tools/check-format.sh" -i "$tree"
good "what was mended" check
printf '/* %080d */\n' 0 | file b.h
bad "a wide line" 'b.h:1: 86 columns' check
echo "$cases cases"
