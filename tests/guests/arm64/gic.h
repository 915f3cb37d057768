/* SPDX-License-Identifier: MIT */
/* gic.h - setting up the GIC, IHI 0069: all in group 1 at priority 0xa0. */

#define GICD_CTLR	0x0000
#define IGROUPR		0x0080
#define ISENABLER	0x0100
#define ICENABLER	0x0180
#define ISPENDR		0x0200
#define ICPENDR		0x0280
#define ISACTIVER	0x0300
#define IPRIORITYR	0x0400
#define ICFGR		0x0c00
#define GICR_WAKER	0x0014

	/* Write a register of the distributor, or of CPU 0's SGIs and PPIs. */
	.macro	gicd off, value
	movl	x0, GICD + (\off)
	movl	w1, (\value)
	str	w1, [x0]
	dsb	sy
	.endm

	.macro	gicr off, value
	movl	x0, GICR + SGI_BASE + (\off)
	movl	w1, (\value)
	str	w1, [x0]
	dsb	sy
	.endm

	/* \reg := one bit of such a register. */
	.macro	gicd_bit reg, off, intid
	movl	x0, GICD + (\off) + (\intid) / 32 * 4
	ldr	w0, [x0]
	ubfx	\reg, x0, #((\intid) % 32), #1
	.endm

	.macro	gicr_bit reg, off, intid
	movl	x0, GICR + SGI_BASE + (\off)
	ldr	w0, [x0]
	ubfx	\reg, x0, #(\intid), #1
	.endm

	/* The priority of an SPI, or of a private interrupt. */
	.macro	priority intid, value
	.if	\intid < 32
	movl	x0, GICR + SGI_BASE + IPRIORITYR + \intid
	.else
	movl	x0, GICD + IPRIORITYR + \intid
	.endif
	mov	w1, #\value
	strb	w1, [x0]
	dsb	sy
	.endm

	.macro	gic_on
	gicd	GICD_CTLR, 0
	movl	x0, GICR + GICR_WAKER
	str	wzr, [x0]
9995:	ldr	w1, [x0]
	tbnz	w1, #2, 9995b
	gicr	IGROUPR, 0xffffffff
	gicr	ICENABLER, 0xffffffff
	gicd	IGROUPR + 4, 0xffffffff
	movl	x0, GICR + SGI_BASE + IPRIORITYR
	movl	x1, GICD + IPRIORITYR + 32
	movl	w2, 0xa0a0a0a0
	mov	w3, #8
9996:	str	w2, [x0]		/* no writeback: a hypervisor is not */
	str	w2, [x1]		/* told what such an access wanted */
	add	x0, x0, #4
	add	x1, x1, #4
	subs	w3, w3, #1
	b.ne	9996b
	gicd	GICD_CTLR, 2
	sysreg_set ICC_SRE_EL1, 7
	sysreg_set ICC_PMR_EL1, 0xf0
	sysreg_set ICC_CTLR_EL1, 0
	sysreg_set ICC_IGRPEN1_EL1, 1
	.endm

	/* Let interrupts in for a moment: those that are pending are taken. */
	.macro	window
	msr	daifclr, #2
	isb
	msr	daifset, #2
	.endm
