/* SPDX-License-Identifier: MIT */
/* say.h - one clear line on the console from a guest program. */
#ifndef GUEST_COMMON_SAY_H
#define GUEST_COMMON_SAY_H

/* "NAME: text\n" on standard error, in one write. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, ending in ": " and the words for `os` (an errno). */
void say_os(int os, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The name of the program, defined by its main file. */
extern const char say_name[];

#endif
