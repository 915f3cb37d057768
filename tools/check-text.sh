#!/bin/sh
# SPDX-License-Identifier: MIT
# check-text.sh [ROOT] - no trailing blanks, no lost line ends, no notes to
# ourselves, no paths of one machine; in any text file of the tree, the inputs
# of fuzz targets excepted.
set -eu

here=$(dirname "$0")
. "$here/files.sh"
root=${1:-$here/..}

# The words are cut so that this file does not find itself.
notes='\<(TO''DO|FIX''ME|XX''X|HA''CK)\>'
paths='(^|[^A-Za-z0-9_.$}])/(wo''rk|fa''rm|ho''me/[a-z]+|Use''rs/[a-z]+|ro''ot)/'

text_files()
{
	tree_files . '*' | grep -v '^tests/fuzz/corpus/'
}

found=$(mktemp)
trap 'rm -f "$found"' EXIT

# search WHAT REGEX [GREP OPTION] - one finding per matching line.
search()
{
	(cd "$root" && text_files |
		xargs -r -d '\n' grep -InE ${3:-} -e "$2" -- /dev/null) \
		>"$found" || true
	while IFS= read -r line; do
		complain "$1: $line"
	done <"$found"
}

search 'blanks at the end' '[[:blank:]]$'
search 'carriage return' "$(printf '\r')$"
search 'a note, not code' "$notes"
search 'path of one machine' "$paths"

(cd "$root" && text_files | while IFS= read -r path; do
	grep -Iq . "$path" || continue          # binary or empty
	[ -z "$(tail -c 1 "$path")" ] || echo "$path"
done) >"$found"
while IFS= read -r path; do
	complain "no line end at the end: $path"
done <"$found"
finish check-text
