#!/bin/sh
# SPDX-License-Identifier: MIT
# Dead links, and code in the README that no example has, are found.
set -eu
. "$(dirname "$0")/lib.sh"

check() { python3 "$tools/check-docs.py" "$tree"; }

bad "a missing README" 'no README' check
file examples/boot.c <<'T'
int main(void)
{
	return 0;
}
T
file docs/a.md <<'T'
See [the start](../README.md#top) and [elsewhere](https://example.org/x).
T
file README.md <<'T'
See [a](docs/a.md).
```c
int main(void)
{
	return 0;
```
T
good "proper documents" check

echo 'See [b](b.md).' | file docs/a.md
bad "a dead link" 'docs/a.md: no such file: b.md' check
: | file docs/a.md
printf '```c\nint main(int argc)\n```\n' | file README.md
bad "code no example has" 'not in examples/: int main(int argc)' check
echo "$cases cases"
