/* SPDX-License-Identifier: MIT */
/*
 * echo_x86.S - echo.S for x86_64: entered in long mode, as Linux boot.rst has
 * it, "64-bit Boot Protocol".  A few integer instructions, for hypervisors that
 * emulate them one by one.
 */
#define UART      0x3f8      /* 16550 data sheet, 8: the registers */
#define FCR       2          /* FIFO control */
#define FCR_ON    1
#define LCR       3          /* line control */
#define LCR_8     3          /* 8 bits */
#define LSR       5          /* line status */
#define LSR_DR    0x01       /* data ready */
#define LSR_THRE  0x20       /* room to send */

#define SLEEP     0x600      /* ACPI 6.5, 4.8.3.7: sleep control register */
#define S5        0x34       /* SLP_EN, SLP_TYP 5 */
#define RESET     0x602      /* the FADT's reset register, and its value */
#define RESET_VAL 0x42

#define CTRL_D 4
#define CTRL_R 18

	.text
	.globl start64
start64:
	mov	$UART + FCR, %edx
	mov	$FCR_ON, %eax
	out	%al, %dx
	mov	$UART + LCR, %edx
	mov	$LCR_8, %eax
	out	%al, %dx
	mov	$greeting, %esi
greet:
	mov	(%rsi), %bl
	test	%bl, %bl
	jz	receive
	inc	%esi
	mov	$greet, %edi
	jmp	send

receive:
	mov	$UART + LSR, %edx
	in	%dx, %al
	test	$LSR_DR, %al
	jz	receive
	mov	$UART, %edx
	in	%dx, %al
	mov	%eax, %ebx
	cmp	$CTRL_D, %bl
	je	off
	cmp	$CTRL_R, %bl
	je	reset
	mov	$receive, %edi

/* BL, then go to RDI: there is no stack. */
send:
	mov	$UART + LSR, %edx
	in	%dx, %al
	test	$LSR_THRE, %al
	jz	send
	mov	%ebx, %eax
	mov	$UART, %edx
	out	%al, %dx
	jmp	*%rdi

off:
	mov	$SLEEP, %edx
	mov	$S5, %eax
	out	%al, %dx
reset:
	mov	$RESET, %edx
	mov	$RESET_VAL, %eax
	out	%al, %dx
	jmp	reset

	.section .rodata
greeting:
	.asciz	"up\r\n"
