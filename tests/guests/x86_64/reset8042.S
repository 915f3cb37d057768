/* SPDX-License-Identifier: MIT */
/*
 * reset8042.S - a reset by the keyboard controller, as Linux does it: wait until
 * it takes commands, then pulse its output 0.
 */
#include "guest.h"

func main
	say	"again\n"
	mov	$16, %ecx
1:	in	$0x64, %al
	test	$2, %al
	jz	2f
	dec	%ecx
	jnz	1b
	say	"it takes no commands\n"
2:	mov	$0xfe, %eax
	out	%al, $0x64
	say	"still here\n"
	cli
	hlt
