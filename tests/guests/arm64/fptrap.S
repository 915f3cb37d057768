/* SPDX-License-Identifier: MIT */
/*
 * fptrap.S - CPACR_EL1.FPEN decides who may use FP and SIMD, DDI 0487 D17.2.29;
 * a kernel relies on it to switch those registers lazily.
 */
#include "guest.h"

#define FPEN(n) ((n) << 20)

func main
	enter
	say	"FPEN 0\n"
	bl	all
	say	"FPEN 1\n"
	sysreg_set cpacr_el1, FPEN(1)
	bl	all
	say	"FPEN 2\n"
	sysreg_set cpacr_el1, FPEN(2)
	bl	all
	say	"FPEN 3\n"
	sysreg_set cpacr_el1, FPEN(3)
	bl	all
	bl	kept
	leave

all:	enter
	adr_l	x9, data
	try	"fmov d0, x9", fmov d0, x9
	try	"ldr q1", ldr q1, [x9]
	try	"stp d2, d3", stp d2, d3, [x9]
	try	"add v4.4s", add v4.4s, v5.4s, v6.4s
	try	"ld1", ld1 {v0.16b}, [x9]
	try	"mrs fpsr", mrs x10, fpsr
	try	"msr fpcr", msr fpcr, xzr
	try_el0	"EL0 fmov d0, x9", fmov d0, x9
	try_el0	"EL0 str q1", str q1, [x9]
	try_el0	"EL0 mrs fpcr", mrs x10, fpcr
	leave

/* A trapped instruction changes nothing, and what was there stays. */
kept:	enter
	movl	x9, 0x1122334455667788
	fmov	d7, x9
	sysreg_set cpacr_el1, FPEN(0)
	try	"fmov d7, xzr", fmov d7, xzr
	sysreg_set cpacr_el1, FPEN(3)
	fmov	x9, d7
	hex	x9, "\n"
	leave

	.bss
	.balign	16
data:	.skip	16
