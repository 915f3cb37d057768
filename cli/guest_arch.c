/* SPDX-License-Identifier: MIT */
/* guest_arch.c - architectures of guests, and which of them runs best here. */
#include "guest_arch.h"

#include <string.h>
#include <sys/utsname.h>

const char *const guest_arch_choices[] = { "auto", "arm64", "x86_64", "amd64",
					   NULL };

enum microvm_arch guest_arch_chosen(unsigned choice)
{
	return choice == 1 ? MICROVM_ARCH_ARM64 : MICROVM_ARCH_X86_64;
}

const char *guest_arch_name(enum microvm_arch arch)
{
	return guest_arch_choices[arch + 1];
}

enum microvm_arch guest_arch_host(void)
{
	struct utsname u;

	/* uname(2) has "x86_64" on Linux and macOS, "amd64" on BSDs. */
	if (!uname(&u) &&
	    (!strcmp(u.machine, "x86_64") || !strcmp(u.machine, "amd64")))
		return MICROVM_ARCH_X86_64;
	return MICROVM_ARCH_ARM64;
}

bool guest_arch_best(const char *backend, unsigned among,
		     enum microvm_arch *arch)
{
	bool any = !backend || !strcmp(backend, "auto");
	microvm_report r = { .size = sizeof(r) };
	unsigned good = 0;

	/* Best first. */
	for (unsigned i = 0; !good && !microvm_probe(i, &r); i++)
		if (any ? r.preferred : r.usable && !strcmp(backend, r.name))
			good = r.arches & among;
	if (!good)
		return false;
	*arch = guest_arch_host();
	if (!(good & 1U << *arch))
		*arch = good & 1U << MICROVM_ARCH_ARM64 ? MICROVM_ARCH_ARM64
							: MICROVM_ARCH_X86_64;
	return true;
}
