/* SPDX-License-Identifier: MIT */
/*
 * widths.S - accesses of all widths, of devices and of nobody.
 *
 * What nobody answers is open bus: reads give ones, writes vanish.  So are
 * accesses of a width a device does not take, and those that are unaligned or
 * go beyond its end.
 */
#include "guest.h"

#define NOBODY		0xe0000000	/* in the hole for devices */
#define SCRATCH		(COM1 + 7)
#define IOREGSEL	IOAPIC

	.macro	pio text, insn:vararg
	xor	%eax, %eax
	\insn
	mov	%eax, %ebx
	show	"\text", %rbx
	.endm

	.macro	mmio text, reg, insn, addr
	xor	%ebx, %ebx
	mov	$\addr, %r12d
	\insn	(%r12), \reg
	show	"\text", %rbx
	.endm

func main
	say	"-- ports of nobody\n"
	mov	$0x700, %r15d
	mov	%r15d, %edx
	pio	"1 byte", in %dx, %al
	mov	%r15d, %edx
	pio	"2 bytes", in %dx, %ax
	mov	%r15d, %edx
	pio	"4 bytes", in %dx, %eax
	mov	$0xffff, %edx
	pio	"the last port", in %dx, %al
	mov	$0x12345678, %eax
	mov	%r15d, %edx
	out	%al, %dx
	out	%ax, %dx
	out	%eax, %dx
	pio	"immediate", in $0x80, %al

	say	"-- the UART's\n"
	mov	$0x5a, %eax
	mov	$SCRATCH, %edx
	out	%al, %dx
	pio	"scratch", in %dx, %al
	mov	$SCRATCH, %edx
	pio	"2 bytes, beyond its end", in %dx, %ax
	mov	$SCRATCH - 1, %edx
	pio	"2 bytes", in %dx, %ax
	mov	$COM1 + 4, %edx
	pio	"4 bytes", in %dx, %eax
	mov	$0x1234, %eax
	mov	$SCRATCH - 1, %edx
	out	%ax, %dx
	mov	$SCRATCH, %edx
	pio	"scratch after a write of 2 bytes", in %dx, %al
	mov	$COM1 - 1, %edx
	pio	"2 bytes, before it", in %dx, %ax

	say	"-- what Linux probes\n"
	mov	$0x40, %r15d
1:	mov	%r15d, %edx
	pio	"timer", in %dx, %al
	inc	%r15d
	cmp	$0x44, %r15d
	jb	1b
	xor	%eax, %eax
	in	$0x61, %al
	and	$0x20, %eax
	mov	%eax, %ebx
	show	"port 0x61, bit 5", %rbx
	mov	$0xfb, %eax
	out	%al, $0x21
	pio	"no PIC: its mask", in $0x21, %al
	pio	"the other's", in $0xa1, %al
	mov	$0x80000000, %eax
	mov	$0xcf8, %edx
	out	%eax, %dx
	pio	"no PCI: its address", in %dx, %eax
	mov	$0xcfc, %edx
	pio	"its data", in %dx, %eax

	say	"-- memory of nobody\n"
	mmio	"1 byte", %bl, mov, NOBODY
	mmio	"2 bytes", %bx, mov, NOBODY
	mmio	"4 bytes", %ebx, mov, NOBODY
	mmio	"8 bytes", %rbx, mov, NOBODY
	mmio	"zero extended", %ebx, movzbl, NOBODY
	mmio	"sign extended", %rbx, movsbq, NOBODY
	mmio	"2 bytes, unaligned", %bx, mov, NOBODY + 1
	mmio	"4 bytes, unaligned", %ebx, mov, NOBODY + 2
	mmio	"8 bytes, unaligned", %rbx, mov, NOBODY + 3
	mmio	"8 bytes, in two pages", %rbx, mov, NOBODY + 0xffc
	mov	$NOBODY, %r12d
	movq	$0, (%r12)
	mmio	"8 bytes, after a write", %rbx, mov, NOBODY

	/* It takes 4 bytes; the low byte of its first register stays. */
	say	"-- the IOAPIC's\n"
	mov	$IOREGSEL, %r12d
	movl	$0x12345601, (%r12)
	mmio	"4 bytes", %ebx, mov, IOREGSEL
	mmio	"version", %ebx, mov, IOREGSEL + 0x10
	mmio	"1 byte", %bl, mov, IOREGSEL
	mmio	"2 bytes", %bx, mov, IOREGSEL
	mmio	"8 bytes", %rbx, mov, IOREGSEL
	mmio	"4 bytes, unaligned", %ebx, mov, IOREGSEL + 2
	mmio	"4 bytes, beyond its end", %ebx, mov, IOREGSEL + 0xffe
	mov	$IOREGSEL, %r12d
	movb	$0x22, (%r12)
	movw	$0x2222, (%r12)
	movq	$0x2222, (%r12)
	mmio	"after writes of other widths", %ebx, mov, IOREGSEL

	/* Memory to device and back: the same, by other instructions. */
	say	"-- by other instructions\n"
	mov	$IOREGSEL, %edi
	mov	$0x10, %eax
	stosl
	mmio	"stosl", %ebx, mov, IOREGSEL
	mov	$0x11, %ebx
	mov	$IOREGSEL, %r12d
	xchg	%ebx, (%r12)
	show	"xchg", %rbx
	mmio	"and wrote", %ebx, mov, IOREGSEL
	mov	$IOREGSEL, %r12d
	orl	$0x22, (%r12)
	mmio	"orl", %ebx, mov, IOREGSEL
	mov	$IOREGSEL, %esi
	mov	$copied, %edi
	movsl
	mov	copied, %ebx
	show	"movsl", %rbx
	mov	$IOREGSEL, %r12d
	cmpl	$0x33, (%r12)
	check	"cmpl", e
	testl	$0x44, (%r12)
	check	"testl", z
	push	(%r12)
	pop	%rbx
	show	"push, of 8 bytes", %rbx

	/* RAM is RAM, wherever an access begins. */
	say	"-- RAM\n"
	movabs	$0x1122334455667788, %rax
	mov	%rax, page + 0xffb
	mov	page + 0xffb, %rbx
	show	"8 bytes, in two pages", %rbx
	movzwl	page + 0xfff, %ebx
	show	"2 of them", %rbx
	ret

	.bss
	.balign	4096
page:	.skip	8192
copied:	.skip	4
