/* SPDX-License-Identifier: MIT */
/*
 * irq.S - interrupts through the IOAPIC and the local APIC: edges, masks,
 * priorities.  82093AA; SDM volume 3, chapter 11.
 */
#include "guest.h"
#include "apic.h"

#define IER	0x3f9
#define IIR	0x3fa

#define EDGE	0x41		/* the UART's */
#define LOW	0x51
#define BESIDE	0x52		/* of LOW's priority class */
#define HIGH	0x61

	.macro	ipi vector
	apic_write APIC_ICR, ICR_SELF | \vector
	.endm

	/* The transmitter is empty: the UART's line rises; and falls. */
	.macro	line_up
	outb	0x02, IER
	.endm

	.macro	line_down
	outb	0x00, IER
	inb	IIR
	.endm

func main
	apic_on
	call	registers
	call	edges
	call	masks
	call	order
	call	logical
	call	waiting
	ret

registers:
	say	"-- registers\n"
	ioapic_read 1
	mov	%eax, %ebx
	show	"version", %rbx
	ioapic_read IOREDTBL
	mov	%eax, %ebx
	show	"entry 0", %rbx
	ioapic_read IOREDTBL + 46
	mov	%eax, %ebx
	show	"entry 23", %rbx
	ioapic_write IOREDTBL + 47, 0x02000000
	ioapic_write IOREDTBL + 46, 0x1ffff
	ioapic_read IOREDTBL + 46
	mov	%eax, %ebx
	show	"all its bits", %rbx
	ioapic_read IOREDTBL + 47
	mov	%eax, %ebx
	show	"destination", %rbx
	ioapic_write IOREDTBL + 46, 0x10000
	apic_read APIC_SVR
	mov	%eax, %ebx
	show	"SVR", %rbx
	apic_read APIC_ID
	mov	%eax, %ebx
	show	"APIC id", %rbx
	ret

	/* With its interrupt enabled, the UART's every character is an edge. */
edges:	say	"-- edges\n"
	movl	$0, count
	ioapic_set GSI_COM1, EDGE
	line_up
	apic_bit APIC_IRR, EDGE
	setnz	%bl
	apic_bit APIC_TMR, EDGE
	setz	%bh
	line_down
	cmp	$1, %bl
	check	"pending", e
	cmp	$1, %bh
	check	"an edge", e
	window
	apic_bit APIC_IRR, EDGE
	check	"no longer pending", z
	line_up
	window
	line_up
	window
	window
	mov	count, %r12d
	line_down
	show	"still high: times", %r12
	line_up
	line_down
	line_up
	line_down
	window
	window
	mov	count, %r12d
	show	"two before it is taken: times", %r12
	ioapic_set GSI_COM1, EDGE, IO_MASKED
	line_up
	ioapic_set GSI_COM1, EDGE
	apic_bit APIC_IRR, EDGE
	setz	%bl
	line_down
	cmp	$1, %bl
	check	"lost when masked", e
	ret

masks:	say	"-- priorities\n"
	ipi	LOW
	apic_bit APIC_IRR, LOW
	check	"RFLAGS.IF clear: pending", nz
	say	"IF set: "
	window
	apic_write APIC_TPR, 0x50
	ipi	LOW
	window
	apic_bit APIC_IRR, LOW
	check	"TPR 0x50: still pending", nz
	apic_read APIC_PPR
	mov	%eax, %ebx
	show	"PPR", %rbx
	mov	%cr8, %rbx
	show	"CR8", %rbx
	ipi	HIGH
	say	"a higher one: "
	window
	mov	$4, %ebx
	mov	%rbx, %cr8
	apic_read APIC_TPR
	mov	%eax, %ebx
	show	"CR8 4: TPR", %rbx
	window
	xor	%ebx, %ebx
	mov	%rbx, %cr8
	ret

order:	say	"-- order\n"
	ipi	LOW
	ipi	HIGH
	ipi	BESIDE
	ipi	LOW
	window
	window
	window
	window
	ret

logical:
	say	"-- logical destinations\n"
	apic_write 0x0e0, 0xffffffff	/* DFR: flat */
	apic_write 0x0d0, 0x04000000	/* LDR */
	apic_write APIC_ICR2, 0x06000000
	apic_write APIC_ICR, 0x800 | LOW
	say	"one of them is mine: "
	window
	apic_write APIC_ICR2, 0x0b000000
	apic_write APIC_ICR, 0x800 | LOW
	apic_bit APIC_IRR, LOW
	check	"none is", z
	apic_write APIC_ICR2, 0xff000000
	apic_write APIC_ICR, LOW
	say	"to all, by id: "
	window
	apic_write APIC_ICR2, 0
	ret

waiting:
	say	"-- HLT\n"
	ipi	LOW
	sti
	hlt
	cli
	say	"awake\n"
	ret

/* The handler: tells its interrupt, then does what each is for. */
func irq
	push	%rbx
	mov	%edi, %ebx
	cmp	$EDGE, %ebx
	je	1f
	say	"irq "
	hex	%rbx, "\n"
	jmp	9f
1:	incl	count
9:	apic_write APIC_EOI, 0
	pop	%rbx
	ret

	.bss
	.balign	4
count:	.skip	4
