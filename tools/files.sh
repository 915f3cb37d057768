# SPDX-License-Identifier: MIT
# files.sh - sourced by the checks: which files make up the tree.

# tree_files ROOT PATTERN... - paths relative to ROOT whose names match one of
# the find(1) patterns.  In a git checkout: what is tracked or would be.
tree_files()
{
	root=$1
	shift
	if [ -e "$root/.git" ]; then
		git -C "$root" ls-files -co --exclude-standard
	else
		(cd "$root" && find . -type f ! -path './build*' | cut -c3-)
	fi | sort | while IFS= read -r path; do
		[ -f "$root/$path" ] || continue
		for pattern; do
			# shellcheck disable=SC2254 # the pattern is one
			case "${path##*/}" in
			$pattern)
				printf '%s\n' "$path"
				break
				;;
			esac
		done
	done
}

# complain TEXT... - report one finding; finish ends with the verdict.
complaints=0
complain()
{
	printf '%s\n' "$*" >&2
	complaints=$((complaints + 1))
}

# finish WHAT - exit 0 when nothing was found, else 1 and a summary.
finish()
{
	if [ "$complaints" -ne 0 ]; then
		printf '%s: %d finding(s)\n' "$1" "$complaints" >&2
		exit 1
	fi
	exit 0
}
