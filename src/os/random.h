/* SPDX-License-Identifier: MIT */
/* random.h - bytes nobody can guess, from the OS. */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stddef.h>

#include "base/error.h"

int random_bytes(void *p, size_t len, mv_error *err) MUST_CHECK;

#endif
