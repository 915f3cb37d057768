/* SPDX-License-Identifier: MIT */
/*
 * strict.S - the architecture where emulators are lax: the stack pointer's
 * alignment (DDI 0487 D1.3.10), unaligned accesses to devices (B2.5), loads
 * from them that extend a sign, and how a trapped MSR (immediate) is told
 * (D17.2.37).
 */
#include "guest.h"

#define NOBODY	0x0c000000

func main
	enter
	say	"-- SP\n"
	mov	x9, sp
	sub	x9, x9, #72
	bl	sp_odd_load
	bl	sp_odd_arithmetic
	sysreg_set sctlr_el1, SCTLR_BASE & ~0x18
	bl	sp_odd_load
	sysreg_set sctlr_el1, SCTLR_BASE

	say	"-- devices\n"
	movl	x9, UART + 0xfe0
	add	x10, x9, #2
	try	"ldr", ldr w11, [x9]
	try	"ldr, 2 bytes behind", ldr w11, [x10]
	try	"str, 2 bytes behind", str wzr, [x10]
	try	"ldrh, 2 bytes behind", ldrh w11, [x10]
	try	"ldp, 2 bytes behind", ldp w11, w12, [x10]
	add	x10, x9, #4
	try	"ldr of 8 bytes, 4 behind", ldr x11, [x10]
	add	x10, x9, #1
	try	"ldrh, 1 byte behind", ldrh w11, [x10]

	say	"-- signs of what a device answers\n"
	movl	x9, NOBODY
	ldrsb	x19, [x9]
	ldrsh	w20, [x9]
	ldrsw	x21, [x9]
	hex	x19, ", "
	hex	x20, ", "
	hex	x21, "\n"
	movl	x9, UART + 0xffc
	ldrsb	w19, [x9]
	ldrsb	x20, [x9]
	ldrsh	x21, [x9]
	hex	x19, ", "
	hex	x20, ", "
	hex	x21, "\n"

	say	"-- MSR (immediate) at EL0\n"
	try_el0	"msr daifset, #2", msr daifset, #2
	try_el0	"msr daifclr, #15", msr daifclr, #15
	leave

sp_odd_load:
	mov	x20, x30
	mov	x21, sp
	exc_reset
	msr	nzcv, xzr
	mov	sp, x9
1:	ldr	x10, [sp]
	mov	sp, x21
	say	"load by an odd sp"
	adr	x0, 1b
	bl	report
	ret	x20

sp_odd_arithmetic:
	mov	x20, x30
	mov	x21, sp
	exc_reset
	mov	sp, x9
	add	x10, sp, #8
	sub	sp, sp, #16
	mov	sp, x21
	say	"arithmetic on an odd sp"
	mov	x0, x20
	bl	report
	ret	x20
