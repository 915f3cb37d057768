/* SPDX-License-Identifier: MIT */
/* programs.c - looking up one of the guest programs we carry. */
#include "guest/programs.h"

#include <string.h>

const struct guest_program *guest_program_find(const char *name,
					       enum microvm_arch arch)
{
	size_t i;

	for (i = 0; i < guest_programs_len; i++)
		if (guest_programs[i].arch == arch &&
		    strcmp(guest_programs[i].name, name) == 0)
			return &guest_programs[i];
	return NULL;
}
