/* SPDX-License-Identifier: MIT */
/*
 * uart.S - input: one line by polling, one by interrupts.  All of it is typed
 * before the guest runs, more than a FIFO holds; none of it may be lost.
 */
#include "guest.h"
#include "gic.h"

#define DR	0x00
#define FR	0x18
#define LCRH	0x2c
#define CR	0x30
#define IMSC	0x38
#define MIS	0x40
#define ICR	0x44
#define RXFE	4
#define RX	(1 << 4)
#define RT	(1 << 6)

func main
	enter
	gic_on
	gicd	ISENABLER + 4, 1 << (INTID_UART - 32)
	movl	x22, UART
	mov	w9, #0x70		/* the FIFO is on */
	str	w9, [x22, #LCRH]
	movl	w9, 0x301
	str	w9, [x22, #CR]
	adr_l	x20, line
	mov	x21, x20
1:	ldr	w9, [x22, #FR]
	tbnz	w9, #RXFE, 1b
	ldr	w9, [x22, #DR]
	cmp	w9, #'\n'
	b.eq	2f
	strb	w9, [x21], #1
	b	1b
2:	strb	wzr, [x21]
	sub	x19, x21, x20
	say	"polled "
	hex	x19, " bytes\n"
	mov	x0, x20
	bl	puts
	say	"\n"

	adr_l	x21, where
	str	x20, [x21]
	str	wzr, [x21, #8]
	mov	w9, #RX | RT
	str	w9, [x22, #IMSC]
	dsb	sy
3:	ldr	w9, [x21, #8]
	cbnz	w9, 4f
	wfi
	window
	b	3b
4:
	str	wzr, [x22, #IMSC]
	ldr	x9, [x21]
	sub	x19, x9, x20
	say	"by interrupts "
	hex	x19, " bytes\n"
	mov	x0, x20
	bl	puts
	say	"\n"
	ldr	w9, [x22, #MIS]
	mov	x19, x9
	say	"left "
	hex	x19, "\n"
	leave

func irq
	stp	x19, x30, [sp, #-16]!
	mrs	x19, ICC_IAR1_EL1
	cmp	x19, #INTID_UART
	b.ne	1f
	bl	drain
1:	msr	ICC_EOIR1_EL1, x19
	isb
	ldp	x19, x30, [sp], #16
	ret

/* Empty the FIFO; a line's end ends it. */
drain:	movl	x10, UART
	adr_l	x11, where
	ldr	x12, [x11]
1:	ldr	w13, [x10, #FR]
	tbnz	w13, #RXFE, 3f
	ldr	w13, [x10, #DR]
	cmp	w13, #'\n'
	b.eq	2f
	strb	w13, [x12], #1
	b	1b
2:	strb	wzr, [x12]
	mov	w13, #1
	str	w13, [x11, #8]
3:	str	x12, [x11]
	dsb	sy
	ret

	.pool

	.bss
	.balign	16
where:	.skip	16
line:	.skip	512
