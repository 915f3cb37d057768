/* SPDX-License-Identifier: MIT */
/*
 * x2apic.S - the local APIC by MSRs, and what it has that is not a matter of
 * interrupts: whether it is on, its version.  SDM volume 3, 11.4 and 11.12.
 */
#include "guest.h"

#define APIC_BASE	0x1b
#define X2APIC		0x800
#define SELF_IPI	0x83f
#define BASE_X2		(1 << 10)
#define BASE_ON		(1 << 11)
#define VECTOR		0x41

	.macro	x2_read reg
	mov	$X2APIC + \reg / 16, %ecx
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	.endm

	.macro	x2_write reg, value, high=0
	mov	$X2APIC + \reg / 16, %ecx
	mov	$\value, %eax
	mov	$\high, %edx
	wrmsr
	.endm

	.macro	base value
	mov	$APIC_BASE, %ecx
	mov	$LAPIC | \value, %eax
	xor	%edx, %edx
	wrmsr
	.endm

	/* Try RDMSR or WRMSR of ECX, EDX:EAX. */
	.macro	try_msr text, insn, msr, value
	say	"\text"
	mov	$9995f, %esi
	call	try_begin
	mov	$\msr, %ecx
	mov	$\value, %eax
	xor	%edx, %edx
9994:	\insn
9995:	mov	$9994b, %esi
	call	report
	.endm

func main
	say	"-- by memory\n"
	apic_read APIC_SVR
	mov	%eax, %ebx
	show	"SVR", %rbx
	apic_read APIC_VERSION
	mov	%eax, %ebx
	mov	%eax, %ebp
	and	$0xf0, %ebx
	show	"version: integrated", %rbx
	shr	$16, %ebp
	cmp	$4, %bpl
	check	"LVTs, 5 or more", ae
	/* Off by SVR: what is local stays masked. */
	apic_write APIC_LVT_TIMER, VECTOR
	apic_read APIC_LVT_TIMER
	mov	%eax, %ebx
	show	"off: LVT", %rbx
	apic_on
	apic_read APIC_LVT_TIMER
	mov	%eax, %ebx
	show	"on: LVT", %rbx
	apic_write APIC_LVT_TIMER, VECTOR
	apic_read APIC_LVT_TIMER
	mov	%eax, %ebx
	show	"LVT, written", %rbx
	apic_write APIC_SVR, SPURIOUS
	apic_read APIC_LVT_TIMER
	mov	%eax, %ebx
	show	"off again: LVT", %rbx
	apic_on
	apic_write APIC_TPR, 0x20
	try_msr	"an MSR: not yet", rdmsr, X2APIC + 2, 0

	say	"-- by MSRs\n"
	base	0x100 | BASE_ON | BASE_X2
	rdmsr_rax APIC_BASE
	mov	%rax, %rbx
	show	"APIC_BASE", %rbx
	x2_read	APIC_ID
	mov	%rax, %rbx
	show	"id", %rbx
	x2_read	APIC_SVR
	mov	%rax, %rbx
	show	"SVR", %rbx
	x2_read	APIC_TPR
	mov	%rax, %rbx
	show	"TPR", %rbx
	x2_write APIC_TPR, 0
	x2_read	0x0d0
	mov	%rax, %rbx
	show	"LDR", %rbx
	apic_read APIC_SVR
	mov	%eax, %ebx
	show	"memory there", %rbx
	say	"self IPI: "
	mov	$SELF_IPI, %ecx
	mov	$VECTOR, %eax
	xor	%edx, %edx
	wrmsr
	window
	say	"ICR: "
	x2_write APIC_ICR, VECTOR, 0
	window
	try_msr	"DFR: none", rdmsr, X2APIC + 0xe, 0
	try_msr	"ICR's other half", rdmsr, X2APIC + 0x31, 0
	try_msr	"the id, written", wrmsr, X2APIC + 2, 0
	try_msr	"back to memory at once", wrmsr, APIC_BASE, LAPIC | 0x900
	try_msr	"MSRs, but off", wrmsr, APIC_BASE, LAPIC | 0x500
	say	"-- off, and by memory again\n"
	base	0x100
	mov	$1, %eax
	cpuid
	shr	$9, %edx
	and	$1, %edx
	mov	%edx, %ebx
	show	"CPUID tells of it", %rbx
	base	0x100 | BASE_ON
	apic_read APIC_ID
	mov	%eax, %ebx
	show	"id", %rbx
	ret

func irq
	show	"irq", %rdi
	x2_write APIC_EOI, 0
	ret
