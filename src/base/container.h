/* SPDX-License-Identifier: MIT */
/* container.h - from a member to its struct, and the length of an array. */
#ifndef BASE_CONTAINER_H
#define BASE_CONTAINER_H

#include <stddef.h>

#define container_of(p, type, member) \
	((type *)(void *)((char *)(p) - offsetof(type, member)))

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
