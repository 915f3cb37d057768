/* SPDX-License-Identifier: MIT */
/*
 * programs.h - our guest programs, carried inside the microvm command.
 *
 * Static executables; the table is made when the project is built.
 */
#ifndef GUEST_PROGRAMS_H
#define GUEST_PROGRAMS_H

#include <microvm.h>

struct guest_program {
	const char *name; /* "init" */
	enum microvm_arch arch;
	const unsigned char *data;
	size_t len;
};

extern const struct guest_program guest_programs[];
extern const size_t guest_programs_len;

/* NULL when this build has no such program. */
const struct guest_program *guest_program_find(const char *name,
					       enum microvm_arch arch);

#endif
