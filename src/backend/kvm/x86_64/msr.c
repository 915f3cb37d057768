/* SPDX-License-Identifier: MIT */
/* msr.c - model-specific registers of a vCPU, one at a time. */
#include <errno.h>
#include <stdlib.h>

#include "backend/kvm/x86_64/x86.h"

/* SDM volume 4, 2.1 */
enum { MISC_ENABLE = 0x1a0, MTRR_DEF_TYPE = 0x2ff };
enum { FAST_STRINGS = 1 << 0 };
enum { MTRR_WRITE_BACK = 6, MTRR_ENABLE = 1 << 11 };

/* struct kvm_msrs, of one. */
struct one {
	uint32_t count, padding;
	struct kvm_msr_entry entry;
};

_Static_assert(offsetof(struct one, entry) ==
		       offsetof(struct kvm_msrs, entries),
	       "both have their registers at the same place");

bool kvm_msr_get(const struct kvm_vcpu *c, uint32_t index, uint64_t *value)
{
	struct one m = { .count = 1, .entry = { .index = index } };

	if (kvm_call(c->fd, KVM_GET_MSRS, &m) != 1)
		return false;
	*value = m.entry.data;
	return true;
}

bool kvm_msr_set(const struct kvm_vcpu *c, uint32_t index, uint64_t value)
{
	struct one m = { .count = 1,
			 .entry = { .index = index, .data = value } };

	return kvm_call(c->fd, KVM_SET_MSRS, &m) == 1;
}

/*
 * Linux takes MTRRs that are off for a fault of the firmware, and does without
 * page attributes; Intel's string instructions that are not said to be fast it
 * does not use.  A CPU that does not have one needs nothing.
 */
void kvm_msr_boot(const struct kvm_vcpu *c)
{
	uint64_t misc;

	(void)!kvm_msr_set(c, MTRR_DEF_TYPE, MTRR_ENABLE | MTRR_WRITE_BACK);
	if (kvm_msr_get(c, MISC_ENABLE, &misc))
		(void)!kvm_msr_set(c, MISC_ENABLE, misc | FAST_STRINGS);
}

/* Asked with room for none, KVM tells how many there are. */
int kvm_msr_list(int fd, struct kvm_msr_list **out, mv_error *err)
{
	struct kvm_msr_list none = { 0 }, *list;

	if (!kvm_call(fd, KVM_GET_MSR_INDEX_LIST, &none))
		return fail(err, MICROVM_EHYPERVISOR, "KVM: keeps no MSRs");
	if (errno != E2BIG)
		return kvm_refused(err, "cannot list the MSRs");
	list = calloc(1, sizeof(*list) + sizeof(list->indices[0]) * none.nmsrs);
	if (!list)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	list->nmsrs = none.nmsrs;
	if (kvm_call(fd, KVM_GET_MSR_INDEX_LIST, list)) {
		free(list);
		return kvm_refused(err, "cannot list the MSRs");
	}
	*out = list;
	return 0;
}
