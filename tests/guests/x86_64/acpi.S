/* SPDX-License-Identifier: MIT */
/* acpi.S - the tables: where they are, whole, and what they say of CPUs. */
#include "guest.h"
#include "acpi.h"

func main
	call	find_rsdp
	mov	%rax, %r12
	movabs	$RSDP_SIGNATURE, %rbx
	cmp	%rbx, (%r12)
	check	"RSDP", e
	test	$15, %r12b
	check	"on a boundary of 16", z
	mov	%r12, %rsi
	mov	$20, %ecx
	call	sum
	check	"sum of its first part", z
	cmpb	$2, 15(%r12)
	check	"revision 2 or above", ae
	mov	%r12, %rsi
	mov	RSDP_LENGTH(%r12), %ecx
	call	sum
	check	"sum of all", z

	mov	RSDP_XSDT(%r12), %r12
	cmpl	$0x54445358, (%r12)
	check	"XSDT", e
	call	whole

	mov	$FACP, %esi
	call	find_table
	mov	%rax, %r12
	test	%rax, %rax
	check	"FADT", nz
	call	whole
	mov	FADT_FLAGS(%r12), %ebp
	test	$FADT_HW_REDUCED, %ebp
	check	"hardware-reduced", nz
	test	$FADT_RESET_REG_SUP, %ebp
	check	"a reset register", nz
	cmpq	$0, FADT_SLEEP + GAS_ADDRESS(%r12)
	check	"a sleep register", ne

	mov	FADT_X_DSDT(%r12), %rax
	test	%rax, %rax
	jnz	1f
	mov	FADT_DSDT(%r12), %eax
1:	mov	%rax, %r12
	cmpl	$DSDT, (%r12)
	check	"DSDT", e
	call	whole
	call	find_s5
	setnc	%bl
	mov	%eax, %ebp
	test	%bl, %bl
	check	"S5", nz
	show	"its type", %rbp

	mov	$APIC, %esi
	call	find_table
	mov	%rax, %r12
	test	%rax, %rax
	check	"MADT", nz
	call	whole
	mov	36(%r12), %ebx
	show	"local APICs at", %rbx
	mov	TABLE_LENGTH(%r12), %r13d
	add	%r12, %r13
	add	$44, %r12
2:	cmp	%r13, %r12
	jae	5f
	cmpb	$0, (%r12)
	je	3f
	cmpb	$1, (%r12)
	je	4f
	movzbl	1(%r12), %eax
	add	%rax, %r12
	jmp	2b
3:	movzbl	3(%r12), %ebp
	mov	4(%r12), %ebx
	say	"CPU, APIC id "
	hex	%rbp, ", flags "
	hex	%rbx, "\n"
	movzbl	1(%r12), %eax
	add	%rax, %r12
	jmp	2b
4:	mov	4(%r12), %ebp
	mov	8(%r12), %ebx
	say	"IOAPIC at "
	hex	%rbp, ", first GSI "
	hex	%rbx, "\n"
	movzbl	1(%r12), %eax
	add	%rax, %r12
	jmp	2b
5:	ret

/* Is the table at R12 what its checksum says? */
whole:	mov	%r12, %rsi
	mov	TABLE_LENGTH(%r12), %ecx
	call	sum
	check	" whole", z
	ret

/* ZF: the sum of ECX bytes at RSI is 0. */
sum:	xor	%edx, %edx
1:	lodsb
	add	%al, %dl
	dec	%ecx
	jnz	1b
	test	%dl, %dl
	ret
