/* SPDX-License-Identifier: MIT */
/*
 * levels.S - level-triggered interrupts: they come again until the line falls,
 * and the IOAPIC waits for the end of each.  82093AA 3.2.4.
 */
#include "guest.h"
#include "apic.h"

#define IER	0x3f9
#define IIR	0x3fa

#define LEVEL	0x42		/* the UART's vector */

	/* The transmitter is empty: the UART's line rises; and falls. */
	.macro	line_up
	outb	0x02, IER
	.endm

	.macro	line_down
	outb	0x00, IER
	inb	IIR
	.endm

	/* To EBX. */
	.macro	remote_irr
	mov	$IOAPIC, %edx
	movl	$IOREDTBL + 2 * GSI_COM1, (%rdx)
	mov	0x10(%rdx), %ebx
	and	$IO_REMOTE_IRR, %ebx
	.endm

func main
	apic_on
	movl	$0, count
	ioapic_set GSI_COM1, LEVEL, IO_LEVEL
	remote_irr
	show	"Remote IRR", %rbx
	line_up
	remote_irr
	apic_bit APIC_IRR, LEVEL
	setnz	%bpl
	apic_bit APIC_TMR, LEVEL
	setnz	%r12b
	window
	window
	window
	window
	show	"the line is high: Remote IRR", %rbx
	test	%bpl, %bpl
	check	"pending", nz
	test	%r12b, %r12b
	check	"a level", nz
	remote_irr
	show	"served: Remote IRR", %rbx
	mov	count, %ebx
	show	"times", %rbx

	ioapic_set GSI_COM1, LEVEL, IO_LEVEL | IO_MASKED
	line_up
	remote_irr
	mov	%ebx, %r12d
	ioapic_set GSI_COM1, LEVEL, IO_LEVEL
	remote_irr
	movl	$2, count
	window
	line_down
	show	"masked: Remote IRR", %r12
	show	"unmasked: Remote IRR", %rbx
	mov	count, %ebx
	show	"times", %rbx

	/* A line that falls before it is taken: it comes all the same. */
	line_up
	line_down
	movl	$2, count
	window
	window
	mov	count, %ebx
	show	"fallen: times", %rbx

	/* Made an edge, it is not under way any more. */
	line_up
	remote_irr
	mov	%ebx, %r12d
	ioapic_set GSI_COM1, LEVEL, IO_MASKED
	ioapic_set GSI_COM1, LEVEL, IO_MASKED | IO_LEVEL
	line_down
	remote_irr
	show	"Remote IRR", %r12
	show	"after an edge: Remote IRR", %rbx
	movl	$2, count
	window
	ret

	/* The handler serves it the third time only. */
func irq
	incl	count
	cmpl	$3, count
	jb	1f
	outb	0x00, IER
	inb	IIR
1:	apic_write APIC_EOI, 0
	ret

	.bss
	.balign	4
count:	.skip	4
