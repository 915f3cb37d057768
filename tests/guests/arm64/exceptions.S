/* SPDX-License-Identifier: MIT */
/*
 * exceptions.S - synchronous exceptions: vector, ESR, ELR and SPSR of each.
 * DDI 0487 D1.3 and D17.2.37.
 */
#include "guest.h"

func main
	enter
	say	"-- EL1\n"
	try	"svc 0x1234", svc #0x1234
	try	"brk 0xabc", brk #0xabc
	try	"udf", .inst 0
	try	"unallocated", .inst 0xffffffff
	try	"msr midr_el1", .inst 0xd5180000
	try	"mrs of a register of EL2", .inst 0xd53c1109
	try	"mrs of a register of EL3", .inst 0xd53e1109
	try	"hlt 0", hlt #0
	try	"eret to EL2", bl illegal_return

	say	"-- alignment\n"
	adr	x9, 1f
	add	x10, x9, #2
	b	2f
1:	.word	0
2:	exc_reset
	adr	x1, 3f
	str	x1, [x0, #EXC_RESUME]
	msr	nzcv, xzr
	br	x10
3:	say	"br to an odd place"
	/* ELR and FAR are the place: show both as distances to it. */
	adr_l	x0, exc
	ldr	x1, [x0, #EXC_FAR]
	sub	x1, x1, x10
	str	x1, [x0, #EXC_FAR]
	mov	x0, x10
	bl	report
	adr_l	x9, data
	add	x9, x9, #1
	try	"ldxr of an odd address, far made 0", bl odd_exclusive
	sysreg_set sctlr_el1, SCTLR_BASE | SCTLR_A
	try	"ldr with SCTLR.A", bl odd_load
	try	"str with SCTLR.A", bl odd_store
	try	"ldrb with SCTLR.A", ldrb w11, [x9]
	sysreg_set sctlr_el1, SCTLR_BASE

	say	"-- flags and vectors\n"
	movl	x9, 0xa0000000
	try	"nzcv is saved", bl with_flags
	try	"and daif", bl with_daif
	try	"sp_el0 has a vector of its own", bl with_sp0

	say	"-- EL0\n"
	try_el0	"svc 0xffff", svc #0xffff
	try_el0	"brk 1", brk #1
	try_el0	"udf", .inst 0
	try_el0	"hvc", hvc #0
	try_el0	"smc", smc #0
	try_el0	"eret", eret
	try_el0	"mrs sctlr_el1", mrs x9, sctlr_el1
	try_el0	"mrs midr_el1", mrs x9, midr_el1
	try_el0	"mrs id_aa64isar0_el1", mrs x9, id_aa64isar0_el1
	try_el0	"msr vbar_el1", msr vbar_el1, x9
	try_el0	"msr spsel", msr spsel, #0
	try_el0	"mrs ICC_IAR1_EL1", mrs x9, ICC_IAR1_EL1
	try_el0	"tlbi vmalle1", tlbi vmalle1
	try_el0	"dc ivac", dc ivac, x9
	try_el0	"at s1e1r", at s1e1r, x9
	try_el0	"mrs daif, UMA 0", mrs x9, daif
	try_el0	"mrs ctr_el0, UCT 0", mrs x9, ctr_el0
	adr_l	x9, data
	try_el0	"dc zva, DZE 0", dc zva, x9
	try_el0	"dc cvau, UCI 0", dc cvau, x9
	try_el0	"dc civac, UCI 0", dc civac, x9
	try_el0	"ic ivau, UCI 0", ic ivau, x9
	try_el0	"wfi, nTWI 0", wfi
	try_el0	"mrs cntvct_el0, CNTKCTL 0", mrs x9, cntvct_el0
	try_el0	"mrs cntfrq_el0, CNTKCTL 0", mrs x23, cntfrq_el0
	try_el0	"msr cntv_cval_el0, CNTKCTL 0", msr cntv_cval_el0, x30
	try_el0	"mrs tpidr_el0", mrs x9, tpidr_el0
	try_el0	"msr tpidrro_el0", msr tpidrro_el0, x9
	try_el0	"mrs dczid_el0", mrs x9, dczid_el0
	try_el0	"mrs fpcr, CPACR 0", mrs x9, fpcr

	sysreg_set sctlr_el1, SCTLR_BASE | SCTLR_UMA | SCTLR_UCT | \
		SCTLR_DZE | SCTLR_UCI | SCTLR_NTWI
	sysreg_set cntkctl_el1, 0x303
	say	"-- EL0, let in\n"
	adr_l	x9, data
	try_el0	"mrs daif", mrs x10, daif
	try_el0	"mrs ctr_el0", mrs x10, ctr_el0
	try_el0	"dc zva", dc zva, x9
	try_el0	"dc cvau", dc cvau, x9
	try_el0	"ic ivau", ic ivau, x9
	try_el0	"mrs cntvct_el0", mrs x10, cntvct_el0
	try_el0	"mrs cntfrq_el0", mrs x10, cntfrq_el0
	try_el0	"msr cntv_cval_el0", msr cntv_cval_el0, x10

	say	"-- unknown hypercall\n"
	movl	x0, 0x8400ffff
	mov	x1, #1
	mov	x2, #2
	hvc	#0
	mov	x19, x0
	hex	x19, "\n"
	leave

/* These leave an address of their own in ELR and FAR: 0 for the transcript. */
	.macro	helper name, insn:vararg
\name:	\insn
	b	forget_elr
	.endm
	helper	odd_load, ldr w11, [x9]
	helper	odd_store, strh w11, [x9]
	helper	odd_exclusive, ldxr w11, [x9]

forget_elr:
	adr_l	x10, exc
	sub	x11, x30, #4		/* the try itself */
	str	x11, [x10, #EXC_ELR]
	str	xzr, [x10, #EXC_FAR]
	ret

with_flags:
	msr	nzcv, x9
	svc	#0
	mrs	x10, nzcv
	cmp	x9, x10
	b.eq	forget_elr
	b	.

with_daif:
	msr	daifclr, #4
	svc	#0
	msr	daifset, #4
	b	forget_elr

with_sp0:
	msr	spsel, #0
	svc	#0
	msr	spsel, #1
	b	forget_elr

/* EL2 does not exist: PSTATE.IL, and an exception where it leads. */
illegal_return:
	adr	x9, 1f
	adr_l	x10, exc
	str	x9, [x10, #EXC_RESUME]	/* and clear IL */
	msr	elr_el1, x9
	mov	x9, #0x3c9
	msr	spsr_el1, x9
	eret
1:	nop
	b	forget_elr

	.bss
	.balign	64
data:	.skip	64
