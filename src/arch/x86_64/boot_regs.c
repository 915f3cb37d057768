/* SPDX-License-Identifier: MIT */
/* boot_regs.c - the registers an x86_64 CPU starts with. */
#include "arch/x86_64/boot_regs.h"

#include "arch/x86_64/layout.h"
#include "arch/x86_64/tables.h"

/* SDM volume 3, 2.3 and 2.5; 2.2.1 for EFER */
#define RFLAGS_FIXED UINT64_C(0x2)
#define CR0_PE (UINT64_C(1) << 0)
#define CR0_MP (UINT64_C(1) << 1)
#define CR0_ET (UINT64_C(1) << 4)
#define CR0_NE (UINT64_C(1) << 5)
#define CR0_WP (UINT64_C(1) << 16)
#define CR0_AM (UINT64_C(1) << 18)
#define CR0_NW (UINT64_C(1) << 29)
#define CR0_CD (UINT64_C(1) << 30)
#define CR0_PG (UINT64_C(1) << 31)
#define CR4_PAE (UINT64_C(1) << 5)
#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)

/* Segments of real mode, and of system tables after INIT: 9.1.1. */
enum {
	REAL_CODE = 0x9b, /* present, executable, readable, accessed */
	REAL_DATA = 0x93,
	SYSTEM_LDT = 0x82,
	SYSTEM_TSS = 0x8b,
	REAL_LIMIT = 0xffff,
};

/* RDX after INIT is the CPU's signature, of which only the family counts. */
enum { FAMILY_6 = 0x600 };

static void load_segments(struct x86_regs *x, uint16_t code)
{
	unsigned i;

	for (i = 0; i < X86_SEGMENTS; i++)
		x->segment[i] = x86_gdt_segment(X86_SEL_DATA);
	x->segment[X86_CS] = x86_gdt_segment(code);
	x->tr = x86_gdt_segment(X86_SEL_TSS);
	x->ldt.attributes = SYSTEM_LDT;
	x->gdt.base = X86_GDT_GPA;
	x->gdt.limit = X86_GDT_LEN - 1;
}

/* CR0 as Linux itself sets it; what it does not ask for does not hurt. */
static void enter_long_mode(struct x86_regs *x)
{
	load_segments(x, X86_SEL_CODE64);
	x->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;
	x->cr3 = X86_PML4_GPA;
	x->cr4 = CR4_PAE;
	x->efer = EFER_LME | EFER_LMA;
}

/* pvh.pandoc: of CR0 only PE is set; ET cannot be clear. */
static void enter_protected_mode(struct x86_regs *x)
{
	load_segments(x, X86_SEL_CODE32);
	x->cr0 = CR0_PE | CR0_ET;
}

void x86_boot_regs(struct regs *r, enum x86_entry kind, uint64_t entry,
		   uint64_t info_gpa)
{
	struct x86_regs *x = &r->x86;

	*r = (struct regs){ .x86 = { .rip = entry, .rflags = RFLAGS_FIXED } };
	switch (kind) {
	case X86_ENTRY_64:
		enter_long_mode(x);
		x->gpr[X86_RSI] = info_gpa;
		break;
	case X86_ENTRY_PVH:
		enter_protected_mode(x);
		x->gpr[X86_RBX] = info_gpa;
		break;
	}
}

void x86_sipi_regs(struct regs *r, uint8_t vector)
{
	static const struct x86_segment data = { 0, REAL_LIMIT, 0, REAL_DATA };
	static const struct x86_segment ldt = { 0, REAL_LIMIT, 0, SYSTEM_LDT };
	static const struct x86_segment tss = { 0, REAL_LIMIT, 0, SYSTEM_TSS };
	struct x86_regs *x = &r->x86;
	unsigned i;

	*r = (struct regs){ .x86 = { .rflags = RFLAGS_FIXED,
				     .ldt = ldt,
				     .tr = tss,
				     .gdt = { 0, REAL_LIMIT },
				     .idt = { 0, REAL_LIMIT },
				     .cr0 = CR0_CD | CR0_NW | CR0_ET } };
	for (i = 0; i < X86_SEGMENTS; i++)
		x->segment[i] = data;
	x->segment[X86_CS] = (struct x86_segment){
		.base = (uint64_t)vector << 12,
		.limit = REAL_LIMIT,
		.selector = (uint16_t)(vector << 8),
		.attributes = REAL_CODE,
	};
	x->gpr[X86_RDX] = FAMILY_6;
}
