/* SPDX-License-Identifier: MIT */
/* hello.S - what the boot protocol promises, and the way out. */
#include "guest.h"

func main
	enter
	say	"hello\n"
	mrs	x0, currentel
	say	"CurrentEL "
	mrs	x0, currentel
	hex	x0, "\nMPIDR affinity "
	mrs	x0, mpidr_el1
	movl	x1, 0xff00ffffff
	and	x0, x0, x1
	hex	x0, "\nDAIF "
	adr_l	x19, boot
	ldr	x0, [x19, #40]
	hex	x0, "\nMMU "
	ldr	x0, [x19, #32]
	and	x0, x0, #SCTLR_M
	hex	x0, "\nx1 to x3 "
	ldp	x1, x2, [x19, #8]
	orr	x0, x1, x2
	ldr	x1, [x19, #24]
	orr	x0, x0, x1
	hex	x0, "\ndevice tree at x0 "
	ldr	x20, [x19]
	and	x0, x20, #7
	hex	x0, " magic "
	ldr	w0, [x20]
	rev	w0, w0
	hex	x0, "\nimage in its 2 MiB "
	adr_l	x0, _head
	and	x0, x0, #0x1fffff
	hex	x0, "\n64 bits "
	movl	x19, 0x0123456789abcdef
	hex	x19, " and "
	mov	x19, #-1
	hex	x19, "\n"
	mrs	x19, cntfrq_el0
	cbz	x19, 1f
	say	"the timer has a frequency\n"
1:	leave
