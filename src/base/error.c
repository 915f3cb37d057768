/* SPDX-License-Identifier: MIT */
/* error.c - recording why something failed. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cut, never overrun: a message is for people. */
static void append(char *dst, size_t size, const char *text)
{
	size_t n = strlen(dst);

	(void)snprintf(dst + n, size - n, "%s", text);
}

static int record(mv_error *err, enum microvm_code code, long os,
		  const char *fmt, va_list ap)
{
	if (err) {
		*err = (mv_error){ .code = (int)code, .os = os };
		(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	}
	return -(int)code;
}

int fail(mv_error *err, enum microvm_code code, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = record(err, code, 0, fmt, ap);
	va_end(ap);
	return rc;
}

int fail_os(mv_error *err, enum microvm_code code, int os, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = record(err, code, os, fmt, ap);
	va_end(ap);
	if (err) {
		append(err->msg, sizeof(err->msg), ": ");
		/* Per thread in glibc; elsewhere only unknown codes share. */
		append(err->msg, sizeof(err->msg),
		       strerror(os)); // NOLINT(concurrency-mt-unsafe)
	}
	return rc;
}

int fail_in(mv_error *err, int rc, const char *fmt, ...)
{
	char tail[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return rc;
	memcpy(tail, err->msg, sizeof(tail));
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	append(err->msg, sizeof(err->msg), ": ");
	append(err->msg, sizeof(err->msg), tail);
	return rc;
}

int fail_hint(mv_error *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return rc;
	va_start(ap, fmt);
	(void)vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return rc;
}
