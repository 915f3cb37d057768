/* SPDX-License-Identifier: MIT */
/*
 * file.h - the whole content of a file, as bytes that do not change.
 *
 * The content is read, not mapped: somebody who truncates a mapped file ends
 * every process that looks at it (SIGBUS), and the process is not ours.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct file {
	uint8_t *p; /* from mem_map() */
	size_t len;
};

/*
 * Read a regular file of 1 to `max` bytes.  Never blocks on a fifo or a
 * device.  -MICROVM_ENOMEM: it is larger.  Messages say what is wrong with it
 * but not its path, which callers put before them by fail_in() with the role
 * it plays.
 */
int file_load(struct file *f, const char *path, uint64_t max,
	      mv_error *err) MUST_CHECK;
void file_free(struct file *f);

#endif
