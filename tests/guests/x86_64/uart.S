/* SPDX-License-Identifier: MIT */
/*
 * uart.S - the 16550A: what Linux probes it for, interrupts, and input.
 *
 * What is probed is told when it is over, for telling is done by the UART.
 */
#include "guest.h"
#include "apic.h"

#define IER	0x3f9
#define IIR	0x3fa
#define FCR	0x3fa
#define LCR	0x3fb
#define MCR	0x3fc
#define LSR	0x3fd
#define MSR	0x3fe
#define SCR	0x3ff
#define VECTOR	0x40

	/* Read a port and note what it says. */
	.macro	note port
	inb	\port
	stosb
	.endm

func main
	call	probe
	call	tell
	call	polled
	apic_on
	ioapic_set GSI_COM1, VECTOR
	call	transmitter
	call	received
	ret

probe:	mov	$notes, %edi
	outb	0x00, IER
	note	IER
	outb	0x0f, IER
	note	IER
	outb	0x00, IER
	outb	0x5a, SCR
	note	SCR
	outb	0x83, LCR		/* the divisor */
	outb	0x01, COM1
	outb	0x00, IER
	note	COM1
	note	IER
	note	SCR
	outb	0x03, LCR
	note	LCR
	outb	0x01, FCR
	inb	IIR
	and	$0xc1, %eax
	stosb
	outb	0x00, FCR
	inb	IIR
	and	$0xc1, %eax
	stosb
	outb	0x01, FCR
	note	MSR
	inb	MSR
	and	$0x0f, %eax
	stosb

	/* Loopback: RTS and OUT2 come back as CTS and DCD, data as data. */
	outb	0x1a, MCR
	inb	MSR
	and	$0xf0, %eax
	stosb
	outb	'L', COM1
	inb	LSR
	and	$0x1f, %eax
	stosb
	note	COM1
	inb	LSR
	and	$0x1f, %eax
	stosb
	outb	0x0b, MCR
	note	MCR
	inb	MSR
	inb	MSR
	and	$0xf0, %eax
	stosb

	/* The transmitter's interrupt: at its enabling, and told once. */
	outb	0x02, IER
	note	IIR
	note	IIR
	outb	0x00, IER
	outb	0x02, IER
	note	IIR
	outb	0x00, IER
	note	IIR
	note	LSR
	ret

	.macro	noted text
	movzbl	(%r12), %ebx
	inc	%r12
	show	"\text", %rbx
	.endm

tell:	mov	$notes, %r12d
	say	"-- registers\n"
	noted	"IER 0"
	noted	"IER 0xf"
	noted	"scratch"
	noted	"divisor"
	noted	"its upper half"
	noted	"scratch"
	noted	"LCR"
	noted	"IIR with FIFOs"
	noted	"and without"
	inc	%r12			/* the lines to nobody, or to somebody */
	noted	"MSR, changes read twice"
	say	"-- loopback\n"
	noted	"MSR"
	noted	"LSR"
	noted	"data"
	noted	"LSR"
	noted	"MCR"
	inc	%r12
	say	"-- the transmitter's interrupt\n"
	noted	"enabled: IIR"
	noted	"read: IIR"
	noted	"enabled again: IIR"
	noted	"disabled: IIR"
	noted	"LSR"
	ret

/* A line without interrupts: an ECHO of it. */
polled:	say	"-- input, polled\n"
	mov	$line, %ebx
1:	inb	LSR
	test	$1, %al
	jz	1b
	inb	COM1
	mov	%al, (%rbx)
	inc	%rbx
	cmp	$'\n', %al
	jne	1b
	call	print_line
	ret

print_line:
	mov	$line, %esi
	mov	%ebx, %ecx
	sub	%esi, %ecx
	jmp	print

/* 40 characters, up to 16 an interrupt; then nothing is left to say. */
transmitter:
	say	"-- output by interrupts\n"
	mov	$text, %eax
	mov	%eax, next
	movl	$0, done
	outb	0x02, IER
	await	done
	outb	0x00, IER
	mov	sent, %ebx
	show	"interrupts", %rbx
	ret

received:
	say	"-- input by interrupts\n"
	movl	$line, next
	movl	$0, done
	outb	0x01, IER
	await	done
	outb	0x00, IER
	mov	next, %ebx
	jmp	print_line

/* The vector in EDI.  IIR says what it is about, until nothing. */
func irq
	cmp	$VECTOR, %edi
	je	1f
	ret
1:	inb	IIR
	and	$0x0f, %eax
	cmp	$0x01, %eax
	je	9f
	cmp	$0x02, %eax
	je	3f

	/* Data: all there is. */
2:	inb	LSR
	test	$1, %al
	jz	1b
	inb	COM1
	mov	next, %ecx
	mov	%al, (%rcx)
	incl	next
	cmp	$'\n', %al
	jne	2b
	movl	$1, done
	jmp	2b

	/* The transmitter is empty. */
3:	mov	$text_end, %ecx
	mov	next, %esi
	sub	%esi, %ecx
	jz	4f
	incl	sent
	mov	$16, %eax
	cmp	%eax, %ecx
	cmova	%eax, %ecx
	mov	$COM1, %edx
	rep outsb
	mov	%esi, next
	jmp	9f
4:	movl	$1, done
	jmp	1b
9:	apic_write APIC_EOI, 0
	ret

	.section .rodata
text:	.ascii	"forty characters, sixteen a time at most"
	.ascii	"\n"
text_end:

	.bss
	.balign	4
next:	.skip	4
done:	.skip	4
sent:	.skip	4
notes:	.skip	64
line:	.skip	256
