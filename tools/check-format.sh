#!/bin/sh
# SPDX-License-Identifier: MIT
# check-format.sh [ROOT] - .c files are as .clang-format lays them out (with -i
# they are made so), and no line of C is wider than 80 columns.
set -eu

here=$(dirname "$0")
. "$here/files.sh"
how='--dry-run -Werror'
if [ "${1:-}" = -i ]; then
	how=-i
	shift
fi
root=${1:-$here/..}

if ! command -v clang-format >/dev/null; then
	echo "clang-format is missing: tools/setup.sh check"
	exit 77
fi
cd "$root"
# shellcheck disable=SC2086 # two words on purpose
tree_files . '*.c' | xargs -r clang-format --style=file $how ||
	complain "mend it by: make format"

wide=$(tree_files . '*.c' '*.h' | while IFS= read -r path; do
	expand "$path" | awk -v path="$path" '
		length > 80 && /[^ ] +[^ ]/ { print path ":" NR ": " length " columns" }'
done)
[ -z "$wide" ] || complain "$wide"
finish check-format
