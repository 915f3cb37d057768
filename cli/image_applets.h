/* SPDX-License-Identifier: MIT */
/* image_applets.h - the commands a busybox program has inside. */
#ifndef CLI_IMAGE_APPLETS_H
#define CLI_IMAGE_APPLETS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The names in the program's own table, one NUL-terminated string behind the
 * other, from *names on; how many, or 0 when there is no table.  The program
 * may be of any architecture: it is not run.
 */
size_t applets_find(const uint8_t *p, size_t len, const char **names);

#endif
