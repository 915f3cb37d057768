/* SPDX-License-Identifier: MIT */
/*
 * say.c - one clear line on the console from a guest program.
 *
 * One write a line, so that lines of several processes do not mix.
 */
#include "guest/common/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LEN = 512 };

static void say_line(const char *why, const char *fmt, va_list ap)
{
	char text[LINE_LEN], line[2 * LINE_LEN];
	int n;

	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): both start it
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	n = snprintf(line, sizeof(line), "%s: %s%s%s\n", say_name, text,
		     why ? ": " : "", why ? why : "");
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* no console: there is nobody to tell */
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(NULL, fmt, ap);
	va_end(ap);
}

void say_os(int os, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	// NOLINTNEXTLINE(concurrency-mt-unsafe): our programs have one thread
	say_line(strerror(os), fmt, ap);
	va_end(ap);
}
