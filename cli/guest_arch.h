/* SPDX-License-Identifier: MIT */
/* guest_arch.h - architectures of guests, and which of them runs best here. */
#ifndef CLI_GUEST_ARCH_H
#define CLI_GUEST_ARCH_H

#include <microvm.h>
#include <stdbool.h>

enum { ARCHES = MICROVM_ARCH_X86_64 + 1, ARCHES_ALL = (1 << ARCHES) - 1 };

/* Choices of --arch: 0 is "auto", the others are known to guest_arch_chosen().
 */
extern const char *const guest_arch_choices[];
enum microvm_arch guest_arch_chosen(unsigned choice);

/* "arm64", "x86_64". */
const char *guest_arch_name(enum microvm_arch arch);

/* The host's own; arm64 when it is none of them. */
enum microvm_arch guest_arch_host(void);

/*
 * Which of some architectures (a sum of 1 << enum microvm_arch) this host
 * runs best: with that backend, or (NULL, "auto") with what would be chosen.
 * False: none.  Tries the backends, which takes some milliseconds.
 */
bool guest_arch_best(const char *backend, unsigned among,
		     enum microvm_arch *arch);

#endif
