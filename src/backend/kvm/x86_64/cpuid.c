/* SPDX-License-Identifier: MIT */
/* cpuid.c - CPUID: from KVM to the policy, and back. */
#include <stdlib.h>

#include "backend/kvm/x86_64/x86.h"
#include "base/container.h"

/* struct kvm_cpuid2, with as much as the policy takes. */
struct kvm_list {
	uint32_t count, padding;
	struct kvm_cpuid_entry2 entry[X86_CPUID_MAX];
};

_Static_assert(offsetof(struct kvm_list, entry) ==
		       offsetof(struct kvm_cpuid2, entries),
	       "both have their leaves at the same place");

static void from_kvm(struct x86_cpuid_list *out, const struct kvm_list *in)
{
	unsigned i;

	out->count = in->count;
	for (i = 0; i < out->count; i++) {
		const struct kvm_cpuid_entry2 *e = &in->entry[i];

		out->entry[i] = (struct x86_cpuid){
			.leaf = e->function,
			.subleaf = e->index,
			.by_subleaf =
				e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
			.eax = e->eax,
			.ebx = e->ebx,
			.ecx = e->ecx,
			.edx = e->edx,
		};
	}
}

static void to_kvm(struct kvm_list *out, const struct x86_cpuid_list *in)
{
	unsigned i;

	out->count = in->count;
	for (i = 0; i < in->count; i++) {
		const struct x86_cpuid *e = &in->entry[i];

		out->entry[i] = (struct kvm_cpuid_entry2){
			.function = e->leaf,
			.index = e->subleaf,
			.flags = e->by_subleaf ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX
					       : 0,
			.eax = e->eax,
			.ebx = e->ebx,
			.ecx = e->ecx,
			.edx = e->edx,
		};
	}
}

uint32_t kvm_tsc_khz(const struct kvm_vcpu *c)
{
	int khz = kvm_call_n(c->fd, KVM_GET_TSC_KHZ, 0);

	return khz > 0 ? (uint32_t)khz : 0;
}

int kvm_cpuid_make(struct kvm_vcpu *c, struct x86_cpuid_list *out,
		   mv_error *err)
{
	struct x86_cpuid_facts facts = {
		.index = c->hv->index,
		.cpus = c->hv->vm->cfg.cpus,
		.tsc_hz = UINT64_C(1000) * kvm_tsc_khz(c),
		.tsc_deadline =
			kvm_has(c->vm->sys, KVM_CAP_TSC_DEADLINE_TIMER) != 0,
	};
	struct kvm_list *list = calloc(1, sizeof(*list));
	int rc = 0;

	if (!list)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	list->count = X86_CPUID_MAX;
	if (kvm_call(c->vm->sys, KVM_GET_SUPPORTED_CPUID, list))
		rc = kvm_refused(err, "cannot tell what CPUs it can make");
	else
		from_kvm(out, list);
	free(list);
	if (!rc)
		x86_cpuid_policy(out, &facts);
	return rc;
}

bool kvm_cpuid_set(struct kvm_vcpu *c, const struct x86_cpuid_list *list)
{
	struct kvm_list *all = calloc(1, sizeof(*all));
	bool ok;

	if (!all)
		return false;
	to_kvm(all, list);
	ok = kvm_call(c->fd, KVM_SET_CPUID2, all) == 0;
	free(all);
	return ok;
}

bool kvm_cpuid_same(const struct x86_cpuid_list *a,
		    const struct x86_cpuid_list *b)
{
	unsigned i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++) {
		const struct x86_cpuid *l = &a->entry[i], *r = &b->entry[i];

		if (l->leaf != r->leaf || l->subleaf != r->subleaf ||
		    l->by_subleaf != r->by_subleaf || l->eax != r->eax ||
		    l->ebx != r->ebx || l->ecx != r->ecx || l->edx != r->edx)
			return false;
	}
	return true;
}

static struct x86_cpuid find(const struct x86_cpuid_list *list, uint32_t leaf,
			     uint32_t subleaf)
{
	unsigned i;

	for (i = 0; i < list->count; i++) {
		const struct x86_cpuid *e = &list->entry[i];

		if (e->leaf == leaf &&
		    (!e->by_subleaf || e->subleaf == subleaf))
			return *e;
	}
	return (struct x86_cpuid){ .leaf = leaf }; /* no feature */
}

static bool same_vendor(const struct x86_cpuid_list *a,
			const struct x86_cpuid_list *b)
{
	struct x86_cpuid l = find(a, 0, 0), r = find(b, 0, 0);

	return l.ebx == r.ebx && l.ecx == r.ecx && l.edx == r.edx;
}

/* SDM volume 2, CPUID: registers whose bits are features, one each. */
enum { EAX = 1, EBX = 2, ECX = 4, EDX = 8 };

bool kvm_cpuid_covers(const struct x86_cpuid_list *has,
		      const struct x86_cpuid_list *wants)
{
	static const struct {
		uint32_t leaf, subleaf;
		unsigned regs;
	} row[] = {
		{ 1, 0, ECX | EDX },         { 7, 0, EBX | ECX | EDX },
		{ 7, 1, EAX | ECX | EDX },   { 7, 2, EDX },
		{ 0xd, 0, EAX | EDX }, /* parts of XCR0 */
		{ 0xd, 1, EAX | ECX | EDX }, { 0x80000001, 0, ECX | EDX },
		{ 0x80000008, 0, EBX },      { 0x80000021, 0, EAX },
		{ 0x40000001, 0, EAX }, /* KVM's own */
	};
	unsigned i;

	for (i = 0; i < LEN(row); i++) {
		struct x86_cpuid h = find(has, row[i].leaf, row[i].subleaf);
		struct x86_cpuid w = find(wants, row[i].leaf, row[i].subleaf);

		if ((row[i].regs & EAX && w.eax & ~h.eax) ||
		    (row[i].regs & EBX && w.ebx & ~h.ebx) ||
		    (row[i].regs & ECX && w.ecx & ~h.ecx) ||
		    (row[i].regs & EDX && w.edx & ~h.edx))
			return false;
	}
	return same_vendor(has, wants);
}
