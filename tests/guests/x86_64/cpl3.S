/* SPDX-License-Identifier: MIT */
/*
 * cpl3.S - what programs use: x87, SSE2, and a long loop.
 */
#include "guest.h"

#define CR4_OSFXSR	(1 << 9)
#define CR4_OSXMMEXCPT	(1 << 10)

	.macro	x87
	fninit
	fldl	two
	fsqrt
	fmull	million
	fistpll	result
	mov	result, %rbx
	.endm

	.macro	sse2
	movsd	two, %xmm0
	sqrtsd	%xmm0, %xmm0
	mulsd	million, %xmm0
	cvtsd2si %xmm0, %rbx
	.endm

	.macro	vectors
	movdqa	bytes, %xmm1
	movdqa	%xmm1, %xmm15
	paddb	%xmm1, %xmm15
	pxor	%xmm1, %xmm15
	movq	%xmm15, %rbx
	pshufd	$0x4e, %xmm15, %xmm15
	movq	%xmm15, %rbp
	.endm

	.macro	turns
	xor	%ebx, %ebx
	mov	$1000000, %ecx
8:	lea	1(%rbx,%rbx,4), %rbx
	dec	%ecx
	jnz	8b
	.endm

func main
	mov	$CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
	mov	%rax, %cr4
	try_user "x87", x87
	show	"is", %rbx
	try_user "SSE2", sse2
	show	"is", %rbx
	try_user "vectors", vectors
	show	"is", %rbx
	show	"and", %rbp
	try_user "unaligned", movaps bytes + 8, %xmm0
	try_user "a million turns", turns
	show	"is", %rbx

	ret

	.data
	.balign	16
bytes:	.byte	0, 1, 2, 3, 4, 5, 6, 7, 0x80, 0x91, 0xa2, 0xb3, 0xc4, 0xd5
	.byte	0xe6, 0xf7
	.quad	0
two:	.double	2.0
million: .double 1000000.0
result:	.quad	0
