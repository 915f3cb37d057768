/* SPDX-License-Identifier: MIT */
/*
 * fuzz_kvm_exit.c - any page KVM could leave behind, or could not.  Whatever
 * it says: accesses that come up are well formed, nothing is read or written
 * beside the page, output changes nothing in it, and a failure is told.
 */
#include "backend/kvm/exit.h"

#include <string.h>

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	PAGE = 4096,
	DATA = 2048, /* of the page: input goes there */
	PIO_MAX = 4,
	REFUSE = 1 << 0,
	POOR = 1 << 1,
	RAW = 1 << 2,    /* any reason, and not one of the list */
	LEGAL = 1 << 3,  /* data at DATA */
	FAILED = 1 << 4, /* KVM_RUN failed */
};

struct rig {
	struct hv_vm vm;
	struct hv_vcpu v;
	struct kvm_vm k;
	struct kvm_vcpu c;
	bool refuse;
	uint64_t reads, writes;
};

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	struct rig *r = v->vm->priv;

	CHECK(a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);
	CHECK(a->space == SPACE_MMIO || a->space == SPACE_PIO);
	if (a->space == SPACE_PIO)
		CHECK(a->size <= PIO_MAX && a->addr <= UINT16_MAX);
	if (a->write && a->size < 8)
		CHECK(a->value >> 8 * a->size == 0);
	if (a->write)
		r->writes++;
	else
		r->reads++;
	CHECK(r->reads + r->writes <= PAGE);
	if (!a->write)
		a->value = ~a->addr;
	return !r->refuse;
}

static bool on_sysreg(struct hv_vcpu *v, struct sysreg_access *a)
{
	struct rig *r = v->vm->priv;

	CHECK(a->write || a->value == 0);
	a->value = a->id;
	return !r->refuse;
}

static void on_eoi(struct hv_vcpu *v, unsigned vector)
{
	(void)v;
	CHECK(vector <= UINT8_MAX);
}

static const struct hv_events on = {
	.access = on_access,
	.sysreg = on_sysreg,
	.eoi = on_eoi,
};

static uint32_t reason(struct feed *f, unsigned how)
{
	static const uint32_t known[] = {
		KVM_EXIT_IO,         KVM_EXIT_MMIO,
		KVM_EXIT_X86_RDMSR,  KVM_EXIT_X86_WRMSR,
		KVM_EXIT_IOAPIC_EOI, KVM_EXIT_SYSTEM_EVENT,
		KVM_EXIT_FAIL_ENTRY, KVM_EXIT_INTERNAL_ERROR,
		KVM_EXIT_SHUTDOWN,   KVM_EXIT_INTR,
		KVM_EXIT_DEBUG,      39, /* memory fault */
	};

	if (how & RAW)
		return (uint32_t)feed_take(f, 4);
	return known[feed_take(f, 1) % (sizeof(known) / sizeof(*known))];
}

/* As much of the exit's part as there is input, then its data. */
static void fill(struct feed *f, unsigned how, struct kvm_run *run)
{
	uint8_t *page = (uint8_t *)run;
	size_t at = offsetof(struct kvm_run, hw);
	size_t n = f->len < 64 ? f->len : 64;

	run->exit_reason = reason(f, how);
	n = n < f->len ? n : f->len;
	memcpy(page + at, f->p, n);
	f->p += n;
	f->len -= n;
	if (how & LEGAL && run->exit_reason == KVM_EXIT_IO)
		run->io.data_offset = DATA;
	n = f->len < PAGE - DATA ? f->len : PAGE - DATA;
	memcpy(page + DATA, f->p, n);
}

static void rig_init(struct rig *r, unsigned how, struct kvm_run *run)
{
	*r = (struct rig){ .refuse = how & REFUSE };
	r->vm = (struct hv_vm){ .on = &on, .priv = r };
	r->v.vm = &r->vm;
	r->k = (struct kvm_vm){
		.fd = -1, .sys = -1, .run_size = PAGE, .poor = how & POOR
	};
	r->c = (struct kvm_vcpu){
		.hv = &r->v, .vm = &r->k, .fd = -1, .run = run
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed f = { data, len };
	unsigned how = (unsigned)feed_take(&f, 1);
	struct kvm_run *run = calloc(1, PAGE);
	uint8_t *before = malloc(PAGE);
	enum hv_run why;
	struct rig r;

	if (!run || !before)
		abort();
	fill(&f, how, run);
	memcpy(before, run, PAGE);
	rig_init(&r, how, run);
	why = how & FAILED ? kvm_exit_failed(&r.c, 14) : kvm_exit(&r.c);
	CHECK((why == HV_FAILED) == (r.v.err.msg[0] != '\0'));
	CHECK(memchr(r.v.err.msg, 0, sizeof(r.v.err.msg)));
	CHECK(why == HV_AGAIN || !r.c.unfinished);
	if (r.writes || why != HV_AGAIN)
		CHECK(memcmp(before, run, PAGE) == 0);
	free(before);
	free(run);
	return 0;
}
