/* SPDX-License-Identifier: MIT */
/*
 * cpuid.h - what the x86_64 guest is told of its CPUs.
 *
 * Takes what the hypervisor can do on this host and leaves what this machine
 * is: one package of `cpus` cores with a thread each, nothing whose state or
 * registers nobody keeps.  Knows no hypervisor.
 */
#ifndef ARCH_X86_64_CPUID_H
#define ARCH_X86_64_CPUID_H

#include <stdbool.h>
#include <stdint.h>

/* CPUID with EAX = leaf; by_subleaf: and ECX = subleaf, else any. */
struct x86_cpuid {
	uint32_t leaf, subleaf;
	bool     by_subleaf;
	uint32_t eax, ebx, ecx, edx;
};

enum { X86_CPUID_MAX = 256 };

struct x86_cpuid_list {
	unsigned         count;
	struct x86_cpuid entry[X86_CPUID_MAX];
};

struct x86_cpuid_facts {
	unsigned index, cpus;   /* of this vCPU, also its APIC id; of all */
	uint64_t tsc_hz;        /* 0: not known, or not constant */
	bool     tsc_deadline;  /* the local APIC's timer has that mode */
};

/*
 * In: what the hypervisor can do.  Out: what the guest sees on that vCPU.  A
 * second call changes nothing.  At most X86_CPUID_MAX entries are looked at;
 * leaves that do not fit any more are left out.
 */
void x86_cpuid_policy(struct x86_cpuid_list *list,
		      const struct x86_cpuid_facts *f);

#endif
