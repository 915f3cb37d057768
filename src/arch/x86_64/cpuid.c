/* SPDX-License-Identifier: MIT */
/*
 * cpuid.c - what the x86_64 guest is told of its CPUs.
 *
 * Names and places of bits: SDM volume 2, CPUID; AMD APM volume 3, appendix E;
 * leaves of hypervisors: Linux Documentation/virt/kvm/x86/cpuid.rst.  What is
 * not named here is left as the hypervisor offers it: MCA, MTRR, PAT, PCID, the
 * bits against speculation, x2APIC, and leaf 0xD with all features whose
 * registers it describes (AMX too), which must stay as they fit each other.
 *
 * Leaves that are taken away stay in the list, as zeros: a hypervisor may fill
 * in its own where it is told nothing.
 *
 * Time needs no calibration, as there is nothing to calibrate against.  Linux
 * under KVM has the TSC's rate from kvmclock, and with TSC_DEADLINE the timer
 * counts the TSC too: with both it asks for nothing else.  For those without
 * kvmclock leaves 0x15 and 0x16 tell the rate (see tell_rate).
 */
#include "arch/x86_64/cpuid.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "base/container.h"
#include "base/num.h"

#define BIT(n) (UINT32_C(1) << (n))
#define ALL UINT32_MAX

enum {
	LEAF_MAX = 0,
	LEAF_FEATURES = 1,
	LEAF_SERIAL = 3,
	LEAF_CACHES = 4,
	LEAF_MWAIT = 5,
	LEAF_POWER = 6,
	LEAF_FEATURES_7 = 7,
	LEAF_DCA = 9,
	LEAF_PMU = 0xa,
	LEAF_TOPOLOGY = 0xb,
	LEAF_RDT_MONITOR = 0xf,
	LEAF_RDT_ALLOCATE = 0x10,
	LEAF_SGX = 0x12,
	LEAF_PT = 0x14,
	LEAF_TSC = 0x15,
	LEAF_MHZ = 0x16,
	LEAF_TLB = 0x18,
	LEAF_KEY_LOCKER = 0x19,
	LEAF_HYBRID = 0x1a,
	LEAF_PCONFIG = 0x1b,
	LEAF_LBR = 0x1c,
	LEAF_TOPOLOGY_2 = 0x1f,
	LEAF_HRESET = 0x20,
	LEAF_PMU_2 = 0x23,
};

/* Extended leaves, and those of hypervisors, do not fit an int. */
#define LEAF_HYPERVISOR UINT32_C(0x40000000)
#define LEAF_HYPERVISOR_STEP UINT32_C(0x100)
#define LEAF_HYPERVISOR_END UINT32_C(0x40010000)
#define LEAF_EXT_MAX UINT32_C(0x80000000)
#define LEAF_EXT_FEATURES UINT32_C(0x80000001)
#define LEAF_EXT_POWER UINT32_C(0x80000007)
#define LEAF_EXT_SIZES UINT32_C(0x80000008)
#define LEAF_AMD_SVM UINT32_C(0x8000000a)
#define LEAF_AMD_IBS UINT32_C(0x8000001b)
#define LEAF_AMD_LWP UINT32_C(0x8000001c)
#define LEAF_AMD_CACHES UINT32_C(0x8000001d)
#define LEAF_AMD_TOPOLOGY UINT32_C(0x8000001e)
#define LEAF_AMD_SEV UINT32_C(0x8000001f)
#define LEAF_AMD_QOS UINT32_C(0x80000020)
#define LEAF_AMD_PMU UINT32_C(0x80000022)
#define LEAF_AMD_LEVELS UINT32_C(0x80000026)

/* Leaf 1, ECX */
#define F1_DTES64 BIT(2)
#define F1_MONITOR BIT(3)
#define F1_DS_CPL BIT(4)
#define F1_VMX BIT(5)
#define F1_SMX BIT(6)
#define F1_EST BIT(7)
#define F1_TM2 BIT(8)
#define F1_CNXT_ID BIT(10)
#define F1_SDBG BIT(11)
#define F1_XTPR BIT(14)
#define F1_PDCM BIT(15)
#define F1_DCA BIT(18)
#define F1_TSC_DEADLINE BIT(24)
#define F1_OSXSAVE BIT(27)
#define F1_HYPERVISOR BIT(31)
/* and EDX */
#define F1_PSN BIT(18)
#define F1_DS BIT(21)
#define F1_ACPI BIT(22)
#define F1_HTT BIT(28)
#define F1_TM BIT(29)
#define F1_PBE BIT(31)

#define F6_ARAT BIT(2) /* EAX */

/* Leaf 7, subleaf 0: EBX, ECX, EDX */
#define F7_SGX BIT(2)
#define F7_RDT_MONITOR BIT(12)
#define F7_RDT_ALLOCATE BIT(15)
#define F7_PT BIT(25)
#define F7_OSPKE BIT(4)
#define F7_TME BIT(13)
#define F7_KEY_LOCKER BIT(23)
#define F7_ENQCMD BIT(29)
#define F7_SGX_LC BIT(30)
#define F7_SGX_KEYS BIT(1)
#define F7_HYBRID BIT(15)
#define F7_PCONFIG BIT(18)
#define F7_LBR BIT(19)
/* and subleaf 1, EAX */
#define F71_PMU BIT(8)
#define F71_HRESET BIT(22)
#define F71_PPIN BIT(0) /* EBX */

/* Leaf 0x80000001, ECX */
#define X1_CMP_LEGACY BIT(1)
#define X1_SVM BIT(2)
#define X1_EXT_APIC BIT(3)
#define X1_IBS BIT(10)
#define X1_SKINIT BIT(12)
#define X1_WDT BIT(13)
#define X1_LWP BIT(15)
#define X1_NODE_ID BIT(19)
#define X1_PMU_CORE BIT(23)
#define X1_PMU_NB BIT(24)
#define X1_PERF_TSC BIT(27)
#define X1_PMU_L3 BIT(28)
#define X1_MONITORX BIT(29)

/* Leaf 0x80000007: EBX; EDX */
#define X7_SMCA BIT(3)
#define X7_INVARIANT_TSC BIT(8)

/* Leaf 0x80000008, EBX */
#define X8_RDPRU BIT(4)
#define X8_PPIN BIT(23)
#define X8_CPPC BIT(27)

/* KVM's features, EAX of the leaf behind its signature */
#define KVM_ASYNC_PF BIT(4)
#define KVM_ASYNC_PF_VMEXIT BIT(10)
#define KVM_ASYNC_PF_INT BIT(14)
#define KVM_MSI_EXT_DEST_ID BIT(15)
#define KVM_MAP_GPA_RANGE BIT(16)
#define KVM_MIGRATION BIT(17)

/*
 * What is taken away, and why:
 * - virtualization (VMX, SMX, SVM, SKINIT), enclaves (SGX), encryption of
 *   memory (TME, SEV, key locker), tracing (PT, LBR, DS): nobody saves their
 *   registers, and they are no business of a small guest;
 * - counters (leaf 0xA, PDCM, the rest of AMD's): the same.  RDPRU and leaf 6
 *   ECX read two of them;
 * - frequencies, heat and waiting (EST, TM, ACPI, leaf 6, MONITOR): they are
 *   the host's.  A guest that waits by MWAIT keeps a host CPU to itself;
 * - quality of service (RDT), numbers of the host (PSN, PPIN), kinds of cores
 *   (hybrid): they tell of the CPU we happen to run on;
 * - SMCA's and the node's MSRs, ENQCMD's PASID: no hypervisor has them;
 * - OSXSAVE and OSPKE mirror CR4, and whoever executes CPUID adds them.
 */
static const struct x86_cpuid hidden[] = {
	{ .leaf = LEAF_FEATURES,
	  .ecx = F1_DTES64 | F1_MONITOR | F1_DS_CPL | F1_VMX | F1_SMX | F1_EST |
		 F1_TM2 | F1_CNXT_ID | F1_SDBG | F1_XTPR | F1_PDCM | F1_DCA |
		 F1_TSC_DEADLINE | F1_OSXSAVE,
	  .edx = F1_PSN | F1_DS | F1_ACPI | F1_HTT | F1_TM | F1_PBE },
	{ LEAF_SERIAL, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_MWAIT, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_POWER, 0, false, ALL, ALL, ALL, ALL },
	{ .leaf = LEAF_FEATURES_7,
	  .by_subleaf = true,
	  .ebx = F7_SGX | F7_RDT_MONITOR | F7_RDT_ALLOCATE | F7_PT,
	  .ecx = F7_OSPKE | F7_TME | F7_KEY_LOCKER | F7_ENQCMD | F7_SGX_LC,
	  .edx = F7_SGX_KEYS | F7_HYBRID | F7_PCONFIG | F7_LBR },
	{ .leaf = LEAF_FEATURES_7,
	  .subleaf = 1,
	  .by_subleaf = true,
	  .eax = F71_PMU | F71_HRESET,
	  .ebx = F71_PPIN },
	{ LEAF_DCA, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_PMU, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_RDT_MONITOR, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_RDT_ALLOCATE, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_SGX, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_PT, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_TSC, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_MHZ, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_TLB, 0, false, ALL, ALL, ALL, ALL }, /* who shares it */
	{ LEAF_KEY_LOCKER, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_HYBRID, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_PCONFIG, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_LBR, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_HRESET, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_PMU_2, 0, false, ALL, ALL, ALL, ALL },
	{ .leaf = LEAF_EXT_FEATURES,
	  .ecx = X1_CMP_LEGACY | X1_SVM | X1_EXT_APIC | X1_IBS | X1_SKINIT |
		 X1_WDT | X1_LWP | X1_NODE_ID | X1_PMU_CORE | X1_PMU_NB |
		 X1_PERF_TSC | X1_PMU_L3 | X1_MONITORX },
	{ .leaf = LEAF_EXT_POWER,
	  .eax = ALL,
	  .ebx = X7_SMCA,
	  .ecx = ALL,
	  .edx = ALL },
	{ .leaf = LEAF_EXT_SIZES, .ebx = X8_RDPRU | X8_PPIN | X8_CPPC },
	{ LEAF_AMD_SVM, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_AMD_IBS, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_AMD_LWP, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_AMD_SEV, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_AMD_QOS, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_AMD_PMU, 0, false, ALL, ALL, ALL, ALL },
	{ LEAF_AMD_LEVELS, 0, false, ALL, ALL, ALL, ALL }, /* 0xB has them */
};

/*
 * Of KVM's own features the guest keeps those that the host's kernel does
 * alone: its clock, no delays at ports, stolen time, and the calls between
 * CPUs.  Not: pages that come later (our memory is not swapped by design, and
 * such a page in flight is state nobody can save), CPU numbers in bits of
 * messages which our IOAPIC does not have, and two that come up to us.
 */
#define KVM_HIDDEN                                               \
	(KVM_ASYNC_PF | KVM_ASYNC_PF_VMEXIT | KVM_ASYNC_PF_INT | \
	 KVM_MSI_EXT_DEST_ID | KVM_MAP_GPA_RANGE | KVM_MIGRATION)

enum { CPUS_MAX = 64 }; /* as many as leaf 4 can tell */

enum vendor { VENDOR_OTHER, VENDOR_INTEL, VENDOR_AMD };

struct policy {
	struct x86_cpuid_list *list;
	const struct x86_cpuid_facts *f;
	enum vendor vendor;
	unsigned cpus;
};

/* ---- the list --------------------------------------------------------- */

static struct x86_cpuid *find(struct x86_cpuid_list *l, uint32_t leaf,
			      uint32_t subleaf)
{
	unsigned i;

	for (i = 0; i < l->count; i++) {
		struct x86_cpuid *e = &l->entry[i];

		if (e->leaf == leaf &&
		    (!e->by_subleaf || e->subleaf == subleaf))
			return e;
	}
	return NULL;
}

/* The last leaf of its kind, basic or extended, is at least this one. */
static void reach(struct x86_cpuid_list *l, uint32_t leaf)
{
	struct x86_cpuid *max = find(l, leaf & LEAF_EXT_MAX, 0);

	if (max && max->eax < leaf)
		max->eax = leaf;
}

/* In the place of the one there is, else at the end. */
static void put(struct x86_cpuid_list *l, const struct x86_cpuid *e)
{
	struct x86_cpuid *old = find(l, e->leaf, e->subleaf);

	if (!old && l->count == X86_CPUID_MAX)
		return;
	if (!old)
		old = &l->entry[l->count++];
	*old = *e;
	reach(l, e->leaf);
}

static void put_text12(uint8_t out[static 12], uint32_t a, uint32_t b,
		       uint32_t c)
{
	put_le32(out, a);
	put_le32(out + 4, b);
	put_le32(out + 8, c);
}

static enum vendor vendor_of(struct x86_cpuid_list *l)
{
	static const struct {
		char name[12 + 1];
		enum vendor vendor;
	} known[] = { { "GenuineIntel", VENDOR_INTEL },
		      { "AuthenticAMD", VENDOR_AMD },
		      { "HygonGenuine", VENDOR_AMD } };
	const struct x86_cpuid *e = find(l, LEAF_MAX, 0);
	uint8_t name[12];
	size_t i;

	if (!e)
		return VENDOR_OTHER;
	put_text12(name, e->ebx, e->edx, e->ecx);
	for (i = 0; i < LEN(known); i++) {
		if (memcmp(name, known[i].name, sizeof(name)) == 0)
			return known[i].vendor;
	}
	return VENDOR_OTHER;
}

/* ---- features --------------------------------------------------------- */

static void hide(struct x86_cpuid_list *l, const struct x86_cpuid *bits)
{
	unsigned i;

	for (i = 0; i < l->count; i++) {
		struct x86_cpuid *e = &l->entry[i];

		if (e->leaf != bits->leaf)
			continue;
		if (bits->by_subleaf && e->subleaf != bits->subleaf)
			continue;
		e->eax &= ~bits->eax;
		e->ebx &= ~bits->ebx;
		e->ecx &= ~bits->ecx;
		e->edx &= ~bits->edx;
	}
}

static void hide_all(struct x86_cpuid_list *l)
{
	size_t i;

	for (i = 0; i < LEN(hidden); i++)
		hide(l, &hidden[i]);
}

static bool is_kvm(const struct x86_cpuid *e)
{
	static const char signature[12] = "KVMKVMKVM";
	uint8_t name[12];

	put_text12(name, e->ebx, e->ecx, e->edx);
	return memcmp(name, signature, sizeof(name)) == 0;
}

/* KVM's leaves may stand behind those of Hyper-V, which it also speaks. */
static void hide_of_kvm(struct x86_cpuid_list *l)
{
	uint32_t base;

	for (base = LEAF_HYPERVISOR; base < LEAF_HYPERVISOR_END;
	     base += LEAF_HYPERVISOR_STEP) {
		const struct x86_cpuid *e = find(l, base, 0);

		if (e && is_kvm(e))
			hide(l, &(struct x86_cpuid){ .leaf = base + 1,
						     .eax = KVM_HIDDEN });
	}
}

/* ---- which CPU of how many -------------------------------------------- */

static uint32_t with_field(uint32_t reg, unsigned shift, unsigned bits,
			   uint32_t v)
{
	uint32_t mask = BIT(bits) - 1;

	return (reg & ~(mask << shift)) | (v & mask) << shift;
}

/* How many bits of an APIC id tell the cores apart. */
static unsigned core_bits(const struct policy *p)
{
	unsigned n;

	for (n = 0; BIT(n) < p->cpus; n++) {
	}
	return n;
}

/*
 * Linux runs the APIC timer in every sleep only with ARAT; the hypervisor's
 * never stops.
 */
static void tell_features(const struct policy *p)
{
	struct x86_cpuid *e = find(p->list, LEAF_FEATURES, 0);

	put(p->list, &(struct x86_cpuid){ .leaf = LEAF_POWER, .eax = F6_ARAT });
	if (!e)
		return;
	e->ebx = with_field(e->ebx, 24, 8, p->f->index);
	e->ebx = with_field(e->ebx, 16, 8, p->cpus);
	e->ecx |= F1_HYPERVISOR;
	if (p->f->tsc_deadline)
		e->ecx |= F1_TSC_DEADLINE;
	if (p->cpus > 1)
		e->edx |= F1_HTT;
}

/*
 * Leaf 4 and AMD's 0x8000001D have the same fields: bits 4:0 the type, 7:5 the
 * level, 25:14 who shares it, less one.  What a core has is its own, and the
 * third level the package's.  In 31:26 only leaf 4 has the cores, less one.
 */
static void tell_caches(const struct policy *p, uint32_t leaf)
{
	unsigned i;

	for (i = 0; i < p->list->count; i++) {
		struct x86_cpuid *e = &p->list->entry[i];
		bool shared = (e->eax >> 5 & 7) >= 3;

		if (e->leaf != leaf || !(e->eax & 0x1f))
			continue;
		e->eax = with_field(e->eax, 14, 12, shared ? p->cpus - 1 : 0);
		if (leaf == LEAF_CACHES)
			e->eax = with_field(e->eax, 26, 6, p->cpus - 1);
	}
}

/* Leaves 0xB and 0x1F: ECX 15:8 is the kind of level, 1 threads, 2 cores. */
static void tell_levels(const struct policy *p, uint32_t leaf)
{
	const struct x86_cpuid levels[] = {
		{ leaf, 0, true, 0, 1, 1 << 8, p->f->index },
		{ leaf, 1, true, core_bits(p), p->cpus, 2 << 8 | 1,
		  p->f->index },
		{ leaf, 2, true, 0, 0, 2, p->f->index },
	};
	unsigned i;

	for (i = 0; i < p->list->count; i++) {
		struct x86_cpuid *e = &p->list->entry[i];

		if (e->leaf == leaf && e->subleaf >= LEN(levels))
			*e = (struct x86_cpuid){ .leaf = leaf,
						 .subleaf = e->subleaf,
						 .by_subleaf = true,
						 .ecx = e->subleaf & 0xff,
						 .edx = p->f->index };
	}
	for (i = 0; i < LEN(levels); i++)
		put(p->list, &levels[i]);
}

/* Bits that Intel reserves; 0x8000001E only means something with TOPOEXT. */
static void tell_amd(const struct policy *p)
{
	struct x86_cpuid *e = find(p->list, LEAF_EXT_FEATURES, 0);

	if (e && p->cpus > 1)
		e->ecx |= X1_CMP_LEGACY;
	e = find(p->list, LEAF_EXT_SIZES, 0);
	if (e) /* 7:0 cores less one, 15:12 bits of an APIC id for them */
		e->ecx = core_bits(p) << 12 | (p->cpus - 1);
	e = find(p->list, LEAF_AMD_TOPOLOGY, 0);
	if (e) /* EBX: the core, one thread in it; ECX: node 0 of one */
		*e = (struct x86_cpuid){ .leaf = LEAF_AMD_TOPOLOGY,
					 .subleaf = e->subleaf,
					 .by_subleaf = e->by_subleaf,
					 .eax = p->f->index,
					 .ebx = p->f->index };
}

/* ---- time ------------------------------------------------------------- */

/*
 * Leaf 0x15: TSC = crystal (ECX) * EBX / EAX, where Linux multiplies kHz in
 * 32 bits.  So the crystal is the TSC itself, or half of a fast one.  But
 * Linux takes the crystal for the APIC timer's clock too, which is another
 * one: hence the leaf is there only if that timer counts the TSC anyway.  Both
 * leaves are Intel's, and Linux reads them only there.
 */
static void tell_rate(const struct policy *p)
{
	uint64_t hz = p->f->tsc_hz, n = hz / UINT32_MAX + 1;
	uint64_t mhz = (hz + 500000) / 1000000;

	if (p->vendor != VENDOR_INTEL || !hz || mhz > UINT16_MAX)
		return;
	if (p->f->tsc_deadline)
		put(p->list, &(struct x86_cpuid){ .leaf = LEAF_TSC,
						  .eax = 1,
						  .ebx = (uint32_t)n,
						  .ecx = (uint32_t)(hz / n) });
	put(p->list, &(struct x86_cpuid){ .leaf = LEAF_MHZ,
					  .eax = (uint32_t)mhz,
					  .ebx = (uint32_t)mhz,
					  .ecx = 100 }); /* bus, as on all */
}

/*
 * A VM stays on its host, where the TSC's rate does not change: then it is
 * invariant, and Linux need not watch it.
 */
static void tell_invariant(const struct policy *p)
{
	const struct x86_cpuid *max = find(p->list, LEAF_EXT_MAX, 0);
	struct x86_cpuid *e = find(p->list, LEAF_EXT_POWER, 0);

	if (!p->f->tsc_hz || !max || max->eax < LEAF_EXT_POWER)
		return;
	if (e)
		e->edx |= X7_INVARIANT_TSC;
	else
		put(p->list, &(struct x86_cpuid){ .leaf = LEAF_EXT_POWER,
						  .edx = X7_INVARIANT_TSC });
}

void x86_cpuid_policy(struct x86_cpuid_list *list,
		      const struct x86_cpuid_facts *f)
{
	struct policy p = { .list = list, .f = f };

	list->count = (unsigned)min_u64(list->count, X86_CPUID_MAX);
	p.cpus = (unsigned)min_u64(max_u64(f->cpus, 1), CPUS_MAX);
	p.vendor = vendor_of(list);
	hide_all(list);
	hide_of_kvm(list);
	tell_features(&p);
	tell_caches(&p, LEAF_CACHES);
	tell_levels(&p, LEAF_TOPOLOGY);
	if (find(list, LEAF_TOPOLOGY_2, 0))
		tell_levels(&p, LEAF_TOPOLOGY_2);
	if (p.vendor == VENDOR_AMD) {
		tell_caches(&p, LEAF_AMD_CACHES);
		tell_amd(&p);
	}
	tell_rate(&p);
	tell_invariant(&p);
}
