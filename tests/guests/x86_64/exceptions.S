/* SPDX-License-Identifier: MIT */
/*
 * exceptions.S - what CPUs refuse, at CPL 0 and at CPL 3, and how they tell;
 * SDM volume 3, 6.15.
 */
#include "guest.h"

#define ABSENT		0x50001234	/* mapped by nobody */
#define BAD		0x800000000000	/* not canonical */
#define NO_SELECTOR	0x48		/* behind the GDT */
#define IST1		1
#define STACK_CS	(8 + 8 * 8 + 8 + 16 + 8)	/* in irq; see lib.S */

	/* TF: the exception comes behind the instruction after popf. */
	.macro	step
	pushfq
	orl	$0x100, (%rsp)
	popfq
	nop
	nop
	.endm

func main
	mov	$ABSENT, %r12d
	movabs	$BAD, %r13
	xor	%ebp, %ebp
	mov	$NO_SELECTOR, %r14d
	call	kernel
	call	user
	call	there_and_back
	call	stacks
	ret

kernel:	say	"-- CPL 0\n"
	try	"ud2", ud2
	mov	$1, %eax
	xor	%edx, %edx
	try	"divide by 0", div %ebp
	try	"read", mov (%r12), %rbx
	try	"write", mov %rbx, (%r12)
	try	"fetch", jmp *%r12
	try	"not canonical", mov (%r13), %rbx
	try	"no such selector", mov %r14d, %ds
	try	"none loaded", mov %ebp, %ds
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	$TSS, %ebx
	try	"a TSS that is busy", ltr %bx
	ret

user:	say	"-- CPL 3\n"
	try_user "nothing", nop
	try_user "ud2", ud2
	try_user "divide by 0", div %ebp
	try_user "read", mov (%r12), %rbx
	try_user "write", mov %rbx, (%r12)
	try_user "fetch", jmp *%r12
	try_user "not canonical", mov (%r13), %rbx
	mov	$LAPIC, %ebx
	try_user "read of the kernel's", mov (%rbx), %eax
	try_user "write", mov %eax, (%rbx)
	try_user "fetch", jmp *%rbx
	try_user "hlt", hlt
	try_user "cli", cli
	try_user "in", in $0x80, %al
	try_user "mov to cr3", mov %rax, %cr3
	try_user "rdmsr", rdmsr
	try_user "lidt", lidt idtr
	try_user "int3", int3
	try_user "no such selector", mov %r14d, %ds
	mov	$DATA, %ebx
	try_user "the kernel's selector", mov %ebx, %ds
	try_user "a step", step
	ret

there_and_back:
	say	"-- back and forth\n"
	/* One that was pending comes as soon as CPL 3 lets it. */
	say	"an interrupt at CPL 3: "
	apic_on
	apic_write APIC_ICR, ICR_SELF | 0x41
	mov	$9f, %esi
	call	try_begin
	push	$USER_DATA
	push	$stack_user
	push	$RFLAGS_IF | 2
	push	$USER_CODE
	push	$1f
	iretq
1:	ud2
9:	mov	$1b, %esi
	call	report
	ret

/* Stacks that the CPU changes to: TSS.RSP0 from CPL 3, or the gate's. */
stacks:	say	"-- stacks\n"
	mov	%rsp, %rbx
	try	"of CPL 0, kept", ud2
	mov	exc + EXC_SP, %rax
	cmp	%rax, %rbx
	check	"the same", e
	try_user "of CPL 3", ud2
	cmpq	$stack_trap, exc + EXC_AT
	check	"RSP0", e
	cmpq	$stack_user, exc + EXC_SP
	check	"and the user's is kept", e
	movb	$IST1, idt + 16 * 6 + 4
	try	"ud2 with IST 1", ud2
	cmpq	$stack_ist1, exc + EXC_AT
	check	"IST1", e
	movb	$0, idt + 16 * 6 + 4

	/* No gate for it, nor for that. */
	movb	$0x0e, idt + 16 * 6 + 5
	movb	$0x0e, idt + 16 * 11 + 5
	movb	$IST1, idt + 16 * 8 + 4
	try	"no gates: a double fault", ud2
	cmpq	$stack_ist1, exc + EXC_AT
	check	"IST1", e
	ret

func irq
	say	"vector "
	mov	$0x41, %edi
	call	print_hex
	/* Above: what interrupt kept, the vector and no error. */
	mov	STACK_CS(%rsp), %rdi
	push	%rdi
	say	" from CS "
	pop	%rdi
	call	print_hex
	apic_write APIC_EOI, 0
	ret
