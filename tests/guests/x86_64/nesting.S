/* SPDX-License-Identifier: MIT */
/*
 * nesting.S - interrupts within interrupts: what is in service holds back its
 * priority class and those below.  SDM volume 3, 11.8.3.
 */
#include "guest.h"
#include "apic.h"

#define BELOW	0x41
#define LOW	0x51
#define BESIDE	0x5f		/* of LOW's priority class */
#define HIGH	0x61

	.macro	ipi vector
	apic_write APIC_ICR, ICR_SELF | \vector
	.endm

	.macro	ppr
	apic_read APIC_PPR
	mov	%eax, %ebx
	show	"PPR", %rbx
	.endm

func main
	apic_on
	ipi	LOW
	window
	window
	window
	ppr
	apic_bit APIC_ISR, LOW
	check	"none in service", z
	ret

	/* LOW sends the others, and lets them in; HIGH sends BELOW. */
func irq
	push	%rbx
	mov	%edi, %ebx
	say	"irq "
	hex	%rbx, "\n"
	cmp	$LOW, %ebx
	je	1f
	cmp	$HIGH, %ebx
	je	2f
	jmp	9f
1:	ppr
	ipi	HIGH
	ipi	BESIDE
	window
	window
	say	"back in 0x51\n"
	ppr
	apic_bit APIC_ISR, LOW
	check	"in service", nz
	apic_bit APIC_IRR, BESIDE
	check	"its equal waits", nz
	jmp	9f
2:	ppr
	apic_bit APIC_ISR, HIGH
	check	"in service", nz
	ipi	BELOW
	window
	say	"back in 0x61\n"
	apic_bit APIC_IRR, BELOW
	check	"a lower one waits", nz
9:	apic_write APIC_EOI, 0
	pop	%rbx
	ret
