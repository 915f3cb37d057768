#!/bin/sh
# SPDX-License-Identifier: MIT
# check-spdx.sh [ROOT] - every source file says its licence in its first line
# (the second, behind a #! or the name of a manual page).
set -eu

here=$(dirname "$0")
. "$here/files.sh"
root=${1:-$here/..}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
tree_files "$root" '*.c' '*.h' '*.S' '*.s' '*.ld' '*.map' '*.sh' '*.py' \
	'*.exp' '*.scd' 'meson.build' 'meson_options.txt' 'Makefile' \
	'.clang-format' '.clang-tidy' 'run' >"$list"
while IFS= read -r path; do
	head -n 2 "$root/$path" | awk '
		/SPDX-License-Identifier: MIT/ && (NR == 1 || script) { ok = 1 }
		NR == 1 && /^#!|^[a-z]+[(][1-9][)]$/ { script = 1 }
		END { exit !ok }' ||
		complain "$path: no SPDX-License-Identifier: MIT at its top"
done <"$list"
[ -s "$list" ] || complain "no source files under $root"
finish check-spdx
