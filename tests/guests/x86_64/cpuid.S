/* SPDX-License-Identifier: MIT */
/*
 * cpuid.S - what every host's guests are told of their CPU.  SDM volume 2,
 * CPUID; what is hidden, src/arch/x86_64/cpuid.c says why.
 */
#include "guest.h"

#define CR4_OSXSAVE	(1 << 18)
#define LEAF_7		7
#define LEAF_B		0xb
#define EXTENDED	0x80000001

	/* A leaf's registers to R12 (EAX), R13 (EBX), R14 (ECX), R15 (EDX). */
	.macro	leaf n, sub=0
	mov	$\n, %eax
	mov	$\sub, %ecx
	call	ask
	.endm

	.macro	bit text, reg, n
	bt	$\n, \reg
	setc	%al
	movzbl	%al, %ebx
	show	"\text", %rbx
	.endm

func main
	leaf	0
	cmp	$LEAF_B, %r12d
	check	"leaf 0xb or above", ae
	mov	%r12d, %ebp

	say	"-- leaf 1\n"
	leaf	1
	mov	%r13d, %ebx
	shr	$24, %ebx
	show	"APIC id", %rbx
	mov	%r13d, %ebx
	shr	$16, %ebx
	and	$0xff, %ebx
	show	"CPUs", %rbx
	bit	"HTT", %r15d, 28
	bit	"hypervisor", %r14d, 31
	bit	"x2APIC", %r14d, 21
	bit	"TSC deadline", %r14d, 24
	bit	"MONITOR", %r14d, 3
	bit	"VMX", %r14d, 5
	bit	"SMX", %r14d, 6
	bit	"PDCM", %r14d, 15
	bit	"ACPI throttling", %r15d, 22
	/* SSE2 SSE FXSR CMOV PGE APIC CX8 PAE MSR TSC PSE FPU */
	and	$0x0700a379, %r15d
	show	"x86-64's own", %r15

	say	"-- OSXSAVE follows CR4\n"
	bit	"clear", %r14d, 27
	bt	$26, %r14d
	jnc	1f
	mov	$CR4_PAE | CR4_OSXSAVE, %eax
	mov	%rax, %cr4
	leaf	1
	mov	$CR4_PAE, %eax
	mov	%rax, %cr4
	bt	$27, %r14d
	jc	1f
	say	"but not when it is SET\n"

1:	say	"-- topology\n"
	leaf	LEAF_B, 0
	and	$0xff00, %r14d
	show	"the first level", %r14
	show	"shift", %r12
	show	"CPUs", %r13
	show	"APIC id", %r15
	leaf	LEAF_B, 1
	and	$0xff00, %r14d
	show	"the next", %r14
	show	"shift", %r12
	show	"CPUs", %r13
	show	"APIC id", %r15
	leaf	LEAF_B, 2
	or	%r13d, %r12d
	and	$0xff00, %r14d
	or	%r14d, %r12d
	show	"and no more", %r12

	say	"-- leaf 6, 7\n"
	leaf	6
	and	$4, %r12d
	show	"ARAT", %r12
	bit	"APERF", %r14d, 0
	leaf	LEAF_7, 0
	bit	"SGX", %r13d, 2
	bit	"PT", %r13d, 25

	say	"-- extended\n"
	leaf	0x80000000
	cmp	$0x80000008, %r12d
	check	"leaf 0x80000008 or above", ae
	leaf	EXTENDED
	bit	"NX", %r15d, 20
	bit	"long mode", %r15d, 29
	bit	"SVM", %r14d, 2
	leaf	0x80000008
	movzbl	%r12b, %ebx
	cmp	$36, %ebx
	check	"physical bits, 36 or more", ae
	shr	$8, %r12d
	movzbl	%r12b, %ebx
	cmp	$48, %ebx
	check	"linear bits, 48 or more", ae

	say	"-- hypervisor\n"
	leaf	0x40000000
	cmp	$0x40000000, %r12d
	check	"leaves", ae
	ret

ask:	cpuid
	mov	%eax, %r12d
	mov	%ebx, %r13d
	mov	%ecx, %r14d
	mov	%edx, %r15d
	ret
