/* SPDX-License-Identifier: MIT */
/* poweroff.S - off, by the sleep register that ACPI tells. */
#include "guest.h"
#include "acpi.h"

func main
	/* Another state, or none entered: nothing happens. */
	mov	$FACP, %esi
	call	find_table
	lea	FADT_SLEEP(%rax), %rbx
	call	find_s5
	mov	%eax, %ebp
	shl	$2, %ebp
	mov	%ebp, %edi
	mov	%rbx, %rsi
	call	write_gas
	say	"bye\n"
	mov	%ebp, %edi
	or	$0x20, %edi		/* SLP_EN */
	mov	%rbx, %rsi
	call	write_gas
	cli
	hlt
