/* SPDX-License-Identifier: MIT */
/* reset.S - a reset, by the register that ACPI tells. */
#include "guest.h"
#include "acpi.h"

func main
	say	"again\n"
	mov	$FACP, %esi
	call	find_table
	lea	FADT_RESET(%rax), %rsi
	movzbl	FADT_RESET_VALUE(%rax), %edi
	call	write_gas
	cli
	hlt
