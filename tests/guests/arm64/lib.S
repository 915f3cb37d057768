/* SPDX-License-Identifier: MIT */
/*
 * lib.S - start, printing, and exception vectors of the guests.
 *
 * The vectors record what happened in `exc` and go on behind the instruction,
 * so that a guest can try things.  They need no stack: it may be what is
 * wrong.  Interrupts go to `irq` instead, if the guest has one.
 */
#include "guest.h"

	/* The header of an arm64 Image, Documentation/arch/arm64/booting. */
	.section .head, "ax"
	.global	_head
_head:	b	start
	.word	0
	.quad	0		/* text_offset */
	.quad	_end		/* image_size */
	.quad	0xa		/* 4 KiB pages, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.word	0

	.text
start:	adr_l	x4, _bss
	adr_l	x5, _end
1:	stp	xzr, xzr, [x4], #16
	cmp	x4, x5
	b.lo	1b
	adr_l	x4, boot
	stp	x0, x1, [x4]
	stp	x2, x3, [x4, #16]
	mrs	x5, sctlr_el1
	mrs	x6, daif
	stp	x5, x6, [x4, #32]
	bl	cpu_setup
	adr_l	x1, stack_top
	mov	sp, x1
	msr	nzcv, xzr
	bl	main
func off
	psci	PSCI_SYSTEM_OFF
	b	.

/* What every CPU needs before it does anything; changes x0. */
func cpu_setup
	msr	spsel, #1
	movl	x0, SCTLR_BASE
	msr	sctlr_el1, x0
	adr_l	x0, vectors
	msr	vbar_el1, x0
	msr	cpacr_el1, xzr
	msr	cntkctl_el1, xzr
	mov	x0, #2			/* timers off: masked, disabled */
	msr	cntv_ctl_el0, x0
	msr	cntp_ctl_el0, x0
	isb
	ret

/* ---- printing: x0 to x5 change ---------------------------------------- */

/* Print the character in w0. */
func putc
	mov	x1, #UART
1:	ldr	w2, [x1, #0x18]		/* FR.TXFF */
	tbnz	w2, #5, 1b
	str	w0, [x1]
	ret

/* Print the text at x0. */
func puts
	mov	x1, #UART
1:	ldrb	w3, [x0], #1
	cbz	w3, 3f
2:	ldr	w2, [x1, #0x18]
	tbnz	w2, #5, 2b
	str	w3, [x1]
	b	1b
3:	ret

/* Print x0 as 0x and as many digits as it takes. */
func puthex
	mov	x5, x30
	mov	x3, x0
	mov	w0, #'0'
	bl	putc
	mov	w0, #'x'
	bl	putc
	clz	x4, x3
	mov	x0, #60
	cmp	x4, x0
	csel	x4, x0, x4, hi		/* 0 has one digit, too */
	and	x4, x4, #60
	lsl	x3, x3, x4
1:	lsr	x0, x3, #60
	lsl	x3, x3, #4
	cmp	x0, #10
	add	x0, x0, #'0'
	b.lo	2f
	add	x0, x0, #('a' - '0' - 10)
2:	bl	putc
	add	x4, x4, #4
	cmp	x4, #64
	b.lo	1b
	ret	x5

/* ---- exceptions ------------------------------------------------------- */

/* Tell about `exc`; x0 is the address of the instruction that was tried. */
func report
	stp	x29, x30, [sp, #-32]!
	stp	x19, x20, [sp, #16]
	mov	x20, x0
	adr_l	x19, exc
	ldr	x0, [x19, #EXC_COUNT]
	cbnz	x0, 1f
	say	": none\n"
	b	9f
1:	say	": "
	ldr	x0, [x19, #EXC_VECTOR]
	hex	x0, " esr="
	ldr	x0, [x19, #EXC_ESR]
	hex	x0, " elr+"
	ldr	x0, [x19, #EXC_ELR]
	sub	x0, x0, x20
	hex	x0, " spsr="
	ldr	x0, [x19, #EXC_SPSR]
	hex	x0
	ldr	x0, [x19, #EXC_ESR]
	lsr	x0, x0, #26
	mov	x1, #0x3a
	and	x1, x0, x1
	sub	x1, x1, #0x20		/* 0x20, 21, 24, 25: aborts */
	sub	x0, x0, #0x22		/* the pc's alignment */
	cmp	x0, #0
	ccmp	x1, #0, #4, ne
	b.ne	2f
	say	" far="
	ldr	x0, [x19, #EXC_FAR]
	ldr	x1, [x19, #EXC_FAR_BASE]
	sub	x0, x0, x1
	hex	x0
2:	ldr	x0, [x19, #EXC_COUNT]
	cmp	x0, #1
	b.eq	3f
	say	" times="
	ldr	x0, [x19, #EXC_COUNT]
	hex	x0
3:	say	"\n"
9:	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret

	/* Record and skip; the vector's offset is all that differs. */
	.macro	vector offset
	.balign	128
	msr	tpidr_el1, x0
	adr_l	x0, exc
	stp	x1, x2, [x0, #EXC_SAVE]
	mov	x1, #\offset
	b	record
	.endm

	/* Interrupts keep all that a call may change, on the stack. */
	.macro	vector_irq
	.balign	128
	sub	sp, sp, #176
	stp	x0, x1, [sp]
	b	interrupt
	.endm

	.balign	2048
	.global	vectors
vectors:
	vector	0x000
	vector_irq
	vector	0x100
	vector	0x180
	vector	0x200
	vector_irq
	vector	0x300
	vector	0x380
	vector	0x400
	vector_irq
	vector	0x500
	vector	0x580
	vector	0x600
	vector	0x680
	vector	0x700
	vector	0x780

record:	str	x1, [x0, #EXC_VECTOR]
	ldr	x1, [x0, #EXC_COUNT]
	add	x1, x1, #1
	str	x1, [x0, #EXC_COUNT]
	mrs	x1, spsr_el1
	str	x1, [x0, #EXC_SPSR]
	mrs	x1, far_el1
	str	x1, [x0, #EXC_FAR]
	mrs	x1, esr_el1
	str	x1, [x0, #EXC_ESR]
	lsr	x1, x1, #26
	mrs	x2, elr_el1
	str	x2, [x0, #EXC_ELR]
	sub	x1, x1, #0x15		/* SVC and HVC return behind it */
	cmp	x1, #1
	b.ls	1f
	add	x2, x2, #4
1:	ldr	x1, [x0, #EXC_RESUME]
	cbz	x1, 2f
	mov	x2, x1
	mov	x1, #PSTATE_EL1H
	msr	spsr_el1, x1
2:	msr	elr_el1, x2
	ldp	x1, x2, [x0, #EXC_SAVE]
	mrs	x0, tpidr_el1
	eret

interrupt:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x0, x1, [sp, #160]
	bl	irq
	ldp	x0, x1, [sp, #160]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x30, [sp, #144]
	ldp	x0, x1, [sp]
	add	sp, sp, #176
	eret

	.weak	irq
irq:	say	"an interrupt nobody expected\n"
	b	off

	.pool

	.bss
	.balign	16
	.global	exc
exc:	.skip	EXC_SIZE
	.global	boot
boot:	.skip	48			/* x0 to x3, SCTLR_EL1, DAIF */
	.balign	16
	.skip	8192
	.global	stack_top
stack_top:
