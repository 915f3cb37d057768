/* SPDX-License-Identifier: MIT */
/* cmos.S - the MC146818's clock and memory, by index and data. */
#include "guest.h"

	/* Register `index` to EBX. */
	.macro	cmos index
	outb	\index, CMOS
	inb	CMOS + 1
	mov	%eax, %ebx
	.endm

	.macro	cmos_set index, value
	outb	\index, CMOS
	outb	\value, CMOS + 1
	.endm

	/* Is it BCD, and within? */
	.macro	bcd text, index, least, most
	cmos	\index
	mov	$\least, %esi
	mov	$\most, %ecx
	call	is_bcd
	check	"\text", e
	.endm

func main
	cmos	0x0a
	and	$0xf0, %ebx		/* the rate is firmware's */
	show	"A: divider, no update", %rbx
	cmos	0x0b
	and	$0xf6, %ebx		/* no interrupts, BCD, 24 hours */
	show	"B", %rbx
	cmos	0x0d
	show	"D", %rbx
	bcd	"seconds", 0x00, 0x00, 0x59
	bcd	"minutes", 0x02, 0x00, 0x59
	bcd	"hours", 0x04, 0x00, 0x23
	bcd	"day", 0x07, 0x01, 0x31
	bcd	"month", 0x08, 0x01, 0x12
	bcd	"year", 0x09, 0x24, 0x99
	bcd	"century", 0x32, 0x20, 0x20
	cmos	0x06
	dec	%ebx
	cmp	$7, %ebx
	check	"weekday", b

	/* Memory, with NMIs off, too: bit 7 of the index. */
	cmos_set 0x40, 0x5a
	cmos_set 0xc1, 0xa5
	cmos	0xc0
	show	"memory 0x40", %rbx
	cmos	0x41
	show	"memory 0x41", %rbx
	inb	CMOS + 1
	mov	%eax, %ebx
	show	"and again", %rbx

	/* A time that is set is kept: SET stops it meanwhile. */
	cmos_set 0x0b, 0x82
	cmos_set 0x00, 0x56
	cmos_set 0x02, 0x34
	cmos_set 0x04, 0x12
	cmos_set 0x07, 0x29
	cmos_set 0x08, 0x02
	cmos_set 0x09, 0x28
	cmos_set 0x0b, 0x02
	cmos	0x04
	show	"hours, set", %rbx
	cmos	0x07
	show	"day", %rbx
	cmos	0x08
	show	"month", %rbx
	cmos	0x09
	show	"year", %rbx

	/* The same in binary. */
	cmos_set 0x0b, 0x06
	cmos	0x0a			/* where an update is looked for */
	cmos	0x04
	show	"hours in binary", %rbx
	cmos	0x07
	show	"day", %rbx
	cmos	0x09
	show	"year", %rbx
	ret

/* EBX is two digits, from ESI to ECX: then E. */
is_bcd:	mov	%ebx, %eax
	and	$15, %eax
	cmp	$9, %eax
	ja	1f
	cmp	%esi, %ebx
	jb	1f
	cmp	%ecx, %ebx
	ja	1f
	cmp	%eax, %eax
1:	ret
