/* SPDX-License-Identifier: MIT */
/* file.h - a small file of the guest, whole, in memory. */
#ifndef GUEST_COMMON_FILE_H
#define GUEST_COMMON_FILE_H

#include <stddef.h>

/*
 * The content of `path` in new memory with a NUL behind its *len bytes, or
 * NULL with errno set; EFBIG when it is longer than `max`.
 */
char *file_read(const char *path, size_t max, size_t *len);

#endif
