/* SPDX-License-Identifier: MIT */
/*
 * timer.S - the local APIC's timer: one shot, periodic, TSC deadline.
 *
 * SDM volume 3, 11.5.4.  How late it is depends on the host; it is never early.
 * Nobody tells its frequency or the TSC's, so they are held against each other.
 */
#include "guest.h"
#include "apic.h"

#define VECTOR		0x41
#define PERIODIC	(1 << 17)
#define DEADLINE	(2 << 17)
#define MASKED		(1 << 16)
#define IA32_TSC_DEADLINE 0x6e0

#define DIVIDE_BY_1	0xb
#define DIVIDE_BY_2	0x0
#define DIVIDE_BY_16	0x3

#define SHORT		1000000		/* of the timer's cycles */

func main
	apic_on
	call	counting
	call	once
	call	again
	call	masked
	call	deadline
	ret

	/* The TSC's cycles in 2^16 of the timer's, or a bit less, to `ratio`. */
counting:
	say	"-- counting\n"
	apic_read APIC_CURRENT
	mov	%eax, %ebx
	show	"stopped", %rbx
	apic_write APIC_DIVIDE, DIVIDE_BY_1
	apic_write APIC_LVT_TIMER, MASKED | VECTOR
	apic_write APIC_INITIAL, 0xffffffff
	apic_read APIC_CURRENT
	mov	%eax, %ebx
	rdtsc_rax
	mov	%rax, %r12
	/* Some exits later. */
	say	"a text that takes some time to print\n"
	rdtsc_rax
	mov	%rax, %r13
	apic_read APIC_CURRENT
	mov	%eax, %ebp
	sub	%r12, %r13
	sub	%rbp, %rbx
	mov	%r13, %rax
	shl	$16, %rax
	xor	%edx, %edx
	div	%rbx
	mov	%rax, ratio
	test	%rax, %rax
	check	"the TSC runs", nz
	cmp	$0xffffffff, %ebp
	check	"the timer runs", b
	apic_read APIC_INITIAL
	mov	%eax, %ebx
	show	"initial count", %rbx
	apic_write APIC_DIVIDE, DIVIDE_BY_16
	apic_read APIC_DIVIDE
	mov	%eax, %ebx
	show	"divide", %rbx
	apic_write APIC_INITIAL, 0
	apic_read APIC_CURRENT
	mov	%eax, %ebx
	show	"stopped", %rbx
	ret

	/* It is stopped first: to change a timer that has run may start it. */
	.macro	divide_by how
	apic_write APIC_INITIAL, 0
	apic_write APIC_DIVIDE, \how
	.endm

	/* Start, sleep `n` interrupts, and leave the TSC's cycles in RBX. */
	.macro	measure count, n
	movl	$0, ticks
	rdtsc_rax
	mov	%rax, %r12
	apic_write APIC_INITIAL, \count
	await	ticks, \n
	rdtsc_rax
	mov	%rax, %rbx
	sub	%r12, %rbx
	.endm

	/* Has it taken this many of the timer's cycles, less a sixteenth? */
	.macro	not_early cycles
	mov	ratio, %rax
	mov	$\cycles, %ecx
	mul	%rcx
	shr	$16, %rax
	mov	%rax, %rcx
	shr	$4, %rcx
	sub	%rcx, %rax
	cmp	%rax, %rbx
	check	"not early", ae
	.endm

once:	say	"-- once\n"
	divide_by DIVIDE_BY_1
	apic_write APIC_LVT_TIMER, VECTOR
	measure	SHORT, 1
	not_early SHORT
	apic_read APIC_CURRENT
	mov	%eax, %ebx
	show	"then stopped", %rbx
	divide_by DIVIDE_BY_2
	measure	SHORT, 1
	not_early 2*SHORT
	divide_by DIVIDE_BY_16
	measure	SHORT/16, 1
	not_early SHORT
	mov	ticks, %ebx
	show	"interrupts", %rbx
	ret

again:	say	"-- periodic\n"
	divide_by DIVIDE_BY_1
	apic_write APIC_LVT_TIMER, PERIODIC | VECTOR
	measure	SHORT, 4
	not_early 4*SHORT
	apic_write APIC_INITIAL, 0
	window				/* one may have been on its way */
	mov	ticks, %ebp
	apic_read APIC_CURRENT
	mov	%eax, %ebx
	show	"then stopped", %rbx
	apic_write APIC_LVT_TIMER, VECTOR
	measure	2*SHORT, 1
	mov	ticks, %ebx
	show	"none since but the one", %rbx
	ret

	/* A timer that is masked counts all the same. */
masked:	say	"-- masked\n"
	apic_write APIC_LVT_TIMER, MASKED | VECTOR
	movl	$0, ticks
	apic_write APIC_INITIAL, 1
1:	apic_read APIC_CURRENT
	test	%eax, %eax
	jnz	1b
	window
	apic_write APIC_INITIAL, 0
	mov	ticks, %ebx
	show	"interrupts", %rbx
	ret

	/* Where there is none, nothing is to be seen. */
deadline:
	mov	$1, %eax
	cpuid
	bt	$24, %ecx
	jnc	9f
	apic_write APIC_LVT_TIMER, DEADLINE | VECTOR
	mov	$200000, %r13d
	call	until
	jb	8f
	xor	%r13d, %r13d		/* over already */
	call	until
	jb	8f
	rdmsr_rax IA32_TSC_DEADLINE
	test	%rax, %rax
	jnz	8f
	movl	$0, ticks
	movabs	$1 << 40, %r13
	call	arm
	rdmsr_rax IA32_TSC_DEADLINE
	test	%rax, %rax
	jz	8f
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	window
	cmpl	$0, ticks
	je	9f
8:	say	"the TSC deadline is WRONG\n"
9:	say	"-- the end\n"
	ret

	/* R13 from now: the deadline is left in R12. */
arm:	rdtsc_rax
	lea	(%rax,%r13), %r12
	mov	%r12, %rax
	mov	%r12, %rdx
	shr	$32, %rdx
	mov	$IA32_TSC_DEADLINE, %ecx
	wrmsr
	ret

	/* B: it was early. */
until:	movl	$0, ticks
	call	arm
	await	ticks
	rdtsc_rax
	cmp	%r12, %rax
	ret

func irq
	cmp	$VECTOR, %edi
	jne	1f
	incl	ticks
1:	apic_write APIC_EOI, 0
	ret

	.bss
	.balign	8
ratio:	.skip	8
ticks:	.skip	4
