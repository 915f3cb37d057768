/* SPDX-License-Identifier: MIT */
/*
 * strict.S - what the architecture refuses, and QEMU does not, or otherwise.
 * SDM volume 3, 2.5, 6.13, 6.15.
 */
#include "guest.h"

#define BAD		0x800000000000	/* not canonical */
#define UNUSED		0x20000000	/* a page of 2 MiB */
#define CR0_AM		(1 << 18)
#define CR4_OSFXSR	(1 << 9)
#define CR4_OSXMMEXCPT	(1 << 10)

	/* A read of 4 bytes beside their boundary, with RFLAGS.AC set. */
	.macro	beside
	pushfq
	orl	$0x40000, (%rsp)
	popfq
	mov	1(%rsp), %eax
	.endm

	.macro	division
	movsd	two, %xmm0
	xorpd	%xmm1, %xmm1
	stmxcsr	mxcsr
	andl	$~0x200, mxcsr		/* ZM */
	ldmxcsr	mxcsr
	divsd	%xmm1, %xmm0
	.endm

	/* An address to an MSR that is not canonical. */
	.macro	wrmsr_bad name, msr
	say	"\name"
	mov	$9995f, %esi
	call	try_begin
	mov	$\msr, %ecx
	xor	%eax, %eax
	mov	$BAD >> 32, %edx
9994:	wrmsr
9995:	mov	$9994b, %esi
	call	report
	.endm

func main
	movabs	$BAD, %r13
	xor	%ebp, %ebp
	say	"-- CPL 0\n"
	try	"the stack's, not canonical", mov (%rbp,%r13), %rbx
	mov	$CR0_PG, %ebx
	try	"CR0.PG without PE", mov %rbx, %cr0
	mov	$CR0_GUEST | 1 << 29, %ebx
	try	"CR0.NW without CD", mov %rbx, %cr0
	xor	%ebx, %ebx
	try	"CR4.PAE clear in long mode", mov %rbx, %cr4
	mov	$1, %ebx
	shl	$40, %rbx
	try	"CR4, a bit there is not", mov %rbx, %cr4

	wrmsr_bad "FS_BASE", 0xc0000100
	wrmsr_bad "GS_BASE", 0xc0000101
	wrmsr_bad "KERNEL_GS_BASE", 0xc0000102
	wrmsr_bad "LSTAR", 0xc0000082
	mov	$UNUSED, %r12d
	movq	$0x2000 | PTE_P | PTE_PS, low_directory + (UNUSED >> 21) * 8
	try	"a reserved bit in an entry", mov (%r12), %bl
	movq	$0, low_directory + (UNUSED >> 21) * 8
	try	"read and write at once", addb $1, (%r12)

	say	"-- CPL 3\n"
	mov	%cr0, %rax
	or	$CR0_AM, %eax
	mov	%rax, %cr0
	try_user "alignment", beside
	mov	$CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
	mov	%rax, %cr4
	try_user "SSE division by 0", division
	ret

	.data
two:	.double	2.0
mxcsr:	.long	0
