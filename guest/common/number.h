/* SPDX-License-Identifier: MIT */
/* number.h - decimal numbers of the command line and of small protocols. */
#ifndef GUEST_COMMON_NUMBER_H
#define GUEST_COMMON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The `len` characters at `p`: nothing but 1 to 20 digits, at most `max`. */
bool number_read(const char *p, size_t len, uint64_t max, uint64_t *v);

/* The same of a whole string. */
bool number_parse(const char *text, uint64_t max, uint64_t *v);

#endif
