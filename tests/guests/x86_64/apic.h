/* SPDX-License-Identifier: MIT */
/* apic.h - macros for the IOAPIC (82093AA) and the local APIC. */

#define IOREDTBL	0x10
#define IO_LEVEL	(1 << 15)
#define IO_MASKED	(1 << 16)
#define IO_REMOTE_IRR	(1 << 14)

	/* An IOAPIC register to EAX. */
	.macro	ioapic_read reg
	mov	$IOAPIC, %edx
	movl	$\reg, (%rdx)
	mov	0x10(%rdx), %eax
	.endm

	.macro	ioapic_write reg, value
	mov	$IOAPIC, %edx
	movl	$\reg, (%rdx)
	movl	$\value, 0x10(%rdx)
	.endm

	/* Pin to vector on CPU 0; bits may be IO_LEVEL, IO_MASKED. */
	.macro	ioapic_set pin, vector, bits=0
	mov	$IOAPIC, %edx
	movl	$IOREDTBL + 2 * \pin + 1, (%rdx)
	movl	$0, 0x10(%rdx)
	movl	$IOREDTBL + 2 * \pin, (%rdx)
	movl	$\vector | \bits, 0x10(%rdx)
	.endm

	/* ZF: this bit of IRR or ISR is clear. */
	.macro	apic_bit reg, vector
	mov	$LAPIC + \reg + \vector / 32 * 16, %edx
	mov	(%rdx), %eax
	test	$1 << (\vector % 32), %eax
	.endm
