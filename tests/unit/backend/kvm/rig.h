/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a VM of KVM with tiny x86_64 guests, straight at the seam.
 *
 * Guests are a few integer instructions at the CPU's highest privilege, which
 * even a KVM that emulates them runs in no time.
 */
#ifndef TESTS_UNIT_BACKEND_KVM_RIG_H
#define TESTS_UNIT_BACKEND_KVM_RIG_H

#include <stdatomic.h>

#include "backend/kvm/kvm.h"
#include "core/hv.h"

#include "seam.h"

/* Machine code in .rodata: name[0 .. name_len). */
#define GUEST(bits, name, body)                                           \
	__asm__(".pushsection .rodata\n.code" #bits "\n" #name ":\n" body \
		"\n" #name "_end:\n.code64\n.popsection\n");              \
	extern const uint8_t name[], name##_end[]

enum {
	RIG_RAM = 4 << 20,
	RIG_CODE = 0x100000, /* where 64-bit guests are, */
	RIG_REAL = 0x1000,   /* and those in real mode */
	RIG_STACK = 0x90000,
	RIG_IDT = 0x80000,
	RIG_ISR = 0x81000,   /* interrupt handler */
	RIG_DATA = 0x200000, /* nobody's but the guest's */
	RIG_CPUS = 2,
	RIG_LOG = 128,
};

/* What the rig answers at I/O ports. */
enum {
	RIG_PUTC = 0x10,  /* goes to `text` */
	RIG_PAUSE = 0x11, /* ends rig_run() */
	RIG_DONE = 0x12,  /* the same, for good */
};

/* The end of every guest. */
#define DONE "out %al, $0x12\n1: hlt\njmp 1b\n"

struct rig {
	struct gmem mem;
	void *ram;
	struct hv_vm vm;
	struct hv_vcpu v[RIG_CPUS];

	/* what came up */
	struct access log[RIG_LOG];
	unsigned accesses;
	char text[RIG_LOG];
	unsigned chars;
	uint64_t answer; /* to reads */
	struct sysreg_access msr;
	unsigned msrs;
	bool refuse; /* sysreg() is to say false */
	unsigned eois, vector;
	bool paused, done;
};

/* A VM of `cpus`, the first of which is made and is this thread's. */
void rig_make(struct rig *r, unsigned cpus);
void rig_unmake(struct rig *r);

/* The first CPU is to run this code, in long mode, with this in RCX. */
void rig_load(struct rig *r, const uint8_t *code, const uint8_t *end,
	      uint64_t rcx);

/* Only copy code. */
void rig_put(struct rig *r, uint32_t gpa, const uint8_t *code,
	     const uint8_t *end);

/* A handler for interrupts of this vector. */
void rig_gate(struct rig *r, unsigned vector, uint32_t gpa);

/* Run the first CPU until the guest pauses, or run() says otherwise. */
enum hv_run rig_run(struct rig *r);

/* To the end, pauses and all. */
void rig_finish(struct rig *r);

struct x86_regs rig_regs(struct rig *r);
uint64_t rig_u64(const struct rig *r, uint32_t gpa);
void rig_put_u64(struct rig *r, uint32_t gpa, uint64_t value);

/* Seen from another thread. */
uint64_t rig_peek(const struct rig *r, uint32_t gpa);

#endif
