/* SPDX-License-Identifier: MIT */
/*
 * guest.h - what the guests share: macros over lib.S.
 *
 * A guest defines `main`.  It is entered in long mode on CPU 0, with a stack,
 * lib.S's tables and interrupts off; when it returns, the machine is switched
 * off.  All memory to 1 GiB and from 3 to 4 GiB is where its physical address
 * is.  The macros change the registers a call may change.
 *
 * Some hypervisors emulate what runs at CPL 0, slowly and only in part: there
 * guests use integer instructions, and few, and wait by HLT.
 */

/* The machine's memory map, ports and interrupts. */
#define COM1		0x3f8
#define CMOS		0x70
#define ACPI_SLEEP	0x600
#define ACPI_S5		0x34		/* SLP_EN, SLP_TYP 5 */
#define IOAPIC		0xfec00000
#define LAPIC		0xfee00000
#define GSI_COM1	4

/* Selectors of lib.S's GDT; SYSRET wants the last four in this order. */
#define CODE32		0x08
#define CODE64		0x10
#define DATA		0x18
#define USER_DATA	0x23
#define USER_CODE	0x2b
#define TSS		0x30
#define GDT_LEN		0x40

/* CR0, CR4, EFER */
#define CR0_PE		(1 << 0)
#define CR0_WP		(1 << 16)
#define CR0_PG		(1 << 31)
#define CR0_GUEST	0x80010033	/* PE MP ET NE WP PG */
#define CR4_PAE		(1 << 5)
#define CR4_PGE		(1 << 7)
#define EFER		0xc0000080
#define EFER_SCE	(1 << 0)
#define EFER_LME	(1 << 8)
#define EFER_LMA	(1 << 10)
#define EFER_NXE	(1 << 11)
#define RFLAGS_IF	(1 << 9)

/* Page table entries. */
#define PTE_P		(1 << 0)
#define PTE_W		(1 << 1)
#define PTE_U		(1 << 2)
#define PTE_A		(1 << 5)
#define PTE_D		(1 << 6)
#define PTE_PS		(1 << 7)
#define PTE_G		(1 << 8)

/* The local APIC, SDM volume 3, table 11-1. */
#define APIC_ID		0x020
#define APIC_VERSION	0x030
#define APIC_TPR	0x080
#define APIC_PPR	0x0a0
#define APIC_EOI	0x0b0
#define APIC_SVR	0x0f0
#define APIC_ISR	0x100
#define APIC_TMR	0x180
#define APIC_IRR	0x200
#define APIC_ICR	0x300
#define APIC_ICR2	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_ERROR	0x370
#define APIC_INITIAL	0x380
#define APIC_CURRENT	0x390
#define APIC_DIVIDE	0x3e0

#define SPURIOUS	0xff
#define ICR_SELF	0x40000
#define ICR_OTHERS	0xc0000

/* How the guest was entered, in `boot` (lib.S). */
#define BOOT_BITS	0		/* 64, or 32 by PVH */
#define BOOT_INFO	8		/* RSI, or EBX */
#define BOOT_CR0	16
#define BOOT_CR3	24
#define BOOT_CR4	32
#define BOOT_EFER	40
#define BOOT_FLAGS	48
#define BOOT_CS		56
#define BOOT_DS		64
#define BOOT_SS		72
#define BOOT_SIZE	80

/* What the last exception left in `exc` (lib.S). */
#define EXC_COUNT	0
#define EXC_VECTOR	8
#define EXC_ERROR	16
#define EXC_RIP		24
#define EXC_CS		32
#define EXC_FLAGS	40
#define EXC_SP		48
#define EXC_CR2		56
#define EXC_AT		64		/* the handler's stack */
#define EXC_RESUME	72		/* set by the guest: where to go on, */
#define EXC_RESUME_SP	80		/* at CPL 0, with this stack */
#define EXC_END		88		/* where CPL 3 ends by itself: a UD2 */
#define EXC_SIZE	96

#ifdef __ASSEMBLER__

	.macro	func name
	.global	\name
	.type	\name, @function
\name:
	.endm

	/* Print a text. */
	.macro	say text
	.pushsection .rodata
9990:	.ascii	"\text"
9991:
	.popsection
	mov	$9990b, %esi
	mov	$9991b - 9990b, %ecx
	call	print
	.endm

	/* Print a register as 0x and hexadecimal digits, then the text. */
	.macro	hex reg, text
	.ifnc	\reg, %rdi
	mov	\reg, %rdi
	.endif
	call	print_hex
	.ifnb	\text
	say	"\text"
	.endif
	.endm

	/* A line: the text, then the register. */
	.macro	show text, reg
	.ifnc	\reg, %rdi
	mov	\reg, %rdi
	.endif
	push	%rdi
	say	"\text "
	pop	%rdi
	call	print_hex
	say	"\n"
	.endm

	/* A line: the text, and whether the last comparison was so. */
	.macro	check text, cond
	set\cond %dil
	push	%rdi
	say	"\text: "
	pop	%rdi
	call	print_yes
	.endm

	.macro	outb value, port
	mov	$\value, %eax
	mov	$\port, %edx
	out	%al, %dx
	.endm

	.macro	inb port
	mov	$\port, %edx
	xor	%eax, %eax
	in	%dx, %al
	.endm

	.macro	apic_read reg
	mov	$LAPIC + \reg, %edx
	mov	(%rdx), %eax
	.endm

	.macro	apic_write reg, value
	mov	$LAPIC + \reg, %edx
	movl	$\value, (%rdx)
	.endm

	/* As firmware leaves it to us: on, nothing but the spurious vector. */
	.macro	apic_on
	apic_write APIC_SVR, 0x100 | SPURIOUS
	.endm

	.macro	rdmsr_rax msr
	mov	$\msr, %ecx
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	.endm

	.macro	rdtsc_rax
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	.endm

	/*
	 * Take what is pending.  A hypervisor that emulates may look for it
	 * only when it has something to do: a port that nobody has.
	 */
	.macro	window
	sti
	out	%al, $0x80
	cli
	.endm

	/* Sleep until the 32 bits at `addr` are at least `n`. */
	.macro	await addr, n=1
9992:	cli
	cmpl	$\n, \addr
	jae	9993f
	sti
	hlt
	jmp	9992b
9993:
	.endm

	/*
	 * Do one instruction, then tell which exception it made.  Afterwards
	 * the program goes on behind it.  Operands are to be in registers a
	 * call keeps, for telling changes the others.
	 */
	.macro	try text, insn:vararg
	say	"\text"
	mov	$9995f, %esi
	call	try_begin
9994:	\insn
9995:	mov	$9994b, %esi
	call	report
	.endm

	/* The same at CPL 3, with no stack of ours. */
	.macro	try_user text, insn:vararg
	say	"\text"
	mov	$9995f, %esi
	call	try_begin
	mov	$9994f, %esi
	jmp	go_user
9994:	\insn
	ud2
9995:	mov	$9994b, %esi
	call	report
	.endm

#endif
