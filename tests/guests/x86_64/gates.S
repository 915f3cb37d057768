/* SPDX-License-Identifier: MIT */
/*
 * gates.S - INT n, INT3 and gates that are missing, SDM volume 3, 6.12; and
 * what CPL 3 may know of descriptors.
 *
 * Error codes that name a gate are left out: QEMU's CPU has others.
 */
#include "guest.h"

#define UD	(idt + 16 * 6 + 5)	/* the type of its gate */

	.macro	vector_of text
	mov	exc + EXC_VECTOR, %rbx
	show	"\text: vector", %rbx
	.endm

	.macro	look_at_code
	lar	%r14d, %r12d
	lsl	%r14d, %r13d
	.endm

func main
	say	"-- CPL 0\n"
	try	"int 0x80", int $0x80
	try	"int3", int3
	mov	$1f, %esi
	call	try_begin
	movb	$0x0e, UD
	ud2
1:	vector_of "not present"
	mov	$2f, %esi
	call	try_begin
	movb	$0x81, UD
	ud2
2:	vector_of "of no type"
	movb	$0x8e, UD

	say	"-- CPL 3\n"
	mov	$4f, %esi
	call	try_begin
	mov	$3f, %esi
	jmp	go_user
3:	int	$0x41
4:	vector_of "int 0x41, the kernel's"
	mov	$6f, %esi
	call	try_begin
	mov	$5f, %esi
	jmp	go_user
5:	int	$0x80
6:	vector_of "int 0x80"
	try_user "int3", int3

	/* What a descriptor says, CPL 3 may know. */
	mov	$USER_CODE, %r14d
	try_user "lar, lsl", look_at_code
	show	"rights", %r12
	show	"limit", %r13
	ret
