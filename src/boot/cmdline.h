/* SPDX-License-Identifier: MIT */
/*
 * cmdline.h - the kernel command line: a default, and words at its end.
 */
#ifndef BOOT_CMDLINE_H
#define BOOT_CMDLINE_H

#include <stddef.h>

#include "base/error.h"
#include "core/regs.h"

/* COMMAND_LINE_SIZE is 2048 with its NUL, on arm64 as on x86. */
enum { CMDLINE_MAX = 2047 };

struct cmdline {
	char   text[CMDLINE_MAX + 1];
	size_t len;
};

/*
 * What a guest of this machine is best started with: a console, a reboot
 * (which ends the VM) instead of a frozen panic, no self-tests of the
 * kernel's ciphers (half of the boot's instructions), few words.
 */
const char *cmdline_default(enum arch arch);

/* Begin with `base`.  Errors leave the line empty. */
int cmdline_init(struct cmdline *c, const char *base, mv_error *err) MUST_CHECK;

/* Add words, behind a blank.  Errors leave the line as it was. */
int cmdline_append(struct cmdline *c, const char *words,
		   mv_error *err) MUST_CHECK;

/* The check both make, for a line from elsewhere. */
int cmdline_check(const char *line, mv_error *err) MUST_CHECK;

#endif
