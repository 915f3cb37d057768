/* SPDX-License-Identifier: MIT */
/* msr.S - model-specific registers, and those that are not there. */
#include "guest.h"

#define TSC		0x10
#define APIC_BASE	0x1b
#define MTRR_CAP	0xfe
#define SYSENTER_ESP	0x175
#define MISC_ENABLE	0x1a0
#define PAT		0x277
#define MTRR_DEF_TYPE	0x2ff
#define FS_BASE		0xc0000100
#define GS_BASE		0xc0000101
#define KERNEL_GS_BASE	0xc0000102
#define NOBODY		0x12345678

	.macro	set msr, low, high=0
	mov	$\msr, %ecx
	mov	$\low, %eax
	mov	$\high, %edx
	wrmsr
	.endm

	.macro	get text, msr
	rdmsr_rax \msr
	mov	%rax, %rbx
	show	"\text", %rbx
	.endm

	/* Try a write, or a read. */
	.macro	try_set text, msr, high, low
	say	"\text"
	mov	$9995f, %esi
	call	try_begin
	mov	$\msr, %ecx
	mov	$\low, %eax
	mov	$\high, %edx
9994:	wrmsr
9995:	mov	$9994b, %esi
	call	report
	.endm

	.macro	try_get text, msr
	say	"\text"
	mov	$9995f, %esi
	call	try_begin
	mov	$\msr, %ecx
9994:	rdmsr
9995:	mov	$9994b, %esi
	call	report
	.endm

func main
	get	"APIC_BASE", APIC_BASE
	get	"EFER", EFER
	rdmsr_rax EFER
	or	$EFER_SCE, %eax
	wrmsr
	get	"with SCE", EFER
	try_set	"a bit it does not have", EFER, 0x80, EFER_LME | EFER_NXE
	try_set	"LME clear in long mode", EFER, 0, EFER_NXE
	try_set	"LMA cannot be written", EFER, 0, EFER_LME | EFER_NXE
	get	"EFER", EFER

	rdtsc_rax
	mov	%rax, %r12
	rdmsr_rax TSC
	mov	%rax, %r13
	rdtsc_rax
	cmp	%r12, %r13
	setae	%bl
	cmp	%r13, %rax
	setae	%bh
	cmp	$0x101, %bx
	check	"the TSC by both ways", e

	say	"-- bases\n"
	set	FS_BASE, there
	set	GS_BASE, there + 8
	set	KERNEL_GS_BASE, there + 16
	mov	%fs:0, %rbx
	show	"FS", %rbx
	mov	%gs:0, %rbx
	show	"GS", %rbx
	mov	%gs:-8, %rbx
	show	"GS, before it", %rbx
	swapgs
	mov	%gs:0, %rbx
	show	"GS, swapped", %rbx
	rdmsr_rax KERNEL_GS_BASE
	cmp	$there + 8, %rax
	check	"KERNEL_GS_BASE has the other", e

	say	"-- memory types\n"
	get	"PAT", PAT
	set	PAT, 0x00070106, 0x00070406
	get	"PAT, set", PAT
	set	PAT, 0x00070406, 0x00070406
	rdmsr_rax MTRR_CAP
	mov	%eax, %ebx
	and	$0x500, %ebx
	show	"MTRRcap: fixed, write combining", %rbx
	rdmsr_rax MTRR_DEF_TYPE
	mov	%eax, %ebx
	and	$0x8ff, %ebx
	show	"on, write back", %rbx

	say	"-- others\n"
	set	SYSENTER_ESP, 0x23456789, 1
	get	"SYSENTER_ESP", SYSENTER_ESP
	rdmsr_rax MISC_ENABLE
	and	$1, %eax
	mov	%eax, %ebx
	show	"MISC_ENABLE: fast strings", %rbx
	try_get	"the microcode's version", 0x8b
	try_get	"nobody's: read", NOBODY
	try_set	"write", NOBODY, 0, 0
	ret

	.data
there:	.quad	0x1111111111111111, 0x2222222222222222, 0x3333333333333333
