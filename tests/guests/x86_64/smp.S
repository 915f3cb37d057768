/* SPDX-License-Identifier: MIT */
/*
 * smp.S - other CPUs: INIT and start-up, where they begin, interrupts between
 * them.  SDM volume 3, 8.4 and 9.1.
 *
 * CPU 0 sleeps until the others have told it by an interrupt that they are
 * done, so nobody spins, and only one at a time prints.
 */
#include "guest.h"
#include "apic.h"

#define CPUS		4
#define TRAMPOLINE	0x30000
#define DONE		0x41	/* to CPU 0 */
#define PING		0x42
#define ALL		0x43

#define ICR_INIT	0x4500
#define ICR_STARTUP	0x4600

	.macro	to cpu, command
	apic_write APIC_ICR2, \cpu << 24
	apic_write APIC_ICR, \command
	.endm

	/* `what` goes to a CPU, and it answers. */
	.macro	ask cpu, what
	movl	$0, done
	to	\cpu, \what
	await	done
	.endm

func main
	apic_on
	mov	$trampoline, %esi
	mov	$TRAMPOLINE, %edi
	mov	$trampoline_end - trampoline, %ecx
	rep movsb
	call	identity

	.irp	cpu, 1, 2, 3
	movl	$stack_ap + 4096 * \cpu, stack
	movl	$0, done
	to	\cpu, ICR_INIT
	to	\cpu, ICR_STARTUP | TRAMPOLINE >> 12
	await	done
	.endr

	say	"-- one after the other\n"
	ask	3, PING
	ask	1, PING
	ask	2, PING

	say	"-- all at once\n"
	movl	$0, done
	apic_write APIC_ICR, ICR_OTHERS|ALL
	await	done, 3
	mov	done, %ebx
	show	"answers", %rbx
	apic_write APIC_ICR, 0x80000|ALL
	window
	await	done, 7
	mov	done, %ebx
	show	"answers, with mine", %rbx

	/* Logical destinations, flat: each CPU has the bit of its number. */
	movl	$0, done
	to	0x6, 0x800|ALL
	await	done, 2
	mov	done, %ebx
	show	"answers of two", %rbx

	/* A CPU that runs does not care; after INIT it begins again. */
	say	"-- again\n"
	movl	$stack_ap + 4096, stack
	to	1, ICR_STARTUP | TRAMPOLINE >> 12
	ask	1, PING
	movl	$0, done
	to	1, ICR_INIT
	to	1, ICR_STARTUP | TRAMPOLINE >> 12
	await	done
	ask	1, PING
	ret

/* Who it is, by all that tell; then where it began. */
identity:
	apic_read APIC_ID
	shr	$24, %eax
	mov	%eax, %r12d
	say	"CPU "
	hex	%r12
	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	cmp	%ebx, %r12d
	jne	8f
	xor	%eax, %eax
	cpuid
	cmp	$0xb, %eax
	jb	1f
	mov	$0xb, %eax
	xor	%ecx, %ecx
	cpuid
	test	%ebx, %ebx		/* there is none */
	jz	1f
	cmp	%edx, %r12d
	jne	8f
1:	rdmsr_rax 0x1b
	bt	$8, %eax
	jnc	2f
	say	", which boots"
2:	say	"\n"
	ret
8:	say	": CPUID has another number\n"
	ret

/* In real mode, at the page that the start-up message named. */
	.section .rodata
	.code16
trampoline:
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	trampoline_gdtr - trampoline
	mov	%cr0, %eax
	mov	%eax, %ebx
	mov	%cs, %si
	or	$CR0_PE, %eax
	mov	%eax, %cr0
	ljmpl	$CODE32, $protected
trampoline_gdtr:
	.word	GDT_LEN - 1
	.long	gdt
trampoline_end:

	.text
	.code32
protected:
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %ss
	mov	stack, %esp
	mov	%ebx, first_cr0
	mov	%si, first_cs
	mov	$1f, %edi
	jmp	long_mode
	.code64
1:	call	cpu_setup
	apic_on
	apic_write 0x0e0, 0xffffffff	/* DFR: flat */
	apic_read APIC_ID
	shr	$24, %eax
	mov	%eax, %ecx
	mov	$1 << 24, %eax
	shl	%cl, %eax
	mov	$LAPIC + 0x0d0, %edx	/* LDR */
	mov	%eax, (%rdx)
	call	identity
	movzwl	first_cs, %ebx
	say	"  began at CS "
	hex	%rbx, ", CR0.PE "
	mov	first_cr0, %ebx
	and	$CR0_PE, %ebx
	hex	%rbx, "\n"
	call	tell
2:	sti
	hlt
	jmp	2b

/* One more is done. */
tell:	lock incl done
	to	0, DONE
	ret

func irq
	cmp	$PING, %edi
	je	1f
	cmp	$ALL, %edi
	jne	9f
	apic_read APIC_ID
	test	%eax, %eax
	jz	2f
	call	tell
	jmp	9f
1:	apic_read APIC_ID
	shr	$24, %eax
	mov	%eax, %edi
	show	"asked: CPU", %rdi
	call	tell
	jmp	9f
2:	lock incl done
9:	apic_write APIC_EOI, 0
	ret

	.bss
	.balign	16
stack_ap:
	.skip	4096 * CPUS
done:	.skip	4
stack:	.skip	4
first_cr0:
	.skip	4
first_cs:
	.skip	2
