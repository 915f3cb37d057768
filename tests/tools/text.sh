#!/bin/sh
# SPDX-License-Identifier: MIT
# Litter in any text file is found.
set -eu
. "$(dirname "$0")/lib.sh"

check() { "$tools/check-text.sh" "$tree"; }

printf 'clean text, a todo list, /etc/fstab, src/work/x\n' | file a.txt
printf '\000\001binary ' | file picture.bin
: | file empty
good "a clean tree" check

printf 'blank \n' | file b.txt
bad "a trailing blank" 'blanks at the end: b.txt:1' check
printf 'tab\t\n' | file b.txt
bad "a trailing tab" 'blanks at the end' check
printf 'dos\r\n' | file b.txt
bad "a carriage return" 'carriage return' check
printf 'no end' | file b.txt
bad "a lost line end" 'no line end' check
printf 'x = 1; /* %s: later */\n' 'TO''DO' | file b.txt
bad "a note" 'a note' check
printf '%s: this\n' 'FIX''ME' | file b.txt
bad "another note" 'a note' check
printf 'see /%s/me/file\n' home | file b.txt
bad "a path" 'path of one machine' check
printf '"/%s/main"\n' work | file b.txt
bad "a quoted path" 'path of one machine' check
echo "$cases cases"
