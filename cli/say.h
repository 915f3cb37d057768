/* SPDX-License-Identifier: MIT */
/*
 * say.h - how the command speaks: exit statuses, errors, notes.
 *
 * Errors are collected in a microvm_error, as in the library, and printed in
 * one place: "microvm: CAUSE", then "  fix: WHAT TO DO".
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <microvm.h>

#if defined(__GNUC__)
#define SAY_FORMAT(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define SAY_FORMAT(fmt, args)
#endif

/* What the command exits with; the manual page tells the same. */
enum status {
	STATUS_OK = 0,
	STATUS_PANIC = 123,   /* the guest crashed */
	STATUS_TIMEOUT = 124, /* --timeout, as timeout(1) has it */
	STATUS_ERROR = 125,   /* our own error, as env(1) and docker have it */
	STATUS_SIGNAL = 128,  /* plus the number of the signal */
};

/* Record a mistake of the user's.  Returns -MICROVM_EINVAL. */
int refuse(microvm_error *err, const char *fmt, ...) SAY_FORMAT(2, 3);

/* Record what the OS refused; its words are added.  Returns -MICROVM_EIO. */
int refuse_os(microvm_error *err, int os, const char *fmt, ...)
	SAY_FORMAT(3, 4);

/* Put "NAME: " before the cause.  Returns -err->code. */
int refuse_in(microvm_error *err, const char *name);

/* Add how to mend it.  Returns -err->code. */
int refuse_hint(microvm_error *err, const char *fmt, ...) SAY_FORMAT(2, 3);

/* The static analyzer sees no further than one file: these are never 0. */
#ifdef __clang_analyzer__
#define refuse(...) (refuse(__VA_ARGS__), -MICROVM_EINVAL)
#define refuse_os(...) (refuse_os(__VA_ARGS__), -MICROVM_EIO)
#define refuse_in(...) (refuse_in(__VA_ARGS__), -MICROVM_EINVAL)
#define refuse_hint(...) (refuse_hint(__VA_ARGS__), -MICROVM_EINVAL)
#endif

/* Print it on stderr; returns STATUS_ERROR. */
int say_error(const microvm_error *err);

/* Flush stdout: STATUS_OK, or STATUS_ERROR said when it could not all go. */
int say_flush(void);

#endif
