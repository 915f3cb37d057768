/* SPDX-License-Identifier: MIT */
/*
 * maintenance.S - cache maintenance by address is an access: it faults as a
 * write does, with ISS.CM, where nothing is mapped (DDI 0487 D7.5.9).  DC ZVA
 * is a store of a whole line.  What is left to an implementation, such as the
 * access flag and DC IVAC without leave to write, is not asked.
 */
#include "guest.h"
#include "mmu.h"

	base_tables

#define NOTHING		(TEST_VA + 0x1000)
#define READ_ONLY	(TEST_VA + 0x2000)
#define OLD		(TEST_VA + 0x3000)	/* no access flag */
#define CODE		(TEST_VA + 0x4000)	/* for EL0, which may not write */

	/* try_el0 on a copy of the instruction in a page of EL0's. */
	.macro	try_there text, which
	say	"\text"
	exc_reset
	adr	x1, 9992f
	str	x1, [x0, #EXC_RESUME]
	movl	x1, CODE + 8 * \which
	msr	elr_el1, x1
	mov	x1, #PSTATE_EL0
	msr	spsr_el1, x1
	isb
	eret
9992:	movl	x0, CODE + 8 * \which
	bl	report
	.endm

	.macro	all_of text, va
	movl	x9, \va
	try	"\text: dc cvac", dc cvac, x9
	try	"\text: dc cvau", dc cvau, x9
	try	"\text: dc civac", dc civac, x9
	try	"\text: dc zva", dc zva, x9
	.endm

func main
	enter
	map	level0, 1, pages1, D_TABLE
	map	pages1, 0, pages2, D_TABLE
	map	pages2, 0, pages3, D_TABLE
	map	pages3, 0, page, D_PAGE | D_RAM
	map	pages3, 2, page, D_PAGE | D_RAM | D_RO
	map	pages3, 3, page, D_PAGE | D_SHARED
	map	pages3, 4, code, D_PAGE | D_RAM | D_RO | D_USER
	mmu_on	nowhere
	adr_l	x10, page
	mov	x11, #-1
	mov	x12, x10
	mov	w13, #512
1:	str	x11, [x12], #8
	subs	w13, w13, #1
	b.ne	1b
	all_of	"nothing there", NOTHING + 0x40
	movl	x9, NOTHING + 0x40
	try	"nothing there: dc ivac", dc ivac, x9
	try	"nothing there: ic ivau", ic ivau, x9
	all_of	"read-only", READ_ONLY
	movl	x9, OLD
	try	"access flag: dc zva", dc zva, x9
	adr_l	x10, page
	ldr	x19, [x10]
	say	"nothing was written: "
	hex	x19, "\n"
	/* Any address of the line will do; the line is what DCZID says. */
	mrs	x11, dczid_el0
	mov	w12, #4
	lsl	w12, w12, w11
	movl	x9, TEST_VA
	add	x13, x9, x12
	add	x14, x13, #5
	try	"dc zva inside a line", dc zva, x14
	ldr	x19, [x13, #-8]
	ldr	x20, [x13]
	add	x13, x13, x12
	ldr	x21, [x13, #-8]
	ldr	x22, [x13]
	hex	x19, ", "
	hex	x20, " to "
	hex	x21, ", "
	hex	x22, "\n"
	sysreg_set sctlr_el1, SCTLR_BASE | SCTLR_M | SCTLR_UCI | SCTLR_DZE
	movl	x9, NOTHING
	try_there "EL0, nothing there: dc cvau", 0
	try_there "EL0, nothing there: dc civac", 1
	try_there "EL0, nothing there: dc zva", 2
	movl	x9, TEST_VA
	try_there "EL0, EL1's page: dc cvau", 0
	try_there "EL0, EL1's page: dc zva", 2
	movl	x9, CODE
	try_there "EL0, its page: dc cvau", 0
	try_there "EL0, its read-only page: dc zva", 2
	leave
	.pool

	.balign	4096
code:	dc	cvau, x9
	svc	#7
	dc	civac, x9
	svc	#7
	dc	zva, x9
	svc	#7
	.balign	4096

	.bss
	.balign	4096
pages1:	.skip	4096
pages2:	.skip	4096
pages3:	.skip	4096
nowhere: .skip	4096
page:	.skip	4096
