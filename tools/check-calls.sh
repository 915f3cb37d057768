#!/bin/sh
# SPDX-License-Identifier: MIT
# check-calls.sh LIB.a|FILE.o... - the library is a polite guest: it calls
# nothing that ends the process, prints, changes signals or the environment,
# or keeps state for the whole process.
set -eu

here=$(dirname "$0")
. "$here/files.sh"

ends='_?exit|_Exit|quick_exit|abort|raise|kill|atexit|on_exit|at_quick_exit'
prints='printf|vprintf|fprintf|vfprintf|puts|fputs|fputc|putc|putchar|perror'
prints="$prints|fwrite|dprintf|std(in|out|err)|syslog|vsyslog|err|errx|warn"
signals='signal|sigaction|sigprocmask|sigwait|alarm|setitimer|pause'
process='setenv|putenv|unsetenv|chdir|umask|setlocale|fork|vfork|system|popen'
hidden='rand|srand|random|strtok|strerror_l|localtime|gmtime|ctime|asctime'
hidden="$hidden|getenv|setbuf|tmpnam|uv_default_loop|uv_fs_[a-z_]*sync"

[ $# -gt 0 ] || complain "usage: check-calls.sh LIB.a..."
for lib; do
	for name in $(nm -u "$lib" | awk '$1 == "U" { print $2 }' | sort -u |
		sed 's/^__\(.*\)_chk$/\1/' |
		grep -xE "$ends|$prints|$signals|$process|$hidden" || true); do
		complain "$lib: calls $name"
	done
done
finish check-calls
