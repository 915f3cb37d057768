/* SPDX-License-Identifier: MIT */
/*
 * widths.S - accesses of every size to devices: those a device takes, those
 * it does not take (they read as ones and write nothing), and those nobody
 * takes.  The machine says so, not the architecture.
 */
#include "guest.h"
#include "gic.h"

#define NOBODY	0x0c000000

	.macro	sizes text, addr
	movl	x9, \addr
	ldrb	w19, [x9]
	ldrh	w20, [x9]
	ldr	w21, [x9]
	ldr	x22, [x9]
	say	"\text: "
	hex	x19, ", "
	hex	x20, ", "
	hex	x21, ", "
	hex	x22, "\n"
	.endm

	.macro	word text, addr
	movl	x9, \addr
	ldr	w19, [x9]
	say	"\text: "
	hex	x19, "\n"
	.endm

func main
	enter
	say	"-- reads of 1, 2, 4, 8 bytes\n"
	sizes	"PL031 id", RTC + 0xfe0
	sizes	"PL011 id", UART + 0xfe0
	sizes	"PL011 id, the last one", UART + 0xff8
	sizes	"GICD PIDR2", GICD + 0xffe8
	sizes	"GICD IPRIORITYR", GICD + IPRIORITYR + 32
	sizes	"GICR TYPER", GICR + 8
	sizes	"GICD IROUTER", GICD + 0x6000 + 8 * 40
	sizes	"nobody", NOBODY
	sizes	"behind the UART", UART + 0x1000
	say	"-- writes\n"
	movl	x9, UART + 0x24			/* IBRD */
	movl	w10, 0x1234
	str	w10, [x9]
	word	"IBRD by 4", UART + 0x24
	movl	x9, UART + 0x24
	movl	w10, 0x77
	strb	w10, [x9]
	word	"by 1", UART + 0x24
	movl	x9, UART + 0x24
	movl	w10, 0x4321
	strh	w10, [x9]
	word	"by 2", UART + 0x24
	movl	x9, UART + 0x20
	mov	x10, #-1
	str	x10, [x9]
	word	"by 8, below", UART + 0x24
	movl	x9, RTC + 4			/* MR */
	movl	w10, 0x1234567
	str	w10, [x9]
	mov	w10, #0xff
	strb	w10, [x9]
	strh	w10, [x9]
	word	"PL031 MR by 4, 1, 2", RTC + 4
	movl	x9, GICD + IPRIORITYR + 32
	movl	w10, 0x40506070
	str	w10, [x9]
	mov	w10, #0x88
	strb	w10, [x9, #2]
	strh	wzr, [x9]
	word	"IPRIORITYR by 4, 1, 2", GICD + IPRIORITYR + 32
	movl	x9, GICD + ISENABLER + 4
	mov	w10, #0xff
	strb	w10, [x9]
	strh	w10, [x9]
	word	"ISENABLER by 1, 2", GICD + ISENABLER + 4
	movl	x9, GICD + 0x6000 + 8 * 41
	mov	x10, #1
	str	x10, [x9]
	str	wzr, [x9, #4]
	word	"IROUTER by 8, upper 4", GICD + 0x6000 + 8 * 41
	movl	x9, NOBODY
	mov	x10, #0
	strb	w10, [x9]
	str	w10, [x9]
	str	x10, [x9]
	word	"nobody", NOBODY
	leave
	.pool
