/* SPDX-License-Identifier: MIT */
/* held.h - what this process holds of its system, to compare with later. */
#ifndef TESTS_KVM_HELD_H
#define TESTS_KVM_HELD_H

#include <stdbool.h>

enum { HELD_FILES = 64, HELD_NAME = 64, HELD_SIGNALS = 512 };

struct held {
	unsigned threads, files, maps;
	long resident;                    /* KiB */
	char file[HELD_FILES][HELD_NAME]; /* what they are, sorted */
	char signals[HELD_SIGNALS]; /* of the first thread: masks, handlers */
};

/* Sanitizers keep threads and memory of their own. */
#if defined(__has_feature)
#define HELD_FEATURE(name) __has_feature(name)
#else
#define HELD_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || HELD_FEATURE(thread_sanitizer)
enum { HELD_TOOLS = 1, HELD_TOOLS_KIB = 1 << 20 };
#elif defined(__SANITIZE_ADDRESS__) || HELD_FEATURE(address_sanitizer)
enum { HELD_TOOLS = 0, HELD_TOOLS_KIB = 1 << 20 };
#else
enum { HELD_TOOLS = 0, HELD_TOOLS_KIB = 0 };
#endif

/*
 * When there is one thread again: one that was joined is gone some moments
 * later.
 */
void held_look(struct held *h);

/* The same signals; differences are printed. */
bool held_same_signals(const struct held *before, const struct held *after);

/*
 * The same threads and files, and not more memory than `slack` KiB and `maps`
 * mappings.
 */
bool held_same(const struct held *before, const struct held *after,
	       unsigned maps, long slack);

void held_print(const char *when, const struct held *h);

#endif
