/* SPDX-License-Identifier: MIT */
/* kernels.h - arm64 kernels of a few instructions, and files to keep them. */
#ifndef TESTS_API_KERNELS_H
#define TESTS_API_KERNELS_H

#include <stddef.h>
#include <stdint.h>

struct kernel {
	const uint32_t *code;
	size_t words;
};

/* Print '>', then what is typed; at a 'q' switch the machine off. */
extern const struct kernel kernel_echo;

/* Print NULs for ever. */
extern const struct kernel kernel_shout;

/* Wait for interrupts, and let none come. */
extern const struct kernel kernel_sleep;

/* Switch CPU 1 on, print the '2' it hands over, switch the machine off. */
extern const struct kernel kernel_smp;

enum { TEMP_PATH = 128 };

/* A file of a test's own, with an Image header in front of the code. */
void temp_kernel(char path[static TEMP_PATH], const struct kernel *k);
void temp_file(char path[static TEMP_PATH], const void *p, size_t len);
void temp_remove(const char *path);

#endif
