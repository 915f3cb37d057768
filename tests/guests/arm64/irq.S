/* SPDX-License-Identifier: MIT */
/*
 * irq.S - interrupts through the GIC: masks, priorities, preemption, levels
 * and edges, ends in one step and in two.  IHI 0069.
 */
#include "guest.h"
#include "gic.h"

#define A	40		/* SPIs nobody is wired to */
#define B	41
#define C	42
#define IMSC	0x38
#define MIS	0x40
#define ICR	0x44
#define TX	(1 << 5)

	.macro	pend intid
	gicd	ISPENDR + (\intid) / 32 * 4, 1 << ((\intid) % 32)
	.endm

	.macro	enable intid
	gicd	ISENABLER + (\intid) / 32 * 4, 1 << ((\intid) % 32)
	.endm

	.macro	disable intid
	gicd	ICENABLER + (\intid) / 32 * 4, 1 << ((\intid) % 32)
	.endm

	.macro	unpend intid
	gicd	ICPENDR + (\intid) / 32 * 4, 1 << ((\intid) % 32)
	.endm

	.macro	show text, name
	mrs	x19, \name
	say	"\text "
	hex	x19, "\n"
	.endm

	.macro	state intid
	gicd_bit x19, ISPENDR, \intid
	gicd_bit x20, ISACTIVER, \intid
	say	"pending "
	hex	x19, ", active "
	hex	x20, "\n"
	.endm

func main
	enter
	gic_on
	gicd	ICFGR + 8, 0xaaaaaaaa	/* 32 to 47: edges */
	gicd	ICFGR + 8, 0xaaaaaaa2	/* but for the UART's */
	enable	A
	enable	B
	enable	C
	bl	masks
	bl	order
	bl	nesting
	bl	two_steps
	bl	generated
	bl	uart
	bl	waiting
	leave

masks:	enter
	say	"-- masks\n"
	show	"nothing pending: IAR", ICC_IAR1_EL1
	show	"ISR", isr_el1
	pend	A
	state	A
	show	"DAIF.I set: ISR", isr_el1
	show	"HPPIR", ICC_HPPIR1_EL1
	say	"DAIF.I clear: "
	window
	state	A
	sysreg_set ICC_PMR_EL1, 0xa0
	pend	A
	say	"PMR 0xa0: "
	window
	show	"ISR", isr_el1
	say	"PMR 0xa8: "
	sysreg_set ICC_PMR_EL1, 0xa8
	window
	sysreg_set ICC_PMR_EL1, 0xf0
	sysreg_set ICC_IGRPEN1_EL1, 0
	pend	A
	show	"IGRPEN1 0: ISR", isr_el1
	sysreg_set ICC_IGRPEN1_EL1, 1
	gicd	GICD_CTLR, 0
	show	"GICD_CTLR 0: ISR", isr_el1
	gicd	GICD_CTLR, 2
	disable	A
	show	"disabled: ISR", isr_el1
	state	A
	enable	A
	show	"enabled: ISR", isr_el1
	unpend	A
	show	"no longer pending: ISR", isr_el1
	leave

order:	enter
	say	"-- order\n"
	priority A, 0x80
	priority B, 0x40
	priority C, 0x90
	pend	C
	pend	A
	pend	B
	window
	leave

/* Handlers of 42 and 41 let others in; see irq. */
nesting:
	enter
	say	"-- preemption\n"
	priority A, 0x60
	priority B, 0x60
	priority C, 0xa0
	adr_l	x9, nest
	mov	w10, #1
	str	w10, [x9]
	pend	C
	window
	adr_l	x9, nest
	str	wzr, [x9]
	show	"RPR", ICC_RPR_EL1
	leave

two_steps:
	enter
	say	"-- EOImode 1\n"
	sysreg_set ICC_CTLR_EL1, 2
	pend	A
	mrs	x9, ICC_IAR1_EL1
	say	"acknowledged "
	hex	x9, " is "
	state	A
	show	"RPR", ICC_RPR_EL1
	msr	ICC_EOIR1_EL1, x9
	isb
	show	"after EOIR RPR", ICC_RPR_EL1
	state	A
	pend	A
	show	"pending again, active: IAR", ICC_IAR1_EL1
	msr	ICC_DIR_EL1, x9
	isb
	state	A
	mrs	x9, ICC_IAR1_EL1
	say	"after DIR: IAR "
	hex	x9, "\n"
	msr	ICC_EOIR1_EL1, x9
	msr	ICC_DIR_EL1, x9
	isb
	sysreg_set ICC_CTLR_EL1, 0
	state	A
	leave

generated:
	enter
	say	"-- SGI\n"
	gicr	ISENABLER, 0xffff
	priority 3, 0x50
	movl	x9, 3 << 24 | 1
	msr	ICC_SGI1R_EL1, x9
	movl	x9, 7 << 24 | 1
	msr	ICC_SGI1R_EL1, x9
	isb
	window
	movl	x9, 5 << 24 | 2		/* CPU 1 is not there */
	msr	ICC_SGI1R_EL1, x9
	movl	x9, 5 << 24 | 1 << 40	/* all but myself */
	msr	ICC_SGI1R_EL1, x9
	isb
	show	"to others: ISR", isr_el1
	leave

/* The UART's is a level: it comes until it is served. */
uart:	enter
	say	"-- UART\n"
	movl	x9, UART
	movl	w10, 0x301
	str	w10, [x9, #0x30]	/* CR */
	mov	w10, #0x70
	str	w10, [x9, #0x2c]	/* LCRH: FIFOs */
	movl	w10, 0x7ff
	str	w10, [x9, #ICR]
	enable	INTID_UART
	mov	w10, #TX
	str	w10, [x9, #IMSC]
	gicd_bit x19, ISPENDR, INTID_UART
	str	wzr, [x9, #IMSC]
	say	"before a byte: pending "
	hex	x19, "\n"
	movl	x9, UART
	mov	w10, #TX
	str	w10, [x9, #IMSC]
	gicd_bit x19, ISPENDR, INTID_UART
	unpend	INTID_UART
	gicd_bit x20, ISPENDR, INTID_UART
	str	wzr, [x9, #IMSC]
	gicd_bit x21, ISPENDR, INTID_UART
	say	"after it: pending "
	hex	x19, ", after ICPENDR "
	hex	x20, ", masked "
	hex	x21, "\n"
	movl	x9, UART
	mov	w10, #TX
	adr_l	x11, served
	str	wzr, [x11]
	str	w10, [x9, #IMSC]
	dsb	sy
	window
	window
	window
	movl	x9, UART
	str	wzr, [x9, #IMSC]	/* what we say would make more */
	adr_l	x11, served
	ldr	w19, [x11]
	say	"handled "
	hex	x19, " times\n"
	leave

/* WFI ends when an interrupt is pending, masked by DAIF or not. */
waiting:
	enter
	say	"-- WFI\n"
	priority A, 0xa0
	pend	A
	dsb	sy
	wfi
	say	"awake with DAIF.I set\n"
	window
	leave

/* The handler: tells its interrupt, then does what each is for. */
func irq
	stp	x29, x30, [sp, #-48]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	mrs	x19, ICC_IAR1_EL1
	cmp	x19, #INTID_UART
	b.eq	4f
	say	"irq "
	hex	x19, " at "
	mrs	x20, ICC_RPR_EL1
	hex	x20, "\n"
	adr_l	x9, nest
	ldr	w10, [x9]
	cbz	w10, 3f
	cmp	x19, #C
	b.ne	1f
	/* C lets A in, which lets B in: equal to it, B waits. */
	pend	A
	window
	say	"back in 0x2a\n"
	b	3f
1:	cmp	x19, #A
	b.ne	3f
	pend	B
	window
	say	"back in 0x28\n"
	b	3f
	/* The UART: nothing the first time, the second time clear it. */
4:	adr_l	x9, served
	ldr	w10, [x9]
	add	w10, w10, #1
	str	w10, [x9]
	cmp	w10, #2
	b.ne	3f
	movl	x9, UART
	mov	w10, #TX
	str	w10, [x9, #ICR]
	dsb	sy
3:	msr	ICC_EOIR1_EL1, x19
	isb
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #48
	ret

	.pool

	.bss
	.balign	8
nest:	.skip	4
served:	.skip	4
