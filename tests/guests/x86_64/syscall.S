/* SPDX-License-Identifier: MIT */
/* syscall.S - from CPL 3 to CPL 0 and back by SYSCALL, SYSRET and SWAPGS. */
#include "guest.h"

#define STAR		0xc0000081
#define LSTAR		0xc0000082
#define SFMASK		0xc0000084
#define GS_BASE		0xc0000101
#define KERNEL_GS_BASE	0xc0000102
#define RFLAGS_DF	(1 << 10)

	.macro	wrmsr_at msr, high, low
	mov	$\msr, %ecx
	mov	$\high, %edx
	mov	$\low, %eax
	wrmsr
	.endm

	.macro	call_kernel
	xor	%r14d, %r14d
	std
	syscall
8:	cld
	sub	$8b, %r14
	mov	%gs:0, %r13
	.endm

func main
	wrmsr_at STAR, (USER_DATA - 8) << 16 | CODE64, 0
	wrmsr_at LSTAR, 0, called
	wrmsr_at SFMASK, 0, RFLAGS_DF | RFLAGS_IF
	wrmsr_at GS_BASE, 0, theirs
	wrmsr_at KERNEL_GS_BASE, 0, ours
	try_user "SYSCALL without EFER.SCE", syscall
	rdmsr_rax EFER
	or	$EFER_SCE, %eax
	wrmsr
	try_user "SYSCALL, SYSRET", call_kernel
	show	"RCX is behind it", %r14
	and	$RFLAGS_DF | 2, %r15d
	show	"R11 has DF", %r15
	and	$RFLAGS_DF | RFLAGS_IF, %ebp
	show	"DF and IF there", %rbp
	show	"CS there", %r12
	show	"GS there", %rbx
	show	"and here", %r13
	ret

called:	swapgs
	mov	%gs:0, %rbx
	swapgs
	mov	%rcx, %r14
	mov	%r11, %r15
	mov	%cs, %r12d
	mov	%rsp, stack
	mov	$stack_trap, %esp
	pushfq
	pop	%rbp
	mov	stack, %rsp
	sysretq

	.data
ours:	.quad	0x111
theirs:	.quad	0x333
stack:	.quad	0
