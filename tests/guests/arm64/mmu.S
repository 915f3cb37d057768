/* SPDX-License-Identifier: MIT */
/*
 * mmu.S - translation: every kind of fault with its syndrome and address,
 * permissions, what TLB maintenance must forget, address spaces, the split.
 */
#include "guest.h"
#include "mmu.h"

	base_tables

#define PAGE(n)		(TEST_VA + (n) * 0x1000)	/* by pages3 */
#define BLOCK2(n)	(TEST_VA + (n) * 0x200000)	/* by pages2 */
#define BLOCK1(n)	(TEST_VA + (n) * 0x40000000)	/* by pages1 */
#define BEYOND		(1 << 36)			/* of 32 bits out */

/* RAM once more, for EL0 to read and run, not to write. */
#define ALIAS		(BLOCK1(6) - RAM)

	/* try_el0 through the alias. */
	.macro	try_user text, insn:vararg
	say	"\text"
	exc_reset
	adr	x1, 9992f
	str	x1, [x0, #EXC_RESUME]
	adr	x1, 9991f
	movl	x0, ALIAS
	add	x1, x1, x0
	msr	elr_el1, x1
	mov	x1, #PSTATE_EL0
	msr	spsr_el1, x1
	isb
	eret
9991:	\insn
	svc	#7
9992:	adr	x0, 9991b
	movl	x1, ALIAS
	add	x0, x0, x1
	bl	report
	.endm

	/* Show the 8 bytes at a page. */
	.macro	show text, reg
	ldr	x19, [\reg]
	say	"\text"
	hex	x19, "\n"
	.endm

func main
	enter
	bl	tables
	mmu_on	upper0
	say	"on\n"
	bl	translation_faults
	bl	attribute_faults
	bl	execution
	bl	table_attributes
	bl	crossing
	bl	invalidation
	bl	spaces
	bl	halves
	bl	tags
	bl	address_translation
	leave

tables:	enter
	map	level0, 1, pages1, D_TABLE
	map	pages1, 0, pages2, D_TABLE
	map_raw	pages1, 1, RAM | D_BLOCK | D_SHARED	/* no AF */
	map_raw	pages1, 3, RAM | D_BLOCK | D_RAM | D_RO
	map_raw	pages1, 4, BEYOND | D_TABLE
	map_raw	pages1, 6, RAM | D_BLOCK | D_RAM | D_RO | D_USER
	map_raw	pages1, 7, BEYOND | D_BLOCK | D_RAM
	map	pages1, 8, under2, D_TABLE | D_APTABLE_RO
	map	pages1, 9, under2, D_TABLE | D_APTABLE_EL1
	map	pages1, 10, under2, D_TABLE | D_PXNTABLE
	map	pages1, 11, under2, D_TABLE | D_UXNTABLE
	map	under2, 0, _head, D_BLOCK | D_RAM | D_RO | D_USER
	map	under2, 1, _head, D_BLOCK | D_RAM | D_USER
	map	pages2, 0, pages3, D_TABLE
	map_raw	pages2, 1, RAM | D_BLOCK | D_SHARED	/* no AF */
	map_raw	pages2, 3, RAM | D_BLOCK | D_RAM | D_RO
	map_raw	pages2, 4, BEYOND | D_BLOCK | D_RAM
	map	pages3, 0, page_a, D_PAGE | D_RAM
	map	pages3, 2, page_a, D_PAGE | D_SHARED	/* no AF */
	map	pages3, 3, page_a, D_PAGE | D_RAM | D_RO
	map	pages3, 4, page_a, D_PAGE | D_RAM | D_USER
	map	pages3, 5, page_a, D_PAGE | D_RAM | D_USER | D_RO
	map	pages3, 6, page_code, D_PAGE | D_RAM | D_RO | D_PXN
	map	pages3, 7, page_code, D_PAGE | D_RAM | D_RO | D_USER | D_UXN
	map_raw	pages3, 8, BEYOND | D_PAGE | D_RAM
	map	pages3, 9, page_a, 1 | D_RAM		/* reserved */
	map	pages3, 10, page_a, D_PAGE | D_RAM
	map	pages3, 12, page_b, D_PAGE | D_RAM
	map	pages3, 13, page_a, D_PAGE | D_RAM
	map	pages3, 14, page_code, D_PAGE | D_RAM
	map	pages3, 15, page_code, D_PAGE | D_RAM | D_PXN /* EL0: run only */
	map	pages3, 16, page_code, D_PAGE | D_RAM | D_USER | D_RO
	map	upper0, 0, upper1, D_TABLE
	map	upper0, 511, upper1, D_TABLE
	map_raw	upper1, 0, RAM | D_BLOCK | D_RAM
	adr_l	x9, page_a
	movl	x10, 0xaaaaaaaaaaaaaaaa
	str	x10, [x9]
	adr_l	x9, page_b
	movl	x10, 0xbbbbbbbbbbbbbbbb
	str	x10, [x9]
	leave

translation_faults:
	enter
	say	"-- translation\n"
	movl	x9, TEST_VA * 2
	try	"level 0, read", ldr x10, [x9]
	try	"level 0, write", str x10, [x9, #8]
	movl	x9, BLOCK1(2)
	try	"level 1", ldr x10, [x9]
	movl	x9, BLOCK2(2) + 0x1234
	try	"level 2", ldrb w10, [x9]
	movl	x9, PAGE(1) + 8
	try	"level 3", ldr w10, [x9]
	try	"level 3, write", str w10, [x9]
	movl	x9, PAGE(9)
	try	"level 3, reserved", ldr w10, [x9]
	movl	x9, 0x0001000000000000
	try	"between the halves", ldr x10, [x9]
	movl	x9, 0xfffeffffffffffff - 7
	try	"and from above", ldr x10, [x9]
	movl	x9, 0x0100008000000000
	try	"a tag, TBI 0", ldr x10, [x9]
	movl	x9, PAGE(1)
	try	"dc zva", dc zva, x9
	try	"ldxr", ldxr x10, [x9]
	try	"ldp", ldp x10, x11, [x9]
	try	"prfm", prfm pldl1keep, [x9]
	leave

attribute_faults:
	enter
	say	"-- access flag\n"
	movl	x9, BLOCK1(1)
	try	"level 1", ldr x10, [x9]
	movl	x9, BLOCK2(1)
	try	"level 2", ldr x10, [x9]
	movl	x9, PAGE(2)
	try	"level 3", ldr x10, [x9]
	try	"level 3, write", str x10, [x9]
	say	"-- address size\n"
	movl	x9, BLOCK1(4)
	try	"table of level 1", ldr x10, [x9]
	movl	x9, BLOCK1(7)
	try	"block of level 1", ldr x10, [x9]
	movl	x9, BLOCK2(4)
	try	"block of level 2", ldr x10, [x9]
	movl	x9, PAGE(8)
	try	"level 3", ldr x10, [x9]
	say	"-- permission\n"
	movl	x9, BLOCK1(3)
	try	"level 1", str x10, [x9]
	movl	x9, BLOCK2(3)
	try	"level 2", str x10, [x9]
	movl	x9, PAGE(3)
	mov	x10, #0
	try	"level 3, write", str x10, [x9]
	try	"level 3, dc zva", dc zva, x9
	show	"nothing was written: ", x9
	try	"level 3, read", ldr x10, [x9]
	movl	x9, PAGE(0)
	try_user "EL0 reads EL1's page", ldr x10, [x9]
	try_user "EL0 writes EL1's page", str x10, [x9]
	try	"EL1 ldtr of EL1's page", ldtr x10, [x9]
	try	"EL1 sttr of EL1's page", sttr x10, [x9]
	movl	x9, PAGE(5)
	try_user "EL0 reads its page", ldr x10, [x9]
	try_user "EL0 writes its read-only page", str x10, [x9]
	try	"EL1 writes it", str x10, [x9]
	try	"EL1 sttr", sttr x10, [x9]
	movl	x9, PAGE(4)
	movl	x10, 0xaaaaaaaaaaaaaaaa
	try_user "EL0 writes its page", str x10, [x9]
	try	"EL1 ldtr", ldtr x10, [x9]
	leave

	/* Call a page of code at x9; it returns, or it cannot be run. */
	.macro	run text
	say	"\text"
	exc_reset
	adr	x1, 9992f
	str	x1, [x0, #EXC_RESUME]
	msr	nzcv, xzr
	blr	x9
9992:	mov	x0, x9
	bl	report
	.endm

	/* Enter it at EL0, from where it makes SVC 1. */
	.macro	run_user text
	say	"\text"
	exc_reset
	adr	x1, 9992f
	str	x1, [x0, #EXC_RESUME]
	add	x1, x9, #8
	msr	elr_el1, x1
	mov	x1, #PSTATE_EL0
	msr	spsr_el1, x1
	isb
	eret
9992:	add	x0, x9, #8
	bl	report
	.endm

execution:
	enter
	say	"-- execution\n"
	movl	x9, PAGE(14)
	run	"EL1 page"
	run_user "EL0 on it: nothing forbids"
	movl	x9, PAGE(6)
	run	"PXN"
	run_user "EL0 on it"
	movl	x9, PAGE(7)
	run	"UXN"
	run_user "EL0 on it"
	movl	x9, PAGE(15)
	run_user "EL0, run only"
	movl	x10, PAGE(15)
	try_user "and EL0 cannot read it", ldr x11, [x10]
	movl	x9, PAGE(16)
	run	"read-only page of EL0"
	run_user "EL0 on it"
	movl	x9, PAGE(4)
	run	"page EL0 may write"
	movl	x9, PAGE(1)
	run	"nothing there"
	movl	x9, BLOCK2(1)
	run	"access flag"
	movl	x9, RTC
	run	"device, PXN"
	leave

table_attributes:
	enter
	say	"-- limits in tables\n"
	movl	x9, BLOCK1(8) + 0x200000
	try	"APTable read-only, write", str x10, [x9]
	try	"and read", ldr x10, [x9]
	try_user "and EL0 reads", ldr x10, [x9]
	movl	x9, BLOCK1(9) + 0x200000
	try	"APTable EL1 only, read", ldr x10, [x9]
	try_user "and EL0", ldr x10, [x9]
	movl	x9, BLOCK1(10)
	bl	at_code
	run	"PXNTable"
	run_user "and EL0"
	movl	x9, BLOCK1(11)
	bl	at_code
	run	"UXNTable"
	run_user "and EL0"
	adr_l	x9, exc
	str	xzr, [x9, #EXC_FAR_BASE]
	leave

/* x9 maps the image: on to page_code, and show addresses without that. */
at_code:
	adr_l	x10, page_code
	adr_l	x11, _head
	sub	x10, x10, x11
	add	x9, x9, x10
	adr_l	x11, exc
	str	x10, [x11, #EXC_FAR_BASE]
	ret

crossing:
	enter
	say	"-- two pages\n"
	movl	x9, PAGE(11) - 4		/* 10 is there, 11 is not */
	movl	x10, 0x1111111122222222
	mov	w11, #0x77
	str	w11, [x9]
	try	"str", str x10, [x9]
	try	"str, pre-indexed", bl store_pre
	try	"stp", stp x10, x10, [x9, #-8]
	try	"ldr", ldr x12, [x9]
	try	"ldp", ldp x12, x13, [x9, #-8]
	ldr	w19, [x9]
	say	"the first page has "
	hex	x19, "\n"
	movl	x9, PAGE(10) - 4		/* 9 is not there, 10 is */
	try	"str from below", str x10, [x9]
	try	"ldr from below", ldr x12, [x9]
	movl	x9, PAGE(10)
	show	"the second page has ", x9
	movl	x9, PAGE(13) - 4		/* 12 and 13, apart in memory */
	str	x10, [x9]
	ldr	x19, [x9]
	say	"both there: "
	hex	x19, " is "
	movl	x9, PAGE(12) + 0xffc
	ldr	w19, [x9]
	hex	x19, " and "
	movl	x9, PAGE(13)
	ldr	w19, [x9]
	hex	x19, "\n"
	movl	x10, 0xaaaaaaaa
	str	w10, [x9]
	leave

/* The base register is not changed by a store that faults. */
store_pre:
	mov	x12, x9
	sub	x13, x9, #16
1:	str	x10, [x13, #16]!
	adr_l	x14, exc
	sub	x15, x30, #4
	str	x15, [x14, #EXC_ELR]
	add	x13, x13, #16
	cmp	x12, x13
	b.ne	2f
	ret
2:	say	"(changed)"
	ret

	/*
	 * Page 20 shows a, then is taken away: it must be gone.  Then b is put
	 * in its place: a fault is not remembered.
	 */
	.macro	forget text, insn:vararg
	map	pages3, 20, page_a, D_PAGE | D_RAM
	synchronize
	movl	x9, PAGE(20)
	lsr	x10, x9, #12
	ldr	x11, [x9]
	map_raw	pages3, 20, 0
	dsb	ishst
	\insn
	dsb	ish
	isb
	try	"\text", ldr x11, [x9]
	map	pages3, 20, page_b, D_PAGE | D_RAM
	synchronize
	show	"then ", x9
	map_raw	pages3, 20, 0
	dsb	ishst
	tlbi	vmalle1
	dsb	ish
	isb
	.endm

invalidation:
	enter
	say	"-- invalidation\n"
	forget	"vmalle1", tlbi vmalle1
	forget	"vmalle1is", tlbi vmalle1is
	forget	"vae1", tlbi vae1, x10
	forget	"vae1is", tlbi vae1is, x10
	forget	"vale1", tlbi vale1, x10
	forget	"vale1is", tlbi vale1is, x10
	forget	"vaae1", tlbi vaae1, x10
	forget	"vaae1is", tlbi vaae1is, x10
	forget	"vaale1", tlbi vaale1, x10
	forget	"vaale1is", tlbi vaale1is, x10
	/* A table and a block, too. */
	map	pages2, 5, pages3, D_TABLE
	synchronize
	movl	x9, BLOCK2(5)
	lsr	x10, x9, #12
	ldr	x11, [x9]
	map_raw	pages2, 5, 0
	dsb	ishst
	tlbi	vae1, x10
	dsb	ish
	isb
	try	"a table", ldr x11, [x9]
	map_raw	pages2, 5, RAM | D_BLOCK | D_RAM
	synchronize
	ldr	x11, [x9, #0x3000]
	add	x10, x10, #3
	map_raw	pages2, 5, 0
	dsb	ishst
	tlbi	vae1, x10
	dsb	ish
	isb
	try	"a block, by any of its pages", ldr x11, [x9, #0x3000]
	try	"and at its start", ldr x11, [x9]
	/* Permissions are forgotten as well. */
	map	pages3, 21, page_a, D_PAGE | D_RAM
	synchronize
	movl	x9, PAGE(21)
	lsr	x10, x9, #12
	ldr	x11, [x9]
	str	x11, [x9]
	map	pages3, 21, page_a, D_PAGE | D_RAM | D_RO
	dsb	ishst
	tlbi	vale1is, x10
	dsb	ish
	isb
	try	"now read-only", str x11, [x9]
	leave

	.macro	space ttbr, asid
	adr_l	x0, \ttbr
	movl	x1, (\asid) << 48
	orr	x0, x0, x1
	msr	ttbr0_el1, x0
	isb
	.endm

/* Two address spaces that differ in entry 2 of level 0. */
spaces:	enter
	say	"-- address spaces\n"
	map	level0, 2, one1, D_TABLE
	map	one1, 0, one2, D_TABLE
	map	one2, 0, one3, D_TABLE
	map	one3, 0, page_a, D_PAGE | D_RAM | D_NG
	map	one3, 1, page_a, D_PAGE | D_RAM
	map	other0, 0, level1, D_TABLE
	map	other0, 1, pages1, D_TABLE
	map	other0, 2, two1, D_TABLE
	map	two1, 0, two2, D_TABLE
	map	two2, 0, two3, D_TABLE
	map	two3, 0, page_b, D_PAGE | D_RAM | D_NG
	map	two3, 1, page_a, D_PAGE | D_RAM
	synchronize
	movl	x9, TEST_VA * 2
	space	level0, 1
	show	"space 1: ", x9
	space	other0, 2
	show	"space 2: ", x9
	space	level0, 1
	show	"space 1 again: ", x9
	/* Taken out of space 1 while space 2 is the current one. */
	space	other0, 2
	map_raw	one3, 0, 0
	dsb	ishst
	mov	x10, #(1 << 48)
	tlbi	aside1, x10
	dsb	ish
	isb
	show	"space 2 still: ", x9
	space	level0, 1
	try	"space 1, gone by aside1", ldr x11, [x9]
	map	one3, 0, page_a, D_PAGE | D_RAM | D_NG
	synchronize
	show	"space 1 again: ", x9
	space	other0, 2
	map_raw	one3, 0, 0
	dsb	ishst
	lsr	x10, x9, #12
	orr	x10, x10, #(1 << 48)
	tlbi	vae1is, x10
	dsb	ish
	isb
	show	"space 2 still: ", x9
	space	level0, 1
	try	"space 1, gone by vae1is", ldr x11, [x9]
	/* vaae1 means every space. */
	map	one3, 0, page_a, D_PAGE | D_RAM | D_NG
	synchronize
	ldr	x11, [x9]
	space	other0, 2
	ldr	x11, [x9]
	map_raw	one3, 0, 0
	map_raw	two3, 0, 0
	dsb	ishst
	lsr	x10, x9, #12
	tlbi	vaae1, x10
	dsb	ish
	isb
	try	"space 2, gone by vaae1", ldr x11, [x9]
	space	level0, 1
	try	"space 1, gone by vaae1", ldr x11, [x9]
	/* A large ASID is not mistaken for a small one. */
	map	one3, 0, page_a, D_PAGE | D_RAM | D_NG
	map	two3, 0, page_b, D_PAGE | D_RAM | D_NG
	synchronize
	space	level0, 0x0103
	show	"space 0x103: ", x9
	space	other0, 0x0003
	show	"space 0x003: ", x9
	space	level0, 0
	leave

halves:	enter
	say	"-- halves\n"
	adr_l	x9, page_b
	movl	x10, RAM
	sub	x9, x9, x10
	movl	x10, UPPER_VA
	add	x9, x9, x10
	show	"upper, entry 0: ", x9
	movl	x10, 0xffffff8000000000 - UPPER_VA
	add	x9, x9, x10
	show	"upper, entry 511: ", x9
	movl	x9, UPPER_VA + TEST_VA
	try	"upper, entry 1", ldr x10, [x9]
	movl	x9, UPPER_VA
	ldr	x10, [x9]
	sysreg_set tcr_el1, TCR_BASE | TCR_EPD1
	tlbi	vmalle1
	dsb	ish
	isb
	try	"upper, EPD1", ldr x10, [x9]
	sysreg_set tcr_el1, TCR_BASE
	tlbi	vmalle1
	dsb	ish
	isb
	/* Smaller tables above: 39 bits, from level 1. */
	adr_l	x0, upper1
	msr	ttbr1_el1, x0
	sysreg_set tcr_el1, TCR_BASE + (9 << 16)
	tlbi	vmalle1
	dsb	ish
	isb
	movl	x9, 0xffffff8000000000
	try	"upper, 39 bits", ldr x10, [x9]
	movl	x9, 0xffffff8040000000
	try	"upper, 39 bits, entry 1", ldr x10, [x9]
	movl	x9, 0xffffff7ffffffff8
	try	"one below", ldr x10, [x9]
	adr_l	x0, upper0
	msr	ttbr1_el1, x0
	sysreg_set tcr_el1, TCR_BASE
	tlbi	vmalle1
	dsb	ish
	isb
	leave

tags:	enter
	say	"-- tags\n"
	sysreg_set tcr_el1, TCR_BASE | TCR_TBI0
	tlbi	vmalle1
	dsb	ish
	isb
	movl	x9, 0x5a00000000000000 + PAGE(0)
	show	"TBI0: ", x9
	movl	x9, 0x7f00000000000000 + PAGE(0)
	show	"another tag: ", x9
	movl	x10, 0x5a00000000000000
	adr	x9, 1f
	orr	x9, x9, x10
	br	x9
1:	adr	x9, 1b
	lsr	x9, x9, #56
	say	"after a tagged branch the pc has "
	hex	x9, "\n"
	sysreg_set tcr_el1, TCR_BASE
	tlbi	vmalle1
	dsb	ish
	isb
	leave

	.macro	at_case text, op, va
	movl	x9, \va
	at	\op, x9
	isb
	mrs	x19, par_el1
	say	"\text: "
	bl	show_par
	.endm

/* What of PAR_EL1 tells where, or why not. */
show_par:
	enter
	tbnz	x19, #0, 1f
	ubfx	x20, x19, #12, #36
	adr_l	x21, page_a
	cmp	x20, x21, lsr #12
	b.ne	2f
	say	"page a\n"
	leave
1:	ubfx	x20, x19, #1, #6
	say	"fault "
	hex	x20, "\n"
	leave
2:	say	"another page\n"
	leave

address_translation:
	enter
	say	"-- AT\n"
	at_case	"s1e1r", s1e1r, PAGE(0)
	at_case	"s1e1w", s1e1w, PAGE(0)
	at_case	"s1e1w read-only", s1e1w, PAGE(3)
	at_case	"s1e1r read-only", s1e1r, PAGE(3)
	at_case	"s1e0r EL1's", s1e0r, PAGE(0)
	at_case	"s1e0r", s1e0r, PAGE(4)
	at_case	"s1e0w", s1e0w, PAGE(4)
	at_case	"s1e0w read-only", s1e0w, PAGE(5)
	at_case	"nothing there", s1e1r, PAGE(1)
	at_case	"level 0", s1e1r, TEST_VA * 4
	at_case	"access flag", s1e1r, PAGE(2)
	leave

	.pool

	/* For EL1: back to the caller.  For EL0, 8 bytes on: SVC 1. */
	.balign	4096
page_code:
	ret
	nop
	svc	#1
	b	.
	.balign	4096

	.bss
	.balign	4096
pages1:	.skip	4096
pages2:	.skip	4096
pages3:	.skip	4096
under2:	.skip	4096
upper0:	.skip	4096
upper1:	.skip	4096
other0:	.skip	4096
one1:	.skip	4096
one2:	.skip	4096
one3:	.skip	4096
two1:	.skip	4096
two2:	.skip	4096
two3:	.skip	4096
page_a:	.skip	4096
page_b:	.skip	4096
