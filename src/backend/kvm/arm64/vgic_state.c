/* SPDX-License-Identifier: MIT */
/*
 * vgic_state.c - saving and loading KVM's GIC, register by register.
 *
 * ARM IHI 0069 (GICv3) chapter 12 and IHI 0048 (GICv2) chapter 4 number the
 * registers.  KVM has them read and written like a guest's, but for some that
 * a guest cannot set: pending states, and the level of wires.  Where writing
 * ones only sets bits, ones written to its companion clear them first.  IIDR
 * is first: it tells KVM as which of its versions it is to behave.
 *
 * Not there: what is constant, and what concerns messages, which there are
 * none of.
 */
#include <linux/kvm.h>

#include "arch/arm64/layout.h"
#include "backend/kvm/arm64/arm64.h"
#include "base/container.h"

enum { SPIS = ARM64_GIC_INTIDS - 32 };

/* Registers of 32 bits that follow each other. */
struct row {
	uint16_t first, count;
	uint16_t clear; /* the companion of the first, or 0 */
};

/* What a distributor has once: the same in both versions ... */
static const struct row shared[] = {
	{ 0x008, 1, 0 },             /* GICD_IIDR */
	{ 0x000, 1, 0 },             /* GICD_CTLR */
	{ 0x084, SPIS / 32, 0 },     /* GICD_IGROUPR<n> */
	{ 0xc08, SPIS / 16, 0 },     /* GICD_ICFGR<n> */
	{ 0x420, SPIS / 4, 0 },      /* GICD_IPRIORITYR<n> */
	{ 0x104, SPIS / 32, 0x184 }, /* GICD_ISENABLER<n> */
	{ 0x304, SPIS / 32, 0x384 }, /* GICD_ISACTIVER<n> */
};

/* ... and with differences.  KVM's v3 takes ISPENDR as the whole truth. */
static const struct row shared_v2[] = {
	{ 0x820, SPIS / 4, 0 },      /* GICD_ITARGETSR<n> */
	{ 0x204, SPIS / 32, 0x284 }, /* GICD_ISPENDR<n> */
};
static const struct row shared_v3[] = {
	{ 0x6100, SPIS * 2, 0 }, /* GICD_IROUTER<n>, 64 bits each */
	{ 0x204, SPIS / 32, 0 }, /* GICD_ISPENDR<n> */
};

/* What each CPU has of it. */
static const struct row banked_v2[] = {
	{ 0x080, 1, 0 },     /* GICD_IGROUPR0 */
	{ 0xc04, 1, 0 },     /* GICD_ICFGR1 */
	{ 0x400, 8, 0 },     /* GICD_IPRIORITYR0-7 */
	{ 0x100, 1, 0x180 }, /* GICD_ISENABLER0 */
	{ 0x300, 1, 0x380 }, /* GICD_ISACTIVER0 */
	{ 0x200, 1, 0x280 }, /* GICD_ISPENDR0 */
	{ 0xf20, 4, 0xf10 }, /* GICD_SPENDSGIR<n> */
};

/* SGI_base begins at 0x10000: these are offsets in there. */
enum { SGI_BASE = 0x10000 };
static const struct row redist[] = {
	{ 0x080, 1, 0 },     /* GICR_IGROUPR0 */
	{ 0xc04, 1, 0 },     /* GICR_ICFGR1 */
	{ 0x400, 8, 0 },     /* GICR_IPRIORITYR<n> */
	{ 0x100, 1, 0x180 }, /* GICR_ISENABLER0 */
	{ 0x300, 1, 0x380 }, /* GICR_ISACTIVER0 */
	{ 0x200, 1, 0 },     /* GICR_ISPENDR0 */
};

/* A GICv2's CPU interface. */
static const struct row interface_v2[] = {
	{ 0x00, 1, 0 }, /* GICC_CTLR */
	{ 0x04, 1, 0 }, /* GICC_PMR */
	{ 0x08, 1, 0 }, /* GICC_BPR */
	{ 0x1c, 1, 0 }, /* GICC_ABPR */
	{ 0xd0, 4, 0 }, /* GICC_APR<n> */
};

/* A GICv3's, in an order in which each depends on those before. */
static const uint16_t interface_v3[] = {
	SYSREG_ID(3, 0, 12, 12, 5), /* ICC_SRE_EL1 */
	SYSREG_ID(3, 0, 12, 12, 4), /* ICC_CTLR_EL1 */
	SYSREG_ID(3, 0, 4, 6, 0),   /* ICC_PMR_EL1 */
	SYSREG_ID(3, 0, 12, 8, 3),  /* ICC_BPR0_EL1 */
	SYSREG_ID(3, 0, 12, 12, 3), /* ICC_BPR1_EL1 */
	SYSREG_ID(3, 0, 12, 8, 4),  /* ICC_AP0R<n>_EL1 */
	SYSREG_ID(3, 0, 12, 8, 5),
	SYSREG_ID(3, 0, 12, 8, 6),
	SYSREG_ID(3, 0, 12, 8, 7),
	SYSREG_ID(3, 0, 12, 9, 0), /* ICC_AP1R<n>_EL1 */
	SYSREG_ID(3, 0, 12, 9, 1),
	SYSREG_ID(3, 0, 12, 9, 2),
	SYSREG_ID(3, 0, 12, 9, 3),
	SYSREG_ID(3, 0, 12, 12, 6), /* ICC_IGRPEN0_EL1 */
	SYSREG_ID(3, 0, 12, 12, 7), /* ICC_IGRPEN1_EL1 */
};

/* Both versions have a CPU's number here: a v3 by its MPIDR's affinity. */
static uint64_t of_cpu(unsigned cpu)
{
	_Static_assert(ARM64_MAX_CPUS <= 16, "all in Aff0");
	return (uint64_t)cpu << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT;
}

static void told(struct state *s, int rc)
{
	(void)kvm_state_check(s, rc == 0, "KVM does not tell all of its GIC");
}

static void taken(struct state *s, int rc)
{
	(void)kvm_state_check(s, rc == 0,
			      "KVM does not take a register of its GIC");
}

/* The register's companion is `clear` bytes from it, or there is none. */
static void walk_word(const struct vgic *g, struct state *s, uint32_t group,
		      uint64_t attr, uint64_t clear)
{
	static const uint32_t ones = UINT32_MAX;
	uint32_t v = 0;

	if (!s->loading)
		told(s, vgic_get(g, group, attr, &v));
	state_u32(s, &v);
	if (!s->loading || s->failed)
		return;
	if (clear)
		taken(s, vgic_set(g, group, clear, &ones));
	taken(s, vgic_set(g, group, attr, &v));
}

static void walk_rows(const struct vgic *g, struct state *s, uint32_t group,
		      uint64_t base, const struct row *row, size_t rows)
{
	size_t i;
	unsigned k;

	for (i = 0; i < rows; i++) {
		for (k = 0; k < row[i].count && !s->failed; k++) {
			uint64_t to = base + UINT64_C(4) * k;

			walk_word(g, s, group, to + row[i].first,
				  row[i].clear ? to + row[i].clear : 0);
		}
	}
}

#define ROWS(g, s, group, base, rows) \
	walk_rows(g, s, group, base, rows, LEN(rows))

static void walk_distributor(const struct vgic *g, struct state *s)
{
	uint32_t group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;

	ROWS(g, s, group, 0, shared);
	if (g->version == 3)
		ROWS(g, s, group, 0, shared_v3);
	else
		ROWS(g, s, group, 0, shared_v2);
}

/* A host with fewer priorities has fewer of the active ones' registers. */
static void walk_sysreg(const struct vgic *g, struct state *s, uint64_t attr)
{
	uint32_t group = KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS;
	uint64_t v = 0;
	bool there = s->loading || vgic_get(g, group, attr, &v) == 0;

	state_bool(s, &there);
	state_u64(s, &v);
	if (s->loading && !s->failed && there)
		taken(s, vgic_set(g, group, attr, &v));
}

/* The wires of 32 interrupts, as they are now. */
static void walk_levels(const struct vgic *g, struct state *s, uint64_t first)
{
	walk_word(g, s, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO,
		  first | (uint64_t)VGIC_LEVEL_INFO_LINE_LEVEL
				  << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT,
		  0);
}

static void walk_cpu_v3(const struct vgic *g, struct state *s, unsigned cpu)
{
	size_t i;

	ROWS(g, s, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, of_cpu(cpu) + SGI_BASE,
	     redist);
	walk_levels(g, s, of_cpu(cpu));
	for (i = 0; i < LEN(interface_v3); i++)
		walk_sysreg(g, s, of_cpu(cpu) | interface_v3[i]);
}

static void walk_cpu_v2(const struct vgic *g, struct state *s, unsigned cpu)
{
	ROWS(g, s, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, of_cpu(cpu), banked_v2);
	ROWS(g, s, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, of_cpu(cpu), interface_v2);
}

void vgic_state(const struct vgic *g, struct state *s)
{
	uint32_t version = g->version;
	unsigned i;

	state_section(s, "kvm gic", 1);
	state_u32(s, &version);
	state_check(s, version == g->version, "this host's GIC is another");
	walk_distributor(g, s);
	for (i = 0; i < g->cpus; i++) {
		if (g->version == 3)
			walk_cpu_v3(g, s, i);
		else
			walk_cpu_v2(g, s, i);
	}
	/* A v2's wires are driven again by the devices, as they are loaded. */
	for (i = 32; i < ARM64_GIC_INTIDS && g->version == 3; i += 32)
		walk_levels(g, s, i);
}
