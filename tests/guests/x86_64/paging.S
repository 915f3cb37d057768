/* SPDX-License-Identifier: MIT */
/*
 * paging.S - four levels of page tables: rights, bits that the CPU sets, pages
 * of both sizes, and what is remembered of them.  SDM volume 3, 4.5 to 4.10.
 */
#include "guest.h"

#define VA		0x8000000000	/* the second entry of the PML4 */
#define LARGE		0x8040000000
#define LARGE_AT	0x00600000	/* RAM nobody else uses, 2 MiB */
#define KERNEL_RW	(PTE_P | PTE_W)
#define NX		(1 << 63)

	/* A page table entry: this page, these bits. */
	.macro	pte n, page, bits
	movq	$\page + (\bits), table + 8 * \n
	.endm

	.macro	flush n
	invlpg	(\n * 0x1000)(%r12)
	.endm

func main
	movabs	$VA, %r12
	movq	$pdpt_b + (PTE_P | PTE_W | PTE_U), pml4 + 8
	movq	$directory + (PTE_P | PTE_W | PTE_U), pdpt_b
	movq	$directory_b + (PTE_P | PTE_W | PTE_U), pdpt_b + 8
	movq	$table + (PTE_P | PTE_W | PTE_U), directory
	movb	$0xa1, page_a
	movb	$0xb2, page_b
	call	bits
	call	rights
	call	remap
	call	execute
	call	across
	call	large
	call	users
	ret

bits:	say	"-- accessed, dirty\n"
	pte	0, page_a, KERNEL_RW
	movzbl	(%r12), %ebx
	show	"read", %rbx
	mov	table, %rbx
	and	$PTE_A | PTE_D, %ebx
	show	"entry", %rbx
	movb	$0xa3, (%r12)
	mov	table, %rbx
	and	$PTE_A | PTE_D, %ebx
	show	"written: entry", %rbx
	movzbl	page_a, %ebx
	show	"the page", %rbx
	mov	directory, %rbx
	and	$PTE_A | PTE_D, %ebx
	show	"directory", %rbx
	mov	pml4 + 8, %rbx
	and	$PTE_A | PTE_D, %ebx
	show	"PML4", %rbx
	ret

rights:	say	"-- rights\n"
	pte	1, page_b, PTE_P
	try	"read", mov 0x1000(%r12), %bl
	try	"write", mov %bl, 0x1000(%r12)
	mov	$CR0_GUEST & ~CR0_WP, %eax
	mov	%rax, %cr0
	try	"write without CR0.WP", movb $0xb4, 0x1000(%r12)
	mov	$CR0_GUEST, %eax
	mov	%rax, %cr0
	try	"write with it", mov %bl, 0x1000(%r12)
	movzbl	page_b, %ebx
	show	"the page", %rbx
	try	"no entry: read", mov 0x2000(%r12), %bl
	try	"write", mov %bl, 0x2000(%r12)
	try	"no directory", mov 0x200000(%r12), %bl
	mov	$VA + (1 << 31), %r13
	try	"no pointers", mov (%r13), %bl
	mov	$-4096, %r13
	try	"nothing at the top", mov (%r13), %bl
	ret

remap:	say	"-- another page\n"
	pte	0, page_b, KERNEL_RW
	flush	0
	movzbl	(%r12), %ebx
	show	"invlpg", %rbx
	pte	0, page_a, KERNEL_RW
	mov	%cr3, %rax
	mov	%rax, %cr3
	movzbl	(%r12), %ebx
	show	"mov to CR3", %rbx
	movq	$0, table
	flush	0
	try	"none", mov (%r12), %bl
	pte	0, page_a, KERNEL_RW
	try	"there again, no invlpg", mov (%r12), %bl
	movzbl	(%r12), %ebx
	show	"the page", %rbx
	/* Two addresses, one page. */
	pte	3, page_a, KERNEL_RW
	movb	$0x77, 0x3000(%r12)
	movzbl	(%r12), %ebx
	show	"by another address", %rbx
	ret

	/* A page with RET in it. */
execute:
	say	"-- NX\n"
	movb	$0xc3, page_b
	pte	4, page_b, KERNEL_RW
	lea	0x4000(%r12), %r13
	try	"call", call *%r13
	movabs	$NX, %rax
	or	%rax, table + 8 * 4
	flush	4
	try	"call", call *%r13
	try	"read", mov (%r13), %bl
	movabs	$NX, %rax
	xor	%rax, table + 8 * 4
	or	%rax, directory
	mov	%cr3, %rax
	mov	%rax, %cr3
	try	"NX in the directory", call *%r13
	movabs	$NX, %rax
	xor	%rax, directory
	mov	%cr3, %rax
	mov	%rax, %cr3
	try	"none", call *%r13
	ret

	/* 8 bytes, half of them on a page that is not there. */
across:	say	"-- across pages\n"
	pte	5, page_a, KERNEL_RW
	movq	$0, table + 8 * 6
	flush	6
	mov	$-1, %rbx
	try	"write", mov %rbx, 0x5ffc(%r12)
	pte	6, page_b, KERNEL_RW
	movabs	$0x2222222233333333, %rbx
	try	"write", mov %rbx, 0x5ffc(%r12)
	mov	page_a + 0xffc, %ebx
	show	"one page", %rbx
	mov	page_b, %ebx
	show	"the other", %rbx
	mov	0x5ffd(%r12), %rbx
	mov	%ebx, %ebx
	show	"read", %rbx
	ret

large:	say	"-- 2 MiB\n"
	movq	$LARGE_AT + (PTE_P | PTE_W | PTE_PS), directory_b
	movabs	$LARGE, %r13
	movl	$0x5a5a, 0x123456(%r13)
	mov	LARGE_AT + 0x123456, %ebx
	show	"its byte 0x123456", %rbx
	mov	directory_b, %rbx
	and	$PTE_A | PTE_D, %ebx
	show	"entry", %rbx
	movl	$0x6b6b, 0x1ffffc(%r13)
	mov	LARGE_AT + 0x1ffffc, %ebx
	show	"its end", %rbx
	try	"behind it", mov 0x200000(%r13), %bl
	/* The same by 4 KiB pages, all elsewhere. */
	movq	$table + KERNEL_RW, directory_b
	invlpg	(%r13)
	movzbl	0x3000(%r13), %ebx
	show	"a table in its place", %rbx
	ret

	/* Every level has to let CPL 3 in, and to let it write. */
users:	say	"-- CPL 3\n"
	pte	7, page_a, PTE_P | PTE_W | PTE_U
	try_user "read", mov 0x7000(%r12), %bl
	try_user "write", mov %bl, 0x7000(%r12)
	try_user "the kernel's: read", mov (%r12), %bl
	try_user "write", mov %bl, (%r12)
	pte	8, page_a, PTE_P | PTE_U
	try_user "read only: write", mov %bl, 0x8000(%r12)
	andq	$~PTE_U, directory
	mov	%cr3, %rax
	mov	%rax, %cr3
	try_user "the directory the kernel's", mov 0x7000(%r12), %bl
	orq	$PTE_U, directory
	andq	$~PTE_W, pdpt_b
	mov	%cr3, %rax
	mov	%rax, %cr3
	try_user "read, pointers without W", mov 0x7000(%r12), %bl
	try_user "write", mov %bl, 0x7000(%r12)
	try	"the kernel's write", mov %bl, 0x7000(%r12)
	ret

	.bss
	.balign	4096
pdpt_b:	.skip	4096
directory:
	.skip	4096
directory_b:
	.skip	4096
table:	.skip	4096
page_a:	.skip	4096
page_b:	.skip	4096
