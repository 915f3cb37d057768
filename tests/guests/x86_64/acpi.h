/* SPDX-License-Identifier: MIT */
/*
 * acpi.h - finding ACPI tables (ACPI 6.5, 5.2), and writing the registers they
 * describe; code, for the one file of a guest.
 */

#define RSDP_SIGNATURE	0x2052545020445352	/* "RSD PTR " */
#define RSDP_LENGTH	20
#define RSDP_XSDT	24
#define TABLE_LENGTH	4
#define XSDT_ENTRIES	36
#define FACP		0x50434146
#define APIC		0x43495041
#define DSDT		0x54445344

#define FADT_DSDT	40
#define FADT_FLAGS	112
#define FADT_RESET	116
#define FADT_RESET_VALUE 128
#define FADT_X_DSDT	140
#define FADT_SLEEP	244
#define FADT_RESET_REG_SUP (1 << 10)
#define FADT_HW_REDUCED	(1 << 20)
#define GAS_ADDRESS	4
#define GAS_IO		1

	.text
/* The RSDP, wherever we have been told of it, to RAX. */
find_rsdp:
	mov	boot + BOOT_INFO, %rdx
	mov	0x70(%rdx), %rax	/* boot_params.acpi_rsdp_addr */
	cmpl	$64, boot + BOOT_BITS
	je	1f
	mov	32(%rdx), %rax		/* hvm_start_info.rsdp_paddr */
1:	ret

/* The table with the signature in ESI, to RAX; 0: there is none. */
find_table:
	call	find_rsdp
	mov	RSDP_XSDT(%rax), %rdx
	mov	TABLE_LENGTH(%rdx), %ecx
	add	%rdx, %rcx
	add	$XSDT_ENTRIES, %rdx
1:	xor	%eax, %eax
	cmp	%rcx, %rdx
	jae	2f
	mov	(%rdx), %rax
	add	$8, %rdx
	cmp	%esi, (%rax)
	jne	1b
2:	ret

/* The byte in DIL to the register that the GAS at RSI describes. */
write_gas:
	mov	GAS_ADDRESS(%rsi), %rdx
	mov	%edi, %eax
	cmpb	$GAS_IO, (%rsi)
	jne	1f
	out	%al, %dx
	ret
1:	mov	%al, (%rdx)
	ret

/* SLP_TYP of S5 to EAX: the first of the package \_S5; CF: there is none. */
find_s5:
	mov	$FACP, %esi
	call	find_table
	mov	FADT_X_DSDT(%rax), %rdx
	test	%rdx, %rdx
	jnz	1f
	mov	FADT_DSDT(%rax), %edx
1:	mov	TABLE_LENGTH(%rdx), %ecx
	sub	$8, %ecx
2:	cmpl	$0x5f35535f, (%rdx)	/* "_S5_" */
	je	3f
	inc	%rdx
	dec	%ecx
	jnz	2b
	stc
	ret
	/* PackageOp, a length of one byte, a count; a number */
3:	mov	7(%rdx), %ax
	cmp	$0x0a, %al		/* BytePrefix */
	jne	4f
	movzbl	%ah, %eax
	ret
4:	movzbl	%al, %eax
	clc
	ret
