/* SPDX-License-Identifier: MIT */
/*
 * file.h - the content of a file: all of it, or parts of it.
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
	uint8_t *p; /* from mem_map_huge() */
	size_t len;
};

/* A file that is open, to be read in parts; all zeros: none. */
struct open_file {
	int fd;
	uint64_t len;   /* when it was opened, at least 1 */
};

/*
 * Open a regular file of 1 to `max` bytes.  Never blocks on a fifo or a
 * device.  -MICROVM_ENOMEM: it is larger.  Messages, here and below, say what
 * is wrong with it but not its path, which callers put before them by fail_in()
 * with the role it plays.
 */
int file_open(struct open_file *f, const char *path, uint64_t max,
	      mv_error *err) MUST_CHECK;
void file_close(struct open_file *f);

/* Bytes [off, off+n) of it; an error if it has become too short for that. */
int file_read(const struct open_file *f, uint64_t off, void *dst, size_t n,
	      mv_error *err) MUST_CHECK;

/* All of it. */
int file_load(struct file *out, const struct open_file *f,
	      mv_error *err) MUST_CHECK;
void file_free(struct file *f);

#endif
