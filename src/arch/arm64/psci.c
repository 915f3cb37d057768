/* SPDX-License-Identifier: MIT */
/* psci.c - the guest's power management calls, PSCI 1.0 (Arm DEN 0022). */
#include "arch/arm64/psci.h"

#include <stdbool.h>

/* Function ids: DEN 0022 5.1, DEN 0028 7. */
#define SMCCC_VERSION UINT32_C(0x80000000)
#define SMCCC_ARCH_FEATURES UINT32_C(0x80000001)
#define VERSION UINT32_C(0x84000000)
#define CPU_SUSPEND UINT32_C(0x84000001)
#define CPU_OFF UINT32_C(0x84000002)
#define CPU_ON UINT32_C(0x84000003)
#define AFFINITY_INFO UINT32_C(0x84000004)
#define MIGRATE_INFO_TYPE UINT32_C(0x84000006)
#define SYSTEM_OFF UINT32_C(0x84000008)
#define SYSTEM_RESET UINT32_C(0x84000009)
#define FEATURES UINT32_C(0x8400000a)
#define SMC64 UINT32_C(0x40000000) /* 64-bit arguments */

enum {
	PSCI_1_0 = 1 << 16,
	SMCCC_1_1 = 1 << 16 | 1,
	NO_TRUSTED_OS = 2, /* DEN 0022 5.9: no migration needed */
};

/* MPIDR_EL1's affinity fields as CPU_ON takes them, DEN 0022 5.6.1. */
#define AFF0 UINT64_C(0xff)
#define AFF_REST UINT64_C(0xff00ffff00)
#define NOT_AFFINITY (~(AFF0 | AFF_REST))

/* power_state in the original format, DEN 0022 5.4.2; its reserved bits. */
#define POWER_STATE_RESERVED UINT64_C(0xfcfe0000)

struct call {
	uint32_t fn; /* without SMC64 */
	uint64_t arg[3];
};

static bool is_64bit_too(uint32_t fn)
{
	return fn == CPU_SUSPEND || fn == CPU_ON || fn == AFFINITY_INFO;
}

static struct call decode(const struct regs *r)
{
	uint32_t fn = (uint32_t)r->arm64.x[0];
	struct call c = { .fn = fn };
	bool wide = (fn & SMC64) != 0;
	unsigned i;

	if (wide && is_64bit_too(fn & ~SMC64))
		c.fn = fn & ~SMC64;
	for (i = 0; i < 3; i++) {
		uint64_t x = r->arm64.x[i + 1];

		c.arg[i] = wide ? x : (uint32_t)x;
	}
	return c;
}

/* The CPU with this affinity, or psci.cpus. */
static unsigned cpu_of(const struct psci *p, uint64_t affinity)
{
	if (affinity & (AFF_REST | NOT_AFFINITY) || affinity >= p->cpus)
		return p->cpus;
	return (unsigned)affinity;
}

static int cpu_on(const struct psci *p, const struct call *c)
{
	unsigned cpu = cpu_of(p, c->arg[0]);

	if (cpu == p->cpus)
		return PSCI_INVALID_PARAMETERS;
	return p->ops->cpu_on(p->ctx, cpu, c->arg[1], c->arg[2]);
}

/* Since 1.0 only the lowest level, the CPU itself, must be answered. */
static int affinity_info(const struct psci *p, const struct call *c)
{
	unsigned cpu = cpu_of(p, c->arg[0]);

	if (cpu == p->cpus || c->arg[1] != 0)
		return PSCI_INVALID_PARAMETERS;
	return (int)p->ops->state(p->ctx, cpu);
}

/* No flags anywhere: the original power_state format, no OS-initiated mode. */
static int features(uint64_t fn)
{
	switch (fn) {
	case CPU_SUSPEND | SMC64:
	case CPU_ON | SMC64:
	case AFFINITY_INFO | SMC64:
	case CPU_SUSPEND:
	case CPU_ON:
	case AFFINITY_INFO:
	case VERSION:
	case CPU_OFF:
	case MIGRATE_INFO_TYPE:
	case SYSTEM_OFF:
	case SYSTEM_RESET:
	case FEATURES:
	case SMCCC_VERSION: return PSCI_SUCCESS;
	default: return PSCI_NOT_SUPPORTED;
	}
}

static int arch_features(uint64_t fn)
{
	if (fn == SMCCC_VERSION || fn == SMCCC_ARCH_FEATURES)
		return PSCI_SUCCESS;
	return PSCI_NOT_SUPPORTED; /* no workaround is ours to apply */
}

/*
 * Every state is entered as a standby, registers kept: DEN 0022 5.4.5 lets an
 * implementation downgrade a powerdown request, and the caller then sees
 * SUCCESS as from a standby.
 */
static enum psci_action cpu_suspend(const struct call *c, int *rc)
{
	if (c->arg[0] & ~UINT64_C(0xffffffff) ||
	    c->arg[0] & POWER_STATE_RESERVED) {
		*rc = PSCI_INVALID_PARAMETERS;
		return PSCI_CONTINUE;
	}
	*rc = PSCI_SUCCESS;
	return PSCI_IDLE;
}

static enum psci_action serve(const struct psci *p, const struct call *c,
			      int *rc)
{
	switch (c->fn) {
	case CPU_SUSPEND: return cpu_suspend(c, rc);
	case CPU_OFF: return PSCI_CPU_OFF;
	case SYSTEM_OFF: return PSCI_SHUTDOWN;
	case SYSTEM_RESET: return PSCI_RESET;
	case VERSION: *rc = PSCI_1_0; break;
	case CPU_ON: *rc = cpu_on(p, c); break;
	case AFFINITY_INFO: *rc = affinity_info(p, c); break;
	case MIGRATE_INFO_TYPE: *rc = NO_TRUSTED_OS; break;
	case FEATURES: *rc = features(c->arg[0]); break;
	case SMCCC_VERSION: *rc = SMCCC_1_1; break;
	case SMCCC_ARCH_FEATURES: *rc = arch_features(c->arg[0]); break;
	default: *rc = PSCI_NOT_SUPPORTED; break;
	}
	return PSCI_CONTINUE;
}

/* Answers are signed and fill all of x0; x1-x3 keep what they had. */
enum psci_action psci_call(const struct psci *p, struct regs *r)
{
	struct call c = decode(r);
	int rc = PSCI_INTERNAL_FAILURE;
	enum psci_action next = serve(p, &c, &rc);

	if (next == PSCI_CONTINUE || next == PSCI_IDLE)
		r->arm64.x[0] = (uint64_t)(int64_t)rc;
	return next;
}
