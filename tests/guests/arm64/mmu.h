/* SPDX-License-Identifier: MIT */
/*
 * mmu.h - page tables for the guests that need the MMU, DDI 0487 D8.
 *
 * 4 KiB pages, 48 bits from level 0 in both halves.  The lower 1 GiB is
 * devices, the second RAM, both as blocks of 1 GiB at their own addresses;
 * what a guest adds starts at TEST_VA.
 */

#define TEST_VA		0x8000000000	/* entry 1 of level 0 */
#define UPPER_VA	0xffff000000000000
#define RAM		0x40000000

/* Descriptors, D8.3. */
#define D_BLOCK		1
#define D_TABLE		3
#define D_PAGE		3
#define D_DEVICE	(1 << 2)	/* index 1 of MAIR_EL1 */
#define D_USER		(1 << 6)
#define D_RO		(1 << 7)
#define D_SHARED	(3 << 8)
#define D_AF		(1 << 10)
#define D_NG		(1 << 11)
#define D_PXN		(1 << 53)
#define D_UXN		(1 << 54)
#define D_PXNTABLE	(1 << 59)
#define D_UXNTABLE	(1 << 60)
#define D_APTABLE_EL1	(1 << 61)
#define D_APTABLE_RO	(1 << 62)
#define D_RAM		(D_SHARED | D_AF)

#define MAIR		0x00ff		/* 0: write-back memory, 1: nGnRnE */
#define TCR_TBI0	(1 << 37)
#define TCR_EPD1	(1 << 23)
/* T0SZ, T1SZ 16; write-back, shared; TG1 4 KiB; 32 bits out; 16-bit ASIDs */
#define TCR_BASE	(16 | 16 << 16 | 0x35003500 | 2 << 30 | 1 << 36)

	/* Entry `index` of the table at `table` := page at `sym` | attrs. */
	.macro	map table, index, sym, attrs
	adr_l	x0, \table
	adr_l	x1, \sym
	movl	x2, (\attrs)
	orr	x1, x1, x2
	str	x1, [x0, #((\index) * 8)]
	.endm

	/* The same with a number in place of the page. */
	.macro	map_raw table, index, desc
	adr_l	x0, \table
	movl	x1, (\desc)
	str	x1, [x0, #((\index) * 8)]
	.endm

	.macro	synchronize
	dsb	ish
	isb
	.endm

	/* The tables both the guest and `mmu_on` use. */
	.macro	base_tables
	.pushsection .bss
	.balign	4096
level0:	.skip	4096
level1:	.skip	4096
	.popsection
	.endm

	/* Turn the MMU on with level0 below, and `upper` above. */
	.macro	mmu_on upper
	map	level0, 0, level1, D_TABLE
	map_raw	level1, 0, D_BLOCK | D_AF | D_DEVICE | D_PXN | D_UXN
	map_raw	level1, 1, RAM | D_BLOCK | D_RAM
	movl	x0, MAIR
	msr	mair_el1, x0
	movl	x0, TCR_BASE
	msr	tcr_el1, x0
	adr_l	x0, level0
	msr	ttbr0_el1, x0
	adr_l	x0, \upper
	msr	ttbr1_el1, x0
	dsb	ish
	tlbi	vmalle1
	dsb	ish
	isb
	sysreg_set sctlr_el1, SCTLR_BASE | SCTLR_M
	.endm
