/* SPDX-License-Identifier: MIT */
/* number.h - numbers as a user writes them: counts, sizes, seconds. */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

#include <microvm.h>

/* Each returns 0, or an error that quotes `text`.  No sign, no space. */
int count_parse(const char *text, unsigned *count, microvm_error *err);

/* "512M", "2G", "256" (MiB): bytes, a multiple of 1 MiB. */
int size_parse(const char *text, uint64_t *bytes, microvm_error *err);

/* "30", "0.5": milliseconds, at least 1. */
int seconds_parse(const char *text, uint64_t *ms, microvm_error *err);

#endif
