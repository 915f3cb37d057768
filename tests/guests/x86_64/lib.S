/* SPDX-License-Identifier: MIT */
/*
 * lib.S - start, printing, and interrupt handlers of the guests.
 *
 * Tables are data, written when the guest is built: where every instruction
 * counts, building them would cost more than most guests do.  Descriptors and
 * gates have their addresses in pieces, which no linker can put there; so what
 * they point to is in .head, first in the image, and only the offset in it is
 * left to the assembler.
 */
#include "guest.h"

#define HEAD		0x100000	/* as guest.ld has it */
#define STACK		0x2000

	.section .head, "awx"
head:

/* ---- handlers --------------------------------------------------------- */

/* 8, 10 to 14, 17, 21, 29 and 30 come with an error code: SDM 6.15. */
	.macro	stub
	.balign	16
	.ifge	vector - 32
	push	$0
	.else
	.ifeq	0x60227d00 >> vector & 1
	push	$0
	.endif
	.endif
	push	$vector
	jmp	trap
	.set	vector, vector + 1
	.endm

	.set	vector, 0
stubs:
	.rept	256
	stub
	.endr

/* ---- tables ----------------------------------------------------------- */

	.balign	4096
	.global	idt
idt:	.set	vector, 0
	.rept	256
	.word	stubs - head + 16 * vector
	.word	CODE64
	.byte	0
	.if	vector == 3 || vector == 4 || vector == 0x80
	.byte	0xee			/* CPL 3 may use them */
	.else
	.byte	0x8e
	.endif
	.word	HEAD >> 16
	.quad	0
	.set	vector, vector + 1
	.endr

	.global	gdt
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* CODE32 */
	.quad	0x00af9b000000ffff	/* CODE64 */
	.quad	0x00cf93000000ffff	/* DATA */
	.quad	0x00cff3000000ffff	/* USER_DATA */
	.quad	0x00affb000000ffff	/* USER_CODE */
	.word	TSS_LEN - 1, tss - head
	.byte	HEAD >> 16, 0x89, 0, 0
	.quad	0

	.balign	8
	.global	tss
tss:	.long	0
	.quad	stack_trap, 0, 0	/* RSP0 to RSP2 */
	.quad	0
	.quad	stack_ist1		/* IST1 */
	.quad	0, 0, 0, 0, 0, 0
	.quad	0
	.word	0, TSS_LEN		/* no I/O permissions */
	.set	TSS_LEN, . - tss

	.global	gdtr, idtr
gdtr:	.word	GDT_LEN - 1
	.quad	gdt
idtr:	.word	4095
	.quad	idt

	.balign	4096
	.global	pml4, pdpt, low_directory
pml4:	.quad	pdpt + (PTE_P | PTE_W | PTE_U | PTE_A)
	.fill	511, 8, 0
pdpt:	.quad	low_directory + (PTE_P | PTE_W | PTE_U | PTE_A)
	.quad	0, 0
	.quad	device_directory + (PTE_P | PTE_W | PTE_A)
	.fill	508, 8, 0
	.set	n, 0
low_directory:
	.rept	512
	.quad	n << 21 | PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS
	.set	n, n + 1
	.endr
	.set	n, 3 * 512
device_directory:			/* uncached */
	.rept	512
	.quad	n << 21 | 0x18 | PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS
	.set	n, n + 1
	.endr

/* PVH's note: name "Xen", type 18, where 32-bit code starts. */
	.section .pvh, "a"
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	start32

/* ---- start ------------------------------------------------------------ */

	.text
	.code32
func start32
	mov	%ebx, boot + BOOT_INFO
	movl	$32, boot + BOOT_BITS
	mov	$stack_top, %esp
	pushfl
	popl	boot + BOOT_FLAGS
	mov	%cr0, %eax
	mov	%eax, boot + BOOT_CR0
	mov	%cr4, %eax
	mov	%eax, boot + BOOT_CR4
	mov	%cs, boot + BOOT_CS
	mov	%ds, boot + BOOT_DS
	mov	%ss, boot + BOOT_SS
	mov	$EFER, %ecx
	rdmsr
	mov	%eax, boot + BOOT_EFER
	mov	$1f, %edi
	jmp	long_mode
	.code64
1:	call	cpu_setup
	jmp	run

/* From here, in 32-bit mode, to 64-bit code at EDI. */
	.code32
func long_mode
	mov	%cr4, %eax
	or	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	$EFER, %ecx
	rdmsr
	or	$EFER_LME, %eax
	wrmsr
	mov	$CR0_GUEST, %eax
	mov	%eax, %cr0
	lgdt	gdtr
	push	$CODE64
	push	%edi
	lret

	.code64
func start64
	mov	%rsi, boot + BOOT_INFO
	movl	$64, boot + BOOT_BITS
	mov	$stack_top, %esp
	pushfq
	popq	boot + BOOT_FLAGS
	mov	%cr0, %rax
	mov	%rax, boot + BOOT_CR0
	mov	%cr3, %rax
	mov	%rax, boot + BOOT_CR3
	mov	%cr4, %rax
	mov	%rax, boot + BOOT_CR4
	mov	%cs, boot + BOOT_CS
	mov	%ds, boot + BOOT_DS
	mov	%ss, boot + BOOT_SS
	mov	$EFER, %ecx
	rdmsr
	mov	%eax, boot + BOOT_EFER
	call	cpu_setup
run:	mov	$TSS, %eax		/* CPU 0's: the others have none */
	ltr	%ax
	call	uart_setup
	call	main
func off
	outb	ACPI_S5, ACPI_SLEEP
	/* Not our machine: a triple fault ends every other. */
func triple
	push	$0
	push	$0
	lidt	(%rsp)
	ud2

/* What every CPU needs before it does anything, in long mode. */
func cpu_setup
	pop	%rdi
	lgdt	gdtr
	lidt	idtr
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	mov	$EFER, %ecx
	rdmsr
	or	$EFER_NXE, %eax
	wrmsr
	mov	$CR0_GUEST, %eax
	mov	%rax, %cr0
	mov	$pml4, %eax
	mov	%rax, %cr3
	cld
	push	$CODE64
	push	%rdi
	lretq

/* FIFOs on, as they are; 8 bits; the wire of the interrupt on. */
func uart_setup
	outb	0x01, COM1 + 2
	outb	0x03, COM1 + 3
	outb	0x0b, COM1 + 4
	ret

/* ---- printing: what a call may change changes ------------------------- */

/* Print ECX bytes at RSI: as many at once as the FIFO takes. */
func print
	mov	%ecx, %r8d
1:	mov	$COM1 + 5, %edx
	in	%dx, %al
	test	$0x20, %al
	jz	1b
	mov	$COM1, %edx
	mov	$16, %ecx
	cmp	%ecx, %r8d
	cmovb	%r8d, %ecx
	sub	%ecx, %r8d
	rep outsb
	jnz	1b
	ret

/* Print RDI as 0x and as many digits as it takes. */
func print_hex
	mov	%rsp, %rsi
	sub	$24, %rsp
1:	mov	%edi, %eax
	and	$15, %eax
	movzbl	digits(%rax), %eax
	dec	%rsi
	mov	%al, (%rsi)
	shr	$4, %rdi
	jnz	1b
	sub	$2, %rsi
	movw	$'x' << 8 | '0', (%rsi)
	lea	24(%rsp), %rcx
	sub	%rsi, %rcx
	call	print
	add	$24, %rsp
	ret

/* Print whether DIL is 1. */
func print_yes
	test	%dil, %dil
	jz	1f
	say	"yes\n"
	ret
1:	say	"NO\n"
	ret

	.section .rodata
digits:	.ascii	"0123456789abcdef"
	.text

/* ---- exceptions and interrupts ---------------------------------------- */

/* RSI: where an exception is to go on, with the stack as it will be. */
func try_begin
	movq	$0, exc + EXC_COUNT
	mov	%rsi, exc + EXC_RESUME
	sub	$2, %rsi
	mov	%rsi, exc + EXC_END
	lea	8(%rsp), %rax
	mov	%rax, exc + EXC_RESUME_SP
	ret

/* Go to RSI at CPL 3. */
func go_user
	push	$USER_DATA
	push	$stack_user
	push	$2
	push	$USER_CODE
	push	%rsi
	iretq

/* Tell about `exc`; RSI is the address of the instruction that was tried. */
func report
	push	%rbx
	mov	%rsi, %rbx
	cmpq	$0, exc + EXC_COUNT
	je	8f
	testb	$3, exc + EXC_CS
	jz	5f
	cmpl	$6, exc + EXC_VECTOR
	jne	5f
	mov	exc + EXC_RIP, %rax
	cmp	exc + EXC_END, %rax
	je	8f
5:	say	": vector "
	hex	exc + EXC_VECTOR, " error "
	hex	exc + EXC_ERROR
	mov	exc + EXC_RIP, %rdi
	cmp	exc + EXC_CR2, %rdi
	jne	7f
	say	" there,"
	jmp	6f
7:	sub	%rbx, %rdi
	jz	6f			/* at it, as most are */
	push	%rdi
	say	" rip+"
	pop	%rdi
	call	print_hex
6:	testb	$3, exc + EXC_CS
	jz	1f
	say	" from CPL 3"
1:	cmpq	$14, exc + EXC_VECTOR
	jne	2f
	say	" cr2 "
	hex	exc + EXC_CR2
2:	cmpq	$1, exc + EXC_COUNT
	je	3f
	say	" times "
	hex	exc + EXC_COUNT
3:	say	"\n"
	jmp	9f
8:	say	": none\n"
9:	pop	%rbx
	ret

/*
 * On the stack: the vector, the error, then what the CPU pushed.  Vector 0x80
 * is nobody's interrupt.
 */
trap:	push	%rax
	mov	8(%rsp), %rax
	cmp	$0x80, %eax
	je	1f
	cmp	$32, %eax
	jae	interrupt
1:	mov	%rax, exc + EXC_VECTOR
	incq	exc + EXC_COUNT
	lea	64(%rsp), %rax
	mov	%rax, exc + EXC_AT
	mov	16(%rsp), %rax
	mov	%rax, exc + EXC_ERROR
	mov	24(%rsp), %rax
	mov	%rax, exc + EXC_RIP
	mov	32(%rsp), %rax
	mov	%rax, exc + EXC_CS
	mov	40(%rsp), %rax
	mov	%rax, exc + EXC_FLAGS
	mov	48(%rsp), %rax
	mov	%rax, exc + EXC_SP
	xor	%eax, %eax
	cmpl	$14, exc + EXC_VECTOR
	jne	2f
	mov	%cr2, %rax
2:	mov	%rax, exc + EXC_CR2
	mov	exc + EXC_RESUME, %rax
	test	%rax, %rax
	jz	unexpected
	mov	%rax, 24(%rsp)
	movq	$0, exc + EXC_RESUME
	movq	$CODE64, 32(%rsp)
	movq	$2, 40(%rsp)
	mov	exc + EXC_RESUME_SP, %rax
	mov	%rax, 48(%rsp)
	movq	$DATA, 56(%rsp)
	pop	%rax
	add	$16, %rsp
	iretq

unexpected:
	say	"an exception nobody expected"
	xor	%esi, %esi
	call	report
	jmp	off

/* A guest's `irq` is called with the vector in EDI. */
interrupt:
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	mov	%eax, %edi
	call	irq
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq

	.weak	irq
irq:	mov	%edi, %edi
	show	"an interrupt nobody expected:", %rdi
	jmp	off

	.bss
	.balign	16
	.global	exc, boot
exc:	.skip	EXC_SIZE
	.balign	16
boot:	.skip	BOOT_SIZE
	.balign	16
	.skip	STACK
	.global	stack_top, stack_trap, stack_ist1, stack_user
stack_top:
	.skip	STACK
stack_trap:
	.skip	STACK
stack_ist1:
	.skip	STACK
stack_user:
