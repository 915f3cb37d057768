/* SPDX-License-Identifier: MIT */
/* say.c - errors of the command, recorded and printed in one style. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef refuse
#undef refuse_os
#undef refuse_in
#undef refuse_hint

int refuse(microvm_error *err, const char *fmt, ...)
{
	va_list ap;

	*err = (microvm_error){ .code = MICROVM_EINVAL };
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -MICROVM_EINVAL;
}

int refuse_os(microvm_error *err, int os, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	*err = (microvm_error){ .code = MICROVM_EIO, .os = os };
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s",
		       strerror(os));
	return -MICROVM_EIO;
}

int refuse_in(microvm_error *err, const char *name)
{
	char why[sizeof(err->msg)];
	int n;

	memcpy(why, err->msg, sizeof(why));
	n = snprintf(err->msg, sizeof(err->msg), "%s: ", name);
	if (n > 0 && (size_t)n < sizeof(err->msg))
		(void)strncat(err->msg, why, sizeof(err->msg) - (size_t)n - 1);
	return -err->code;
}

int refuse_hint(microvm_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -err->code;
}

int say_error(const microvm_error *err)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "microvm: %s\n",
		      err->msg[0] ? err->msg : microvm_strerror(err->code));
	if (err->hint[0])
		(void)fprintf(stderr, "  fix: %s\n", err->hint);
	return STATUS_ERROR;
}

int say_flush(void)
{
	microvm_error err;

	if (!ferror(stdout) && !fflush(stdout))
		return STATUS_OK;
	(void)refuse_os(&err, errno, "cannot write to standard output");
	return say_error(&err);
}
