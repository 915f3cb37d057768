/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a VM of KVM with tiny arm64 guests, straight at the seam.
 *
 * Their MMU is off, so that their RAM is not cached and the host may not see
 * what they write there: they speak by stores to a device.
 */
#ifndef TESTS_UNIT_BACKEND_KVM_ARM64_RIG_H
#define TESTS_UNIT_BACKEND_KVM_ARM64_RIG_H

#include "backend/kvm/kvm.h"
#include "core/hv.h"

#include "../seam.h"

/* Machine code in .rodata: name[0 .. name_end). */
#define GUEST(name, body)                                            \
	__asm__(".pushsection .rodata\n.balign 8\n"                  \
		".globl " #name ", " #name "_end\n" #name ":\n" body \
		"\n" #name "_end:\n.popsection\n");                  \
	extern const uint8_t name[], name##_end[]

enum {
	RIG_RAM = 2 << 20,
	RIG_VECTORS = 0x20000,         /* in RAM: where VBAR_EL1 is to point */
	RIG_IRQ = RIG_VECTORS + 0x280, /* DDI 0487 D1.3.1: IRQ of EL1h */
	RIG_CPUS = 2,
	RIG_LOG = 64,
};

/* What the rig answers at; x20 is its base. */
#define RIG_BASE UINT64_C(0x09000000)
enum {
	RIG_SAY = 0x00,   /* goes to said[] */
	RIG_PAUSE = 0x08, /* ends rig_run() */
	RIG_DONE = 0x10,  /* the same, for good */
	RIG_LOW = 0x18,   /* the wire of this number goes low */
	RIG_ELSE = 0x20,  /* only logged, from here */
};

#define SAY(reg) "str " #reg ", [x20]\n"
#define PAUSE "str xzr, [x20, #8]\n"
#define DONE "str xzr, [x20, #16]\n9: wfi\nb 9b\n"

struct rig {
	struct gmem mem;
	void *ram;
	struct hv_vm vm;
	struct hv_vcpu v[RIG_CPUS];

	/* what came up, by all vCPUs: run one at a time */
	struct access log[RIG_LOG];
	unsigned accesses;
	uint64_t said[RIG_LOG];
	unsigned words;
	uint64_t answer; /* to reads */
	bool paused, done;
};

/* A VM whose vCPUs are all this thread's. */
void rig_make(struct rig *r, unsigned cpus);
void rig_unmake(struct rig *r);

/*
 * The first CPU is to run this code, at EL1 with all masked; x20 as above,
 * x21 the GIC's version, x0 as given.
 */
void rig_load(struct rig *r, const uint8_t *code, const uint8_t *end,
	      uint64_t x0);

/* Only copy code, to this offset in RAM. */
void rig_put(struct rig *r, uint32_t off, const uint8_t *code,
	     const uint8_t *end);

/* Run a CPU until the guest pauses, or run() says otherwise. */
enum hv_run rig_run(struct rig *r, unsigned cpu);

/* The first one, to its end. */
void rig_finish(struct rig *r);

#endif
