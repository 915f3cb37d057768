/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/cpuid.h"

#include <string.h>

#include "../../check.h"
#include "base/container.h"

#define DROPPED(leaf)                                       \
	{ leaf, 0, EAX, ALL, 0 }, { leaf, 0, EBX, ALL, 0 }, \
		{ leaf, 0, ECX, ALL, 0 },                   \
	{                                                   \
		leaf, 0, EDX, ALL, 0                        \
	}
#define ALL UINT32_MAX

/* An Ice Lake server with everything on, as bare metal tells it. */
static const struct x86_cpuid intel[] = {
	{ 0x0, 0, false, 0x1b, 0x756e6547, 0x6c65746e, 0x49656e69 },
	{ 0x1, 0, false, 0x606a6, 0x2b400800, 0x7ffefbff, 0xbfebfbff },
	{ 0x2, 0, false, 0x00feff01, 0xf0, 0, 0 },
	{ 0x3, 0, false, 1, 2, 3, 4 },
	{ 0x4, 0, true, 0x7c004121, 0x02c0003f, 0x3f, 0 },
	{ 0x4, 1, true, 0x7c004122, 0x01c0003f, 0x3f, 0 },
	{ 0x4, 2, true, 0x7c004143, 0x04c0003f, 0x3ff, 0 },
	{ 0x4, 3, true, 0x7c0fc163, 0x02c0003f, 0xdfff, 4 },
	{ 0x4, 4, true, 0, 0, 0, 0 },
	{ 0x5, 0, false, 0x40, 0x40, 3, 0x2020 },
	{ 0x6, 0, false, 0x00df8ff7, 2, 9, 0 },
	{ 0x7, 0, true, 2, 0xf3bfffef, 0x40417f5e, 0xbc040412 },
	{ 0x7, 1, true, 0x00400100, 1, 0, 0 },
	{ 0x9, 0, false, 1, 0, 0, 0 },
	{ 0xa, 0, false, 0x08300805, 0, 15, 0x8604 },
	{ 0xb, 0, true, 1, 2, 0x100, 0x2b },
	{ 0xb, 1, true, 7, 0x40, 0x201, 0x2b },
	{ 0xb, 2, true, 0, 0, 2, 0x2b },
	{ 0xd, 0, true, 0x2e7, 0xa88, 0xa88, 0 },
	{ 0xd, 1, true, 0xf, 0xa08, 0x100, 0 },
	{ 0xd, 2, true, 0x100, 0x240, 0, 0 },
	{ 0xf, 0, true, 0, 0xdf, 0, 2 },
	{ 0xf, 1, true, 0, 0x1a000, 0xdf, 7 },
	{ 0x10, 0, true, 0, 0xa, 0, 0 },
	{ 0x12, 0, true, 0x403, 1, 0, 0x381f },
	{ 0x12, 1, true, 0xb6, 0, 0x2e7, 0 },
	{ 0x14, 0, true, 1, 0xf, 7, 0 },
	{ 0x15, 0, false, 2, 0xe8, 25000000, 0 },
	{ 0x16, 0, false, 0xb54, 0xdac, 100, 0 },
	{ 0x18, 0, true, 7, 0, 0, 0 },
	{ 0x18, 1, true, 0, 0x80007, 1, 0x4122 },
	{ 0x19, 0, false, 7, 0x14, 3, 0 },
	{ 0x1a, 0, true, 0x40000001, 0, 0, 0 },
	{ 0x1b, 0, true, 1, 1, 0, 0 },
	{ 0x1c, 0, false, 0x4000000b, 7, 7, 0 },
	{ 0x80000000, 0, false, 0x80000008, 0, 0, 0 },
	{ 0x80000001, 0, false, 0, 0, 0x121, 0x2c100800 },
	{ 0x80000006, 0, false, 0, 0, 0x05007040, 0 },
	{ 0x80000007, 0, false, 0, 0, 0, 0 },
	{ 0x80000008, 0, false, 0x3934, 0x200, 0, 0 },
	{ 0x40000000, 0, false, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d },
	{ 0x40000001, 0, false, 0x0103feff, 0, 0, 1 },
};

/* An EPYC of family 0x19, as bare metal tells it, and KVM behind Hyper-V. */
static const struct x86_cpuid amd[] = {
	{ 0x0, 0, false, 0x10, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 0x1, 0, false, 0x00a00f11, 0x15400800, 0x7efa320b, 0x178bfbff },
	{ 0x5, 0, false, 0x40, 0x40, 3, 0x11 },
	{ 0x6, 0, false, 0x7, 0, 1, 0 },
	{ 0x7, 0, true, 0, 0x219c97a9, 0x0040069c, 0x10 },
	{ 0xb, 0, true, 1, 2, 0x100, 0x15 },
	{ 0xb, 1, true, 7, 0x40, 0x201, 0x15 },
	{ 0xb, 2, true, 5, 5, 5, 5 },
	{ 0xb, 3, true, 5, 5, 5, 5 },
	{ 0xd, 0, true, 0x207, 0x988, 0x988, 0 },
	{ 0xf, 0, true, 0, 0xff, 0, 2 },
	{ 0x10, 0, true, 0, 2, 0, 0 },
	{ 0x80000000, 0, false, 0x80000026, 0x68747541, 0x444d4163,
	  0x69746e65 },
	{ 0x80000001, 0, false, 0x00a00f11, 0x40000000, 0x75cabfff,
	  0x2fd3fbff },
	{ 0x80000005, 0, false, 0xff48ff40, 0xff48ff40, 0x20080140,
	  0x20080140 },
	{ 0x80000006, 0, false, 0x48002200, 0x68004200, 0x02006140,
	  0x08009140 },
	{ 0x80000007, 0, false, 0x10001, 0x3b, 0x20, 0x6799 },
	{ 0x80000008, 0, false, 0x3030, 0x191ef75f, 0x0002703f, 0x00010007 },
	{ 0x8000000a, 0, false, 1, 0x8000, 0, 0x119b9cff },
	{ 0x8000001b, 0, false, 0x3ff, 0, 0, 0 },
	{ 0x8000001c, 0, false, 1, 1, 1, 1 },
	{ 0x8000001d, 0, true, 0x00004121, 0x01c0003f, 0x3f, 0 },
	{ 0x8000001d, 1, true, 0x00004122, 0x01c0003f, 0x3f, 0 },
	{ 0x8000001d, 2, true, 0x00004143, 0x01c0003f, 0x3ff, 2 },
	{ 0x8000001d, 3, true, 0x0003c163, 0x03c0003f, 0x7fff, 1 },
	{ 0x8000001d, 4, true, 0, 0, 0, 0 },
	{ 0x8000001e, 0, false, 0x15, 0x10a, 0x203, 0 },
	{ 0x8000001f, 0, false, 0x0101fd3f, 0x4173, 0x1fd, 0x64 },
	{ 0x80000020, 0, true, 0, 2, 0, 0 },
	{ 0x80000021, 0, false, 0x4d, 0, 0, 0 },
	{ 0x80000022, 0, false, 7, 0x84106, 3, 0 },
	{ 0x80000026, 0, true, 1, 2, 0x100, 0x15 },
	{ 0x40000000, 0, false, 0x40000005, 0x7263694d, 0x666f736f,
	  0x76482074 },
	{ 0x40000001, 0, false, 0x31237648, 0, 0, 0 },
	{ 0x40000100, 0, false, 0x40000101, 0x4b4d564b, 0x564b4d56, 0x4d },
	{ 0x40000101, 0, false, 0x01007efb, 0, 0, 0 },
};

enum reg { EAX, EBX, ECX, EDX };

struct expected {
	uint32_t leaf, subleaf;
	enum reg reg;
	uint32_t mask, value;
};

static void fill(struct x86_cpuid_list *l, const struct x86_cpuid *e, size_t n)
{
	memset(l, 0, sizeof(*l));
	memcpy(l->entry, e, n * sizeof(*e));
	l->count = (unsigned)n;
}

static const struct x86_cpuid *look(const struct x86_cpuid_list *l,
				    uint32_t leaf, uint32_t subleaf)
{
	const struct x86_cpuid *found = NULL;
	unsigned i;

	for (i = 0; i < l->count; i++) {
		const struct x86_cpuid *e = &l->entry[i];

		if (e->leaf != leaf || (e->by_subleaf && e->subleaf != subleaf))
			continue;
		assert_null(found); /* else it is there twice */
		found = e;
	}
	return found;
}

static uint32_t reg_of(const struct x86_cpuid_list *l, uint32_t leaf,
		       uint32_t subleaf, enum reg reg)
{
	const struct x86_cpuid *e = look(l, leaf, subleaf);
	uint32_t r[4] = { 0 };

	if (e) {
		r[EAX] = e->eax;
		r[EBX] = e->ebx;
		r[ECX] = e->ecx;
		r[EDX] = e->edx;
	}
	return r[reg];
}

static void check(const struct x86_cpuid_list *l, const struct expected *x,
		  size_t n)
{
	unsigned wrong = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t v = reg_of(l, x[i].leaf, x[i].subleaf, x[i].reg);

		if ((v & x[i].mask) == x[i].value)
			continue;
		print_error("leaf 0x%x.%u, E%cX is 0x%08x; of 0x%08x should "
			    "be 0x%08x\n",
			    x[i].leaf, x[i].subleaf, "ABCD"[x[i].reg], v,
			    x[i].mask, x[i].value);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static const struct x86_cpuid_facts third_of_three = {
	.index = 2, .cpus = 3, .tsc_hz = 2899999000, .tsc_deadline = true
};

static void test_an_intel_guest(void **s)
{
	static const struct expected x[] = {
		{ 0, 0, EAX, ALL, 0x1b },
		{ 0, 0, EBX, ALL, 0x756e6547 },
		{ 1, 0, EAX, ALL, 0x606a6 },
		{ 1, 0, EBX, ALL, 0x02030800 }, /* APIC id, CPUs, clflush */
		/* without DTES64..TM2, CNXT, SDBG, xTPR, PDCM, DCA, OSXSAVE */
		{ 1, 0, ECX, ALL, 0xf7fa3203 },
		{ 1, 0, EDX, ALL, 0x1f8bfbff }, /* no PSN, DS, ACPI, TM, PBE */
		{ 2, 0, EAX, ALL, 0x00feff01 },
		DROPPED(3),
		{ 4, 0, EAX, ALL, 0x08000121 }, /* 3 cores, each its own */
		{ 4, 1, EAX, ALL, 0x08000122 },
		{ 4, 2, EAX, ALL, 0x08000143 },
		{ 4, 3, EAX, ALL, 0x08008163 }, /* shared by 3 */
		{ 4, 3, ECX, ALL, 0xdfff },
		{ 4, 4, EAX, ALL, 0 },
		DROPPED(5),
		{ 6, 0, EAX, ALL, 4 },
		{ 6, 0, EBX, ALL, 0 },
		{ 6, 0, ECX, ALL, 0 },
		{ 7, 0, EAX, ALL, 2 },
		{ 7, 0, EBX, ALL, 0xf1bf6feb }, /* no SGX, RDT, PT */
		{ 7, 0, ECX, ALL, 0x00415f4e },
		{ 7, 0, EDX, ALL, 0xbc000410 }, /* SPEC_CTRL.. as offered */
		{ 7, 1, EAX, ALL, 0 },
		{ 7, 1, EBX, ALL, 0 },
		DROPPED(9),
		DROPPED(0xa),
		{ 0xb, 0, EAX, ALL, 0 },
		{ 0xb, 0, EBX, ALL, 1 },
		{ 0xb, 0, ECX, ALL, 0x100 },
		{ 0xb, 0, EDX, ALL, 2 },
		{ 0xb, 1, EAX, ALL, 2 },
		{ 0xb, 1, EBX, ALL, 3 },
		{ 0xb, 1, ECX, ALL, 0x201 },
		{ 0xb, 1, EDX, ALL, 2 },
		{ 0xb, 2, EBX, ALL, 0 },
		{ 0xb, 2, ECX, ALL, 2 },
		{ 0xd, 0, EBX, ALL, 0xa88 },
		{ 0xd, 1, EAX, ALL, 0xf },
		{ 0xf, 0, EBX, ALL, 0 },
		{ 0xf, 1, EBX, ALL, 0 },
		{ 0x10, 0, EBX, ALL, 0 },
		{ 0x12, 0, EAX, ALL, 0 },
		{ 0x12, 1, EAX, ALL, 0 },
		{ 0x14, 0, EBX, ALL, 0 },
		{ 0x15, 0, EAX, ALL, 1 },
		{ 0x15, 0, EBX, ALL, 1 },
		{ 0x15, 0, ECX, ALL, 2899999000 },
		{ 0x16, 0, EAX, ALL, 2900 },
		{ 0x16, 0, EBX, ALL, 2900 },
		{ 0x16, 0, ECX, ALL, 100 },
		{ 0x18, 1, EDX, ALL, 0 },
		DROPPED(0x19),
		{ 0x1a, 0, EAX, ALL, 0 },
		{ 0x1b, 0, EAX, ALL, 0 },
		DROPPED(0x1c),
		{ 0x80000000, 0, EAX, ALL, 0x80000008 },
		{ 0x80000001, 0, ECX, ALL, 0x121 },
		{ 0x80000001, 0, EDX, ALL, 0x2c100800 },
		{ 0x80000007, 0, EDX, ALL, 0x100 },
		{ 0x80000008, 0, EAX, ALL, 0x3934 },
		{ 0x80000008, 0, ECX, ALL, 0 },
		{ 0x40000000, 0, EAX, ALL, 0x40000001 },
		{ 0x40000001, 0, EAX, ALL, 0x01003aef },
		{ 0x40000001, 0, EDX, ALL, 1 },
	};
	struct x86_cpuid_list l;

	(void)s;
	fill(&l, intel, LEN(intel));
	x86_cpuid_policy(&l, &third_of_three);
	check(&l, x, LEN(x));
	assert_null(look(&l, 0x1f, 0));
}

static void test_an_amd_guest(void **s)
{
	static const struct expected x[] = {
		{ 0, 0, EAX, ALL, 0x10 },
		{ 1, 0, EBX, ALL, 0x02030800 },
		{ 1, 0, ECX, ALL, 0xf7fa3203 },
		{ 1, 0, EDX, ALL, 0x178bfbff },
		DROPPED(5),
		{ 6, 0, EAX, ALL, 4 },
		{ 6, 0, ECX, ALL, 0 },
		{ 7, 0, EBX, ALL, 0x219c07a9 },
		{ 7, 0, ECX, ALL, 0x0040068c },
		{ 0xb, 1, EAX, ALL, 2 },
		{ 0xb, 1, EBX, ALL, 3 },
		{ 0xb, 3, EAX, ALL, 0 },
		{ 0xb, 3, EBX, ALL, 0 },
		{ 0xb, 3, ECX, ALL, 3 },
		{ 0xb, 3, EDX, ALL, 2 },
		{ 0xd, 0, EAX, ALL, 0x207 },
		{ 0x80000000, 0, EAX, ALL, 0x80000026 },
		/* CMP_LEGACY; TOPOEXT stays */
		{ 0x80000001, 0, ECX, ALL, 0x44420bf3 },
		{ 0x80000001, 0, EDX, ALL, 0x2fd3fbff },
		{ 0x80000005, 0, ECX, ALL, 0x20080140 },
		{ 0x80000007, 0, EAX, ALL, 0 },
		{ 0x80000007, 0, EBX, ALL, 0x33 },
		{ 0x80000007, 0, ECX, ALL, 0 },
		{ 0x80000007, 0, EDX, ALL, 0x100 },
		{ 0x80000008, 0, EAX, ALL, 0x3030 },
		{ 0x80000008, 0, EBX, ALL, 0x111ef74f },
		{ 0x80000008, 0, ECX, ALL, 0x2002 },
		DROPPED(0x8000000a),
		DROPPED(0x8000001b),
		DROPPED(0x8000001c),
		{ 0x8000001d, 0, EAX, ALL, 0x00000121 },
		{ 0x8000001d, 2, EAX, ALL, 0x00000143 },
		{ 0x8000001d, 3, EAX, ALL, 0x00008163 },
		{ 0x8000001e, 0, EAX, ALL, 2 },
		{ 0x8000001e, 0, EBX, ALL, 2 },
		{ 0x8000001e, 0, ECX, ALL, 0 },
		DROPPED(0x8000001f),
		{ 0x80000020, 0, EBX, ALL, 0 },
		{ 0x80000021, 0, EAX, ALL, 0x4d },
		DROPPED(0x80000022),
		{ 0x80000026, 0, EBX, ALL, 0 },
		{ 0x40000001, 0, EAX, ALL, 0x31237648 }, /* not KVM's */
		{ 0x40000101, 0, EAX, ALL, 0x01003aeb },
	};
	struct x86_cpuid_list l;

	(void)s;
	fill(&l, amd, LEN(amd));
	x86_cpuid_policy(&l, &third_of_three);
	check(&l, x, LEN(x));
	assert_null(look(&l, 0x15, 0)); /* Intel's */
	assert_null(look(&l, 0x16, 0));
}

static void test_a_lone_cpu_has_no_siblings(void **s)
{
	static const struct expected x[] = {
		{ 1, 0, EBX, ALL, 0x00010800 },
		{ 1, 0, EDX, 1u << 28, 0 },
		{ 0xb, 0, EBX, ALL, 1 },
		{ 0xb, 1, EAX, ALL, 0 },
		{ 0xb, 1, EBX, ALL, 1 },
		{ 0x80000001, 0, ECX, 2, 0 },
		{ 0x80000008, 0, ECX, ALL, 0 },
		{ 0x8000001d, 3, EAX, ALL, 0x163 },
		{ 0x8000001e, 0, EAX, ALL, 0 },
	};
	struct x86_cpuid_list l;

	(void)s;
	fill(&l, amd, LEN(amd));
	x86_cpuid_policy(&l, &(struct x86_cpuid_facts){ .cpus = 1 });
	check(&l, x, LEN(x));
}

static void test_every_cpu_has_its_own_apic_id(void **s)
{
	struct x86_cpuid_list l;
	unsigned i;

	(void)s;
	for (i = 0; i < 4; i++) {
		fill(&l, amd, LEN(amd));
		x86_cpuid_policy(
			&l, &(struct x86_cpuid_facts){ .index = i, .cpus = 4 });
		assert_int_equal(reg_of(&l, 1, 0, EBX) >> 24, i);
		assert_int_equal(reg_of(&l, 0xb, 0, EDX), i);
		assert_int_equal(reg_of(&l, 0xb, 2, EDX), i);
		assert_int_equal(reg_of(&l, 0x8000001e, 0, EAX), i);
		assert_int_equal(reg_of(&l, 0x8000001e, 0, EBX), i);
		assert_int_equal(reg_of(&l, 0xb, 1, EAX), 2);
	}
}

static void test_of_time_only_what_is_known_is_told(void **s)
{
	static const struct expected nothing[] = {
		{ 1, 0, ECX, 1u << 24, 0 },
		DROPPED(0x15),
		DROPPED(0x16),
		{ 0x80000007, 0, EDX, ALL, 0 },
	};
	/* The APIC's timer would be taken to run at the crystal's rate. */
	static const struct expected no_deadline[] = {
		{ 1, 0, ECX, 1u << 24, 0 },
		DROPPED(0x15),
		{ 0x16, 0, EAX, ALL, 2900 },
		{ 0x80000007, 0, EDX, ALL, 0x100 },
	};
	static const struct expected fast[] = {
		{ 1, 0, ECX, 1u << 24, 1u << 24 },
		{ 0x15, 0, EAX, ALL, 1 },
		{ 0x15, 0, EBX, ALL, 2 },
		{ 0x15, 0, ECX, ALL, 2500000000 },
		{ 0x16, 0, EAX, ALL, 5000 },
	};
	struct x86_cpuid_facts f = { .cpus = 1 };
	struct x86_cpuid_list l;

	(void)s;
	fill(&l, intel, LEN(intel));
	x86_cpuid_policy(&l, &f);
	check(&l, nothing, LEN(nothing));

	f.tsc_hz = 2899999000;
	fill(&l, intel, LEN(intel));
	x86_cpuid_policy(&l, &f);
	check(&l, no_deadline, LEN(no_deadline));

	f.tsc_hz = 5000000000;
	f.tsc_deadline = true;
	fill(&l, intel, LEN(intel));
	x86_cpuid_policy(&l, &f);
	check(&l, fast, LEN(fast));
}

/* What a hypervisor on an old CPU, or a software CPU, offers. */
static void test_a_short_list_grows(void **s)
{
	static const struct x86_cpuid few[] = {
		{ 0, 0, false, 1, 0x756e6547, 0x6c65746e, 0x49656e69 },
		{ 1, 0, false, 0x6fb, 0x10800, 0x2201, 0x078bfbff },
		{ 0x80000000, 0, false, 0x80000004, 0, 0, 0 },
	};
	static const struct expected x[] = {
		{ 0, 0, EAX, ALL, 0x16 },
		{ 1, 0, ECX, ALL, 0x81002201 },
		{ 6, 0, EAX, ALL, 4 },
		{ 0xb, 1, EBX, ALL, 3 },
		{ 0x15, 0, ECX, ALL, 2899999000 },
		{ 0x80000000, 0, EAX, ALL, 0x80000004 },
	};
	struct x86_cpuid_list l;

	(void)s;
	fill(&l, few, LEN(few));
	x86_cpuid_policy(&l, &third_of_three);
	check(&l, x, LEN(x));
	assert_null(look(&l, 0x80000007, 0)); /* beyond its last leaf */
}

static void test_the_newer_topology_leaf_says_the_same(void **s)
{
	struct x86_cpuid_list l;
	unsigned i;

	(void)s;
	fill(&l, intel, LEN(intel));
	for (i = 0; i < 6; i++) /* threads, cores, modules, tiles, dies */
		l.entry[l.count++] = (struct x86_cpuid){
			0x1f, i, true, i + 1, 2u << i, (i + 1) << 8 | i, 0x2b
		};
	x86_cpuid_policy(&l, &third_of_three);
	for (i = 0; i < 6; i++) {
		assert_int_equal(reg_of(&l, 0x1f, i, EAX),
				 reg_of(&l, 0xb, i, EAX));
		assert_int_equal(reg_of(&l, 0x1f, i, EBX),
				 reg_of(&l, 0xb, i, EBX));
		assert_int_equal(reg_of(&l, 0x1f, i, EDX), 2);
		assert_int_equal(reg_of(&l, 0x1f, i, ECX) & 0xff, i);
	}
	assert_int_equal(reg_of(&l, 0, 0, EAX), 0x1f);
}

static void twice(const struct x86_cpuid *e, size_t n)
{
	struct x86_cpuid_list once, again;

	fill(&once, e, n);
	x86_cpuid_policy(&once, &third_of_three);
	again = once;
	x86_cpuid_policy(&again, &third_of_three);
	assert_memory_equal(&once, &again, sizeof(once));
}

static void test_a_second_time_changes_nothing(void **s)
{
	(void)s;
	twice(intel, LEN(intel));
	twice(amd, LEN(amd));
	twice(intel, 0);
}

static void test_a_full_list_stays_in_its_bounds(void **s)
{
	struct {
		struct x86_cpuid_list l;
		uint32_t behind[64];
	} room;
	unsigned i;

	(void)s;
	memset(&room, 0x5a, sizeof(room));
	for (i = 0; i < X86_CPUID_MAX; i++)
		room.l.entry[i] =
			(struct x86_cpuid){ .leaf = i ? 0x80001000 + i : 0 };
	memcpy(&room.l.entry[0], &intel[0], sizeof(intel[0]));
	room.l.count = X86_CPUID_MAX;
	x86_cpuid_policy(&room.l, &third_of_three);
	assert_int_equal(room.l.count, X86_CPUID_MAX);
	room.l.count = UINT32_MAX; /* a list that lies */
	x86_cpuid_policy(&room.l, &third_of_three);
	assert_int_equal(room.l.count, X86_CPUID_MAX);
	for (i = 0; i < LEN(room.behind); i++)
		assert_int_equal(room.behind[i], 0x5a5a5a5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_intel_guest),
		cmocka_unit_test(test_an_amd_guest),
		cmocka_unit_test(test_a_lone_cpu_has_no_siblings),
		cmocka_unit_test(test_every_cpu_has_its_own_apic_id),
		cmocka_unit_test(test_of_time_only_what_is_known_is_told),
		cmocka_unit_test(test_a_short_list_grows),
		cmocka_unit_test(test_the_newer_topology_leaf_says_the_same),
		cmocka_unit_test(test_a_second_time_changes_nothing),
		cmocka_unit_test(test_a_full_list_stays_in_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
