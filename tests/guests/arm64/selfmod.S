/* SPDX-License-Identifier: MIT */
/*
 * selfmod.S - code that is written while it runs, with the maintenance DDI
 * 0487 B2.4.4 asks for: DC CVAU, DSB, IC IVAU, DSB, ISB.
 */
#include "guest.h"
#include "mmu.h"

	base_tables

#define CODE_A		TEST_VA			/* the same page twice */
#define CODE_B		(TEST_VA + 0x1000)
#define CODE_C		(TEST_VA + 0x2000)	/* moves between two pages */
#define MOVZ_X0		0xd2800000		/* | imm16 << 5 */
#define RET		0xd65f03c0
#define ROUNDS		1000

	/* The line at \reg is to be seen by fetches. */
	.macro	publish reg
	dc	cvau, \reg
	dsb	ish
	ic	ivau, \reg
	dsb	ish
	isb
	.endm

	/* x0 := call \reg */
	.macro	call reg
	blr	\reg
	.endm

func main
	enter
	say	"-- no MMU\n"
	adr_l	x19, page1
	bl	rounds
	bl	next_instruction
	bl	shared_with_data
	bl	whole_cache
	bl	other_page_kept
	map	level0, 1, pages1, D_TABLE
	map	pages1, 0, pages2, D_TABLE
	map	pages2, 0, pages3, D_TABLE
	map	pages3, 0, page1, D_PAGE | D_RAM
	map	pages3, 1, page1, D_PAGE | D_RAM
	map	pages3, 2, page1, D_PAGE | D_RAM
	mmu_on	nowhere
	say	"-- MMU\n"
	movl	x19, CODE_A
	bl	rounds
	bl	two_mappings
	bl	remapped
	bl	call_across
	leave

/* x19: a place for a function; write it anew and call it, many times. */
rounds:	enter
	movl	x20, ROUNDS
	mov	x21, #0
	mov	w9, #(RET & 0xffff)
	movk	w9, #(RET >> 16), lsl #16
	str	w9, [x19, #4]
1:	movl	x9, MOVZ_X0
	orr	x9, x9, x20, lsl #5
	str	w9, [x19]
	publish	x19
	call	x19
	cmp	x0, x20
	cinc	x21, x21, ne
	subs	x20, x20, #1
	b.ne	1b
	say	"rewritten and called, wrong answers: "
	hex	x21, "\n"
	leave

/* The very next instruction is replaced, in a straight line of code. */
next_instruction:
	enter
	mov	x21, #0
	movl	x20, ROUNDS
	adr	x10, 2f
	movl	x11, MOVZ_X0
1:	orr	x9, x11, x20, lsl #5
	str	w9, [x10]
	publish	x10
2:	mov	x0, #0
	cmp	x0, x20
	cinc	x21, x21, ne
	subs	x20, x20, #1
	b.ne	1b
	say	"next instruction replaced, wrong: "
	hex	x21, "\n"
	leave

/* A function counts in a word that lies between its own instructions. */
shared_with_data:
	enter
	movl	x20, ROUNDS
	adr	x10, 2f
	str	wzr, [x10]
1:	bl	3f
	subs	x20, x20, #1
	b.ne	1b
	ldr	w21, [x10]
	say	"data among the code counts "
	hex	x21, "\n"
	leave
3:	ldr	w9, [x10]
	b	4f
2:	.word	0
4:	add	w9, w9, #1
	str	w9, [x10]
	ret

/* ic iallu does for all of it. */
whole_cache:
	enter
	adr_l	x19, page1
	movl	x9, MOVZ_X0 | 0x11 << 5
	str	w9, [x19]
	publish	x19
	call	x19
	mov	x20, x0
	movl	x9, MOVZ_X0 | 0x22 << 5
	str	w9, [x19]
	dc	cvau, x19
	dsb	ish
	ic	iallu
	dsb	ish
	isb
	call	x19
	mov	x21, x0
	movl	x9, MOVZ_X0 | 0x33 << 5
	str	w9, [x19]
	dc	cvau, x19
	dsb	ish
	ic	ialluis
	dsb	ish
	isb
	call	x19
	mov	x22, x0
	say	"iallu and ialluis: "
	hex	x20, ", "
	hex	x21, ", "
	hex	x22, "\n"
	leave

/* Two functions in a page: one is replaced, the other one stays. */
other_page_kept:
	enter
	adr_l	x19, page2
	movl	x9, MOVZ_X0 | 1 << 5 | RET << 32
	str	x9, [x19]
	movl	x9, MOVZ_X0 | 2 << 5 | RET << 32
	str	x9, [x19, #8]
	publish	x19
	call	x19
	mov	x20, x0
	add	x21, x19, #8
	call	x21
	mov	x22, x0
	movl	x9, MOVZ_X0 | 3 << 5
	str	w9, [x19, #8]
	publish	x21
	call	x19
	mov	x23, x0
	call	x21
	mov	x24, x0
	say	"neighbours: "
	hex	x20, ", "
	hex	x22, ", then "
	hex	x23, ", "
	hex	x24, "\n"
	leave

/* Written through one address, run at another. */
two_mappings:
	enter
	movl	x19, CODE_A
	movl	x22, CODE_B
	movl	x20, ROUNDS
	mov	x21, #0
1:	movl	x9, MOVZ_X0
	orr	x9, x9, x20, lsl #5
	str	w9, [x19]
	dc	cvau, x19
	dsb	ish
	ic	ivau, x22
	dsb	ish
	isb
	call	x22
	cmp	x0, x20
	cinc	x21, x21, ne
	subs	x20, x20, #1
	b.ne	1b
	say	"written here, called there, wrong: "
	hex	x21, "\n"
	leave

/* The same address, another page. */
remapped:
	enter
	adr_l	x19, page2
	movl	x9, MOVZ_X0 | 0x77 << 5
	str	w9, [x19]
	publish	x19
	movl	x19, CODE_C
	call	x19
	mov	x20, x0
	map_raw	pages3, 2, 0
	bl	forget_c
	map	pages3, 2, page2, D_PAGE | D_RAM
	synchronize
	call	x19
	mov	x21, x0
	map_raw	pages3, 2, 0
	bl	forget_c
	map	pages3, 2, page1, D_PAGE | D_RAM
	synchronize
	call	x19
	mov	x22, x0
	say	"remapped: "
	hex	x20, ", "
	hex	x21, ", "
	hex	x22, "\n"
	leave

forget_c:
	dsb	ishst
	lsr	x10, x19, #12
	tlbi	vae1is, x10
	dsb	ish
	isb
	ret

/*
 * A function that lies across two pages, called at both their orders: the
 * second page follows the first in the address space only.
 */
call_across:
	enter
	adr_l	x9, page1
	movl	x10, MOVZ_X0 | 0x40 << 5
	str	w10, [x9, #0xffc]
	adr_l	x11, page2
	movl	x10, 0x91000400 | RET << 32	/* add x0, x0, #1 */
	str	x10, [x11]
	adr_l	x11, page3
	movl	x10, 0x91000800 | RET << 32	/* add x0, x0, #2 */
	str	x10, [x11]
	movl	x19, CODE_B + 0xffc
	publish	x19
	map	pages3, 2, page2, D_PAGE | D_RAM
	synchronize
	movl	x19, CODE_C
	bl	forget_c
	publish	x19
	movl	x22, CODE_B + 0xffc
	call	x22
	mov	x20, x0
	map_raw	pages3, 2, 0
	bl	forget_c
	map	pages3, 2, page3, D_PAGE | D_RAM
	synchronize
	publish	x19
	call	x22
	mov	x21, x0
	say	"across two pages: "
	hex	x20, ", "
	hex	x21, "\n"
	leave

	.pool

	.bss
	.balign	4096
pages1:	.skip	4096
pages2:	.skip	4096
pages3:	.skip	4096
page1:	.skip	4096
page2:	.skip	4096
page3:	.skip	4096
nowhere: .skip	4096
