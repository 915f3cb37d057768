/* SPDX-License-Identifier: MIT */
/*
 * echo.S - a guest without Linux: it sends back every byte it gets.
 *
 * It says "up" first, takes Ctrl-D for power off and Ctrl-R for a reset.  No
 * stack, no memory, no interrupts: the console of the microvm command can be
 * tested on it in milliseconds.
 */
#define UART      0x09000000 /* PL011, as in the device tree */
#define DR        0x00       /* PL011 TRM (DDI 0183) 3.3.1: data */
#define FR        0x18       /* 3.3.3: flags */
#define FR_RXFE   4          /* bit: nothing received */
#define FR_TXFF   5          /* bit: no room to send */
#define LCRH      0x2c       /* 3.3.7: line control */
#define LCRH_8FEN 0x70       /* 8 bits, FIFOs on */
#define CR        0x30       /* 3.3.8: control */
#define CR_ON     0x301      /* UART, receiver, transmitter */

#define PSCI_SYSTEM_OFF   0x84000008 /* Arm DEN 0022 5.1.9 */
#define PSCI_SYSTEM_RESET 0x84000009 /* 5.1.11 */

#define CTRL_D 4
#define CTRL_R 18

	/* Documentation/arm64/booting.rst of Linux, section 4 */
	.text
	.globl _start
_start:
	b	main
	.long	0
	.quad	0		/* text_offset */
	.quad	_end - _start	/* image_size */
	.quad	0xa		/* flags: little endian, 4 KiB, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

main:
	mov	x19, #UART
	mov	w0, #LCRH_8FEN
	str	w0, [x19, #LCRH]
	mov	w0, #CR_ON
	str	w0, [x19, #CR]
	adr	x20, greeting
greet:
	ldrb	w0, [x20], #1
	cbz	w0, receive
	bl	send
	b	greet

receive:
	ldr	w1, [x19, #FR]
	tbnz	w1, #FR_RXFE, receive
	ldr	w0, [x19, #DR]
	and	w0, w0, #0xff
	cmp	w0, #CTRL_D
	b.eq	off
	cmp	w0, #CTRL_R
	b.eq	reset
	bl	send
	b	receive

send:
	ldr	w1, [x19, #FR]
	tbnz	w1, #FR_TXFF, send
	str	w0, [x19, #DR]
	ret

off:
	ldr	w0, =PSCI_SYSTEM_OFF
	hvc	#0
reset:
	ldr	w0, =PSCI_SYSTEM_RESET
	hvc	#0
	b	reset

greeting:
	.asciz	"up\r\n"
	.ltorg
	.balign	8
_end:
