/* SPDX-License-Identifier: MIT */
/*
 * alone.S - what is so without a hypervisor below.  One answers an SMC itself,
 * and of loads and stores of pairs where no RAM is it is told too little (DDI
 * 0487 D17.2.37, "ISV").
 */
#include "guest.h"
#include "gic.h"

func main
	enter
	say	"-- SMC\n"
	try	"smc without EL3", smc #0
	say	"-- pairs\n"
	movl	x9, UART + 0xfe0
	ldp	w19, w20, [x9]
	hex	x19, ", "
	hex	x20, "\n"
	movl	x9, GICD + 0x6000 + 8 * 40
	mov	x10, #1
	movl	x11, 0x80000000
	stp	x10, x11, [x9]
	ldp	x19, x20, [x9]
	hex	x19, ", "
	hex	x20, "\n"
	stp	xzr, xzr, [x9]
	leave
	.pool
