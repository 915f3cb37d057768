/* SPDX-License-Identifier: MIT */
/* pvh.S - what PVH's start info says; the entry's state is lib.S's to note. */
#include "guest.h"

/* struct hvm_start_info, Xen's public/arch-x86/hvm/start_info.h */
#define MAGIC		0
#define VERSION		4
#define MODULES		12
#define CMDLINE		24
#define RSDP		32
#define MEMMAP		40
#define RANGES		48
#define RANGE_LEN	24

func main
	mov	boot + BOOT_BITS, %rbx
	show	"entered in bits", %rbx
	mov	boot + BOOT_CR0, %rbx
	and	$CR0_PE, %ebx
	show	"CR0.PE", %rbx
	mov	boot + BOOT_CR0, %ebx
	shr	$31, %ebx
	show	"CR0.PG", %rbx
	mov	boot + BOOT_CR4, %rbx
	show	"CR4", %rbx
	mov	boot + BOOT_EFER, %ebx
	and	$EFER_LME | EFER_LMA, %ebx
	show	"EFER.LME and LMA", %rbx
	mov	boot + BOOT_FLAGS, %rbx
	and	$0x20302, %ebx		/* VM, IF, TF */
	show	"EFLAGS", %rbx

	mov	boot + BOOT_INFO, %r12
	mov	MAGIC(%r12), %ebx
	show	"magic", %rbx
	cmpl	$1, VERSION(%r12)
	check	"it is version 1 or above", ae
	mov	MODULES(%r12), %ebx
	show	"modules", %rbx
	mov	CMDLINE(%r12), %rax
	test	%rax, %rax
	check	"there is a command line", nz
	mov	RSDP(%r12), %rax
	movabs	$0x2052545020445352, %rbx	/* "RSD PTR " */
	cmp	%rbx, (%rax)
	check	"the RSDP is where it says", e

	/* All that we use is RAM, and not all is below 1 MiB. */
	mov	MEMMAP(%r12), %r13
	mov	RANGES(%r12), %r14d
	test	%r14d, %r14d
	check	"there is a memory map", nz
1:	cmpl	$1, 16(%r13)
	jne	2f
	mov	(%r13), %rax
	mov	8(%r13), %rbx
	add	%rax, %rbx
	cmp	$0x100000, %rax
	ja	2f
	cmp	$stack_user, %rbx
	ja	3f
2:	add	$RANGE_LEN, %r13
	dec	%r14d
	jnz	1b
3:	test	%r14d, %r14d
	check	"our image is in RAM", nz
	ret
