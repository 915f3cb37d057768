#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch-deb.sh - packages of Debian's archive, of any architecture.
#
#   tools/fetch-deb.sh [-k] [-r] [-s SUITE] ARCH DIR PACKAGE...
#
# Unpacks the packages into DIR; with -k it puts the .deb files there instead.
# -r: with all they depend on.  -s: from that suite, not from the host's.
#
# Needs apt-get and dpkg-deb, but no root, and leaves the host's own packages
# alone.  What was fetched once is kept in
# ${MICROVM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/microvm}/deb, so that the next
# build directory needs no network; remove that folder to fetch anew.
set -eu
export LC_ALL=C

die() {
	echo "fetch-deb: $1" >&2
	echo "fetch-deb: $2" >&2
	exit 1
}

keep= recurse= suite=
while getopts krs: option; do
	case $option in
	k) keep=1 ;;
	r) recurse=1 ;;
	s) suite=$OPTARG ;;
	*) exit 1 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 3 ] || die "too few words" \
	"usage: fetch-deb.sh [-k] [-r] [-s SUITE] ARCH DIR PACKAGE..."
arch=$1
dir=$2
shift 2

# One folder of the cache for one set of packages.
cache=${MICROVM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/microvm}/deb
set=$cache/$arch-${suite:-host}-$1${recurse:+-all}-$(echo "$*" |
	cksum | cut -d ' ' -f 1)
for tool in apt-get dpkg-deb; do
	command -v "$tool" >/dev/null || die "no $tool on this machine" \
		"needs Debian or a system like it, to fetch: $*"
done
mkdir -p "$cache" || die "cannot make $cache" "set MICROVM_CACHE to a folder"

# An empty system of that architecture beside the host's, with its sources.
private_apt() {
	mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
	: >"$work/status"
	cat >"$work/apt.conf" <<-EOF
	Dir::State "$work/state";
	Dir::State::status "$work/status";
	Dir::Cache "$work/cache";
	APT::Architecture "$arch";
	#clear APT::Architectures;
	APT::Architectures { "$arch"; };
	APT::Sandbox::User "root";
	#clear APT::Update;
	#clear Acquire::IndexTargets::deb::DEP-11;
	Acquire::Languages "none";
	Acquire::Retries "3";
	EOF
	[ -n "$suite" ] || return 0
	# The first archive with Debian's kernels in it, but another suite.
	uri=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' \
		'Created-By: Packages' |
		sed -n 's,^\([^ ]*/debian/*\) main$,\1,p' | head -n 1)
	[ -n "$uri" ] || die "no Debian archive among apt's sources" \
		"add one to /etc/apt/sources.list.d"
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f $key ] && signed="[signed-by=$key]" || signed=
	echo "deb $signed $uri $suite main" >"$work/sources.list"
	cat >>"$work/apt.conf" <<-EOF
	Dir::Etc::sourcelist "$work/sources.list";
	Dir::Etc::sourceparts "-";
	EOF
}

apt() {
	apt-get -q -y -c "$work/apt.conf" "$@" >>"$work/log" 2>&1
}

fetch() {
	private_apt
	apt update || true # one of many sources may fail; see what follows
	mkdir "$work/new"
	if [ -n "$recurse" ]; then
		apt --no-install-recommends --download-only install "$@" &&
			mv "$work/cache/archives"/*.deb "$work/new"
	else
		(cd "$work/new" && apt download "$@")
	fi
}

if [ ! -d "$set" ]; then
	work=$(mktemp -d "$cache/.new-XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	fetch "$@" || {
		grep -E '^(E|W: Failed to fetch)' "$work/log" | head -n 5 >&2
		die "cannot fetch from Debian's archive ($arch): $*" \
			"check the network and apt's sources, then try again"
	}
	# Whole or not at all; another build may have been faster.
	mv -T "$work/new" "$set" 2>/dev/null || [ -d "$set" ]
fi

mkdir -p "$dir"
for deb in "$set"/*.deb; do
	if [ -n "$keep" ]; then
		cp "$deb" "$dir"
	else
		dpkg-deb -x "$deb" "$dir"
	fi
done
