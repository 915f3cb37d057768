/* SPDX-License-Identifier: MIT */
/*
 * guest.h - what the guests share: macros over lib.S.
 *
 * A guest defines `main`.  It is entered at EL1 on CPU 0 with a stack, the MMU
 * off, all interrupts masked and NZCV clear; when it returns, the machine is
 * switched off.  The printing macros change x0 to x8 and x30 only.
 */

/* The machine's memory map and interrupt numbers. */
#define GICD		0x08000000
#define GICR		0x080a0000
#define GICR_STRIDE	0x20000
#define SGI_BASE	0x10000
#define UART		0x09000000
#define RTC		0x09010000
#define INTID_VTIMER	27
#define INTID_PTIMER	30
#define INTID_UART	33

/* PSCI over HVC, DEN 0022. */
#define PSCI_VERSION		0x84000000
#define PSCI_CPU_SUSPEND	0xc4000001
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_MIGRATE_INFO_TYPE	0x84000006
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009
#define PSCI_FEATURES		0x8400000a

/* The GIC's CPU interface, IHI 0069 12.2. */
#define ICC_PMR_EL1	S3_0_C4_C6_0
#define ICC_IAR0_EL1	S3_0_C12_C8_0
#define ICC_EOIR0_EL1	S3_0_C12_C8_1
#define ICC_HPPIR0_EL1	S3_0_C12_C8_2
#define ICC_BPR0_EL1	S3_0_C12_C8_3
#define ICC_AP1R0_EL1	S3_0_C12_C9_0
#define ICC_DIR_EL1	S3_0_C12_C11_1
#define ICC_RPR_EL1	S3_0_C12_C11_3
#define ICC_SGI1R_EL1	S3_0_C12_C11_5
#define ICC_IAR1_EL1	S3_0_C12_C12_0
#define ICC_EOIR1_EL1	S3_0_C12_C12_1
#define ICC_HPPIR1_EL1	S3_0_C12_C12_2
#define ICC_BPR1_EL1	S3_0_C12_C12_3
#define ICC_CTLR_EL1	S3_0_C12_C12_4
#define ICC_SRE_EL1	S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1	S3_0_C12_C12_7

/* SCTLR_EL1: its ones, with both stack alignment checks, nothing else. */
#define SCTLR_BASE	0x30d00818
#define SCTLR_M		(1 << 0)
#define SCTLR_A		(1 << 1)
#define SCTLR_UMA	(1 << 9)
#define SCTLR_DZE	(1 << 14)
#define SCTLR_UCT	(1 << 15)
#define SCTLR_NTWI	(1 << 16)
#define SCTLR_UCI	(1 << 26)

#define PSTATE_EL1H	0x3c5	/* all masked */
#define PSTATE_EL0	0x3c0

/* What the last exception left in `exc` (lib.S). */
#define EXC_COUNT	0
#define EXC_VECTOR	8
#define EXC_ESR		16
#define EXC_ELR		24
#define EXC_SPSR	32
#define EXC_FAR		40
#define EXC_RESUME	48	/* set by the guest: where to go on, at EL1 */
#define EXC_SAVE	56
#define EXC_FAR_BASE	72	/* set by the guest: FAR is told from here */
#define EXC_SIZE	80

	.macro	adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.macro	movl reg, value
	ldr	\reg, =\value
	.endm

	/* Print a text. */
	.macro	say text
	.pushsection .rodata
9990:	.asciz	"\text"
	.popsection
	adr_l	x0, 9990b
	bl	puts
	.endm

	/* Print a register as 0x and hexadecimal digits, then the text. */
	.macro	hex reg, text
	.ifnc	\reg, x0
	mov	x0, \reg
	.endif
	bl	puthex
	.ifnb	\text
	say	"\text"
	.endif
	.endm

	.macro	func name
	.global	\name
	.type	\name, %function
	.balign	4
\name:
	.endm

	.macro	enter
	stp	x29, x30, [sp, #-16]!
	.endm

	.macro	leave
	ldp	x29, x30, [sp], #16
	ret
	.endm

	/* Call PSCI: the answer is in x0.  x1 to x3 are the arguments. */
	.macro	psci fn
	movl	x0, \fn
	hvc	#0
	.endm

	.macro	sysreg_set name, value
	movl	x0, (\value)
	msr	\name, x0
	isb
	.endm

	.macro	exc_reset
	adr_l	x0, exc
	str	xzr, [x0, #EXC_COUNT]
	str	xzr, [x0, #EXC_RESUME]
	.endm

	/*
	 * Do one instruction, then tell which exception it made.  Afterwards
	 * the program goes on behind it.  Operands are to be in x9 and above:
	 * telling changes the others.
	 */
	.macro	try text, insn:vararg
	say	"\text"
	exc_reset
	msr	nzcv, xzr
9991:	\insn
	adr	x0, 9991b
	bl	report
	.endm

	/* The same at EL0.  With no exception it makes one itself: SVC 7. */
	.macro	try_el0 text, insn:vararg
	say	"\text"
	exc_reset
	adr	x1, 9992f
	str	x1, [x0, #EXC_RESUME]
	adr	x1, 9991f
	msr	elr_el1, x1
	mov	x1, #PSTATE_EL0
	msr	spsr_el1, x1
	isb
	eret
9991:	\insn
	svc	#7
9992:	adr	x0, 9991b
	bl	report
	.endm
