/* SPDX-License-Identifier: MIT */
/*
 * hello.S - what the 64-bit boot protocol promises, and the way out.
 *
 * Linux Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#include "guest.h"
#include "acpi.h"

#define RSDP_ADDR	0x070
#define E820_ENTRIES	0x1e8
#define BOOT_MAGIC	0x1fe
#define HEADER_MAGIC	0x202
#define VERSION		0x206
#define LOADER		0x210
#define RAMDISK		0x218
#define RAMDISK_SIZE	0x21c
#define CMDLINE		0x228
#define SETUP_DATA	0x250
#define E820		0x2d0
#define E820_LEN	20

func main
	say	"hello\n"
	mov	boot + BOOT_BITS, %rbx
	show	"entered in bits", %rbx
	mov	boot + BOOT_CR0, %ebx
	and	$CR0_PE | CR0_PG, %ebx
	show	"CR0.PE and PG", %rbx
	mov	boot + BOOT_CR4, %rbx
	and	$CR4_PAE, %ebx
	show	"CR4.PAE", %rbx
	mov	boot + BOOT_EFER, %rbx
	and	$EFER_LME | EFER_LMA, %ebx
	show	"EFER.LME and LMA", %rbx
	mov	boot + BOOT_FLAGS, %rbx
	and	$RFLAGS_IF, %ebx
	show	"RFLAGS.IF", %rbx
	mov	boot + BOOT_CS, %rbx
	show	"CS", %rbx
	mov	boot + BOOT_DS, %rbx
	show	"DS", %rbx
	mov	boot + BOOT_SS, %rbx
	show	"SS", %rbx

	mov	boot + BOOT_INFO, %r12
	movzwl	BOOT_MAGIC(%r12), %ebx
	show	"boot flag", %rbx
	mov	HEADER_MAGIC(%r12), %ebx
	show	"header", %rbx
	cmpw	$0x20c, VERSION(%r12)
	check	"protocol 2.12 or above", ae
	movzbl	LOADER(%r12), %ebx
	show	"loader", %rbx
	mov	RAMDISK(%r12), %ebx
	show	"initrd at", %rbx
	mov	RAMDISK_SIZE(%r12), %ebx
	show	"initrd bytes", %rbx
	mov	CMDLINE(%r12), %edi
	xor	%eax, %eax
	mov	$4096, %ecx
	test	%edi, %edi
	jz	1f
	repne scasb
1:	check	"the command line has an end", e

	/* The random seed: type 9. */
	mov	SETUP_DATA(%r12), %rbx
	test	%rbx, %rbx
	jz	1f
	mov	8(%rbx), %ebx
1:	show	"setup data of type", %rbx
	mov	RSDP_ADDR(%r12), %rbx
	movabs	$0x2052545020445352, %rax	/* "RSD PTR " */
	cmp	%rax, (%rbx)
	check	"the RSDP is where it says", e

	mov	$APIC, %esi
	call	find_table
	mov	40(%rax), %ebx		/* PCAT_COMPAT: there are PICs */
	show	"MADT flags", %rbx

	movzbl	E820_ENTRIES(%r12), %r13d
	show	"ranges of memory", %r13
	lea	E820(%r12), %r14
1:	hex	(%r14), " + "
	hex	8(%r14), " type "
	mov	16(%r14), %edi
	hex	%rdi, "\n"
	add	$E820_LEN, %r14
	dec	%r13d
	jnz	1b

	movabs	$0x123456789abcdef, %rbx
	show	"64 bits", %rbx
	mov	$-1, %rbx
	show	"and", %rbx
	ret
