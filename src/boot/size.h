/* SPDX-License-Identifier: MIT */
/* size.h - byte counts as people read them, for messages. */
#ifndef BOOT_SIZE_H
#define BOOT_SIZE_H

#include <stdint.h>

struct size_text {
	char s[28];
};

/* "512 bytes", "12 KiB", "27.2 MiB": rounded up, as these are needs. */
struct size_text size_text(uint64_t bytes);

#endif
