/* SPDX-License-Identifier: MIT */
/*
 * fptrap.S - the bits of CR0 and CR4 by which a kernel keeps x87 and SSE from
 * programs.  SDM volume 3, 2.5.
 */
#include "guest.h"

#define CR0_EM		(1 << 2)
#define CR0_TS		(1 << 3)
#define CR4_OSFXSR	(1 << 9)

	.macro	both
	try_user "  x87", fninit
	try_user "  SSE", movaps %xmm0, %xmm1
	.endm

	.macro	to_cr0 value
	mov	$\value, %eax
	mov	%rax, %cr0
	.endm

	.macro	to_cr4 value
	mov	$\value, %eax
	mov	%rax, %cr4
	.endm

func main
	to_cr4	CR4_PAE|CR4_OSFXSR
	say	"CR0.TS\n"
	to_cr0	CR0_GUEST|CR0_TS
	both
	clts
	say	"CLTS\n"
	both
	say	"CR0.EM\n"
	to_cr0	CR0_GUEST|CR0_EM
	both
	say	"CR4.OSFXSR clear\n"
	to_cr0	CR0_GUEST
	to_cr4	CR4_PAE
	both
	ret
