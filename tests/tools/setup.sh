#!/bin/sh
# SPDX-License-Identifier: MIT
# setup.sh asks for what is missing only, by the means at hand, and says what
# to do where there are none.
set -eu
. "$(dirname "$0")/lib.sh"

# A Debian of paper: dpkg knows the names in `installed`, apt-get adds to it,
# id tells who we are.  uname and the shell's own tools are the real ones.
bin=$tree/bin
mkdir "$bin"
for tool in sh sort uname dirname cat grep; do
	ln -s "$(command -v $tool)" "$bin/$tool"
done
stub()
{
	{ echo '#!/bin/sh'; cat; } >"$bin/$1"
	chmod +x "$bin/$1"
}
stub env <<'T'
shift
exec "$@"
T
stub dpkg-query <<'T'
for name; do :; done
grep -qx "$name" "$STATE/installed" || exit 1
echo "install ok installed"
T
stub apt-get <<'T'
echo "apt-get $*" >>"$STATE/log"
[ ! -f "$STATE/broken" ] || exit 100
case "$*" in
*install*) for name; do echo "$name" >>"$STATE/installed"; done ;;
esac
T
stub id <<'T'
cat "$STATE/uid"
T
STATE=$tree/state
export STATE
mkdir "$STATE"

setup() { : >"$STATE/log"; PATH=$bin "$tools/setup.sh" "$@" </dev/null; }

# said PATTERN - apt-get was called so.  silent - it was not called.
said() { grep -q -e "$1" "$STATE/log"; }
silent() { [ ! -s "$STATE/log" ]; }

"$tools/setup.sh" --list build check bench >"$STATE/installed"
echo 0 >"$STATE/uid"
good "nothing missing" setup build check bench
good "nothing run then" silent

grep -vx meson "$STATE/installed" >"$STATE/some"
cp "$STATE/some" "$STATE/installed"
good "one missing" setup build
good "its name" said 'install -y --no-install-recommends meson$'
good "lists made new first" said '-q update'
good "it being there afterwards" setup build
good "nothing run then" silent

cp "$STATE/some" "$STATE/installed"
: >"$STATE/broken"
bad "an archive out of reach" 'could not install: meson' setup build
rm "$STATE/broken"

echo 1000 >"$STATE/uid"
bad "no root and no sudo" 'as root, run: apt-get install meson' setup build
stub sudo <<'T'
echo "sudo $1" >>"$STATE/log"
[ "$1" != -n ] || shift
exec "$@"
T
good "sudo" setup build
good "sudo that must not ask, without a terminal" said 'sudo -n'

rm "$bin/dpkg-query"
setup build >"$STATE/out" 2>&1
good "another system" grep -q 'not Debian' "$STATE/out"
good "the list for it" grep -q libuv1-dev "$STATE/out"
bad "an unknown group" 'no such group' setup nosuch
bad "no group" usage setup
echo "$cases cases"
