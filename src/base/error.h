/* SPDX-License-Identifier: MIT */
/*
 * error.h - recording why something failed, once, where it is known.
 *
 * Every function returns the negated code, so that "return fail(...)" is a
 * whole failure path.  A NULL error is allowed everywhere.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <microvm.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK             __attribute__((warn_unused_result))
#else
#define PRINTF_LIKE(fmt, args)
#define MUST_CHECK
#endif

typedef struct microvm_error mv_error;

int fail(mv_error *err, enum microvm_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The same with the OS's own number; its words are added to the message. */
int fail_os(mv_error *err, enum microvm_code code, int os, const char *fmt,
	    ...) PRINTF_LIKE(4, 5);

/* Prefix what is recorded: "kernel vmlinuz: not an arm64 Image". Returns rc. */
int fail_in(mv_error *err, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Say how to mend it.  Returns rc. */
int fail_hint(mv_error *err, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
