#!/bin/sh
# SPDX-License-Identifier: MIT
# A file that does not say its licence is found, also before it is committed.
set -eu
. "$(dirname "$0")/lib.sh"

check() { "$tools/check-spdx.sh" "$tree"; }
tag='SPDX-License''-Identifier'

bad "an empty tree" 'no source files' check
echo "/* $tag: MIT */" | file src/a.c
printf '#!/bin/sh\n# %s: MIT\n' "$tag" | file tools/b.sh
echo 'no licence needed' | file README.md
good "a proper tree" check

echo 'int x;' | file src/c.c
bad "a file without" 'src/c.c' check
printf 'int x;\n/* %s: MIT */\n' "$tag" | file src/c.c
bad "a late one" 'src/c.c' check
echo "/* $tag: GPL-2.0 */" | file src/c.c
bad "another licence" 'src/c.c' check
if command -v git >/dev/null; then
	git -C "$tree" init -q
	bad "an untracked one" 'src/c.c' check
	echo '/src/c.c' >"$tree/.gitignore"
	good "an ignored one" check
fi
echo "$cases cases"
