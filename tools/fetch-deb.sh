#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch-deb.sh - packages of Debian's archive, of any architecture, unpacked.
#
#   tools/fetch-deb.sh ARCH DIR PACKAGE...
#
# Unpacks the packages into DIR.  Needs apt-get and dpkg-deb, but no root, and
# leaves the host's own package state alone.  What was fetched once is kept in
# ${MICROVM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/microvm}, so that the next build
# directory needs no network.
set -eu
export LC_ALL=C

die() {
	echo "fetch-deb: $1" >&2
	echo "fetch-deb: $2" >&2
	exit 1
}

[ $# -ge 3 ] || die "no package named" "usage: fetch-deb.sh ARCH DIR PACKAGE..."
arch=$1
dir=$2
shift 2
cache=${MICROVM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/microvm}/deb
for tool in apt-get dpkg-deb; do
	command -v "$tool" >/dev/null || die "no $tool on this machine" \
		"needs Debian or a system like it, to fetch: $*"
done
mkdir -p "$cache" || die "cannot make $cache" "set MICROVM_CACHE to a folder"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
trap 'exit 1' HUP INT TERM

# The first package of that name and architecture, of any version.
cached() {
	for deb in "$cache/$1"_*_"$arch.deb" "$cache/$1"_*_all.deb; do
		[ -f "$deb" ] && echo "$deb" && return
	done
	return 1
}

# An empty system of that architecture beside the host's; its sources.
private_apt() {
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	: >"$state/status"
	cat >"$state/apt.conf" <<-EOF
	Dir::State "$state";
	Dir::State::status "$state/status";
	Dir::Cache "$state";
	APT::Architecture "$arch";
	#clear APT::Architectures;
	APT::Architectures { "$arch"; };
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::Retries "3";
	#clear APT::Update;
	#clear Acquire::IndexTargets::deb::DEP-11;
	EOF
	apt-get -q -c "$state/apt.conf" update >"$state/log" 2>&1 || true
}

fetch() {
	[ -f "$state/apt.conf" ] || private_apt
	mkdir -p "$state/new"
	(cd "$state/new" && apt-get -q -c "$state/apt.conf" download "$1") \
		>>"$state/log" 2>&1 || {
		grep '^[EW]:' "$state/log" | tail -n 5 >&2
		die "cannot fetch $1 ($arch) from Debian's archive" \
			"check the network and apt's sources, then try again"
	}
	# Into the cache whole or not at all: builds may run side by side.
	for deb in "$state/new"/*.deb; do
		cp "$deb" "$cache/.$$" && mv "$cache/.$$" "$cache/${deb##*/}"
	done
	rm -rf "$state/new"
}

mkdir -p "$dir"
for package; do
	deb=$(cached "$package") || {
		fetch "$package"
		deb=$(cached "$package")
	}
	dpkg-deb -x "$deb" "$dir"
done
