#!/bin/sh
# SPDX-License-Identifier: MIT
# An include must follow an arrow of the table.
set -eu
. "$(dirname "$0")/lib.sh"

check() { python3 "$tools/check-layers.py" "$tree"; }

file docs/architecture.md <<'T'
| module | may include | outside |
|---|---|---|
| `base` | | |
| `os` | `base` | `uv.h` `sys/*.h` |
| `dev` | `base` | |
| `vm` | `base` `dev` `os` | |
| `cpu/one` | `base` | |
| `cpu/two` | `base` | |
| `cli` | | `unistd.h` |
T
file src/base/num.h </dev/null
file src/dev/uart.h </dev/null
file src/vm/vm.h </dev/null
file src/cpu/one/cpu.h </dev/null
file src/os/thread.c <<'T'
#include <stdint.h>
#include <sys/mman.h>
#include <uv.h>
#include "base/num.h"
T
file src/vm/vm.c <<'T'
#include "vm/vm.h"
#include "dev/uart.h"
T
file cli/main.h </dev/null
file cli/main.c <<'T'
#include <microvm.h>
#include <unistd.h>
#include "cli/main.h"
#include "main.h"
T
good "a proper tree" check

echo '#include "vm/vm.h"' | file src/dev/uart.c
bad "an upward arrow" 'uart.c:1: no arrow from dev to vm' check
echo '#include "cpu/one/cpu.h"' | file src/dev/uart.c
bad "a sideways arrow" 'no arrow from dev to cpu/one' check
echo '# include "os/thread.h"' | file src/dev/uart.c
bad "a header that is not there" 'not a header' check
echo '#include "uart.h"' | file src/dev/uart.c
bad "half a path" 'full module path' check
echo '#include <uv.h>' | file src/dev/uart.c
bad "a library of another module" 'no business with <uv.h>' check
: | file src/dev/uart.c
good "it again" check

echo '#include "cpu/one/cpu.h"' | file src/cpu/two/x.c
bad "one of a family including the other" 'from cpu/two to cpu/one' check
: | file src/cpu/two/x.c

echo '#include "src/base/num.h"' | file cli/run.c
bad "a command that reaches into the library" 'run.c:1' check
echo '#include "base/num.h"' | file cli/run.c
bad "the same in another way" 'run.c:1' check
: | file cli/run.c

: | file src/misc/x.c
bad "a file of no module" 'belongs to no module' check
rm "$tree/src/misc/x.c"
echo '| `top` | `nobody` | |' >>"$tree/docs/architecture.md"
bad "an arrow to nowhere" 'no such module: nobody' check
: | file docs/architecture.md
bad "a missing table" 'no table' check
echo "$cases cases"
