/* SPDX-License-Identifier: MIT */
/*
 * timer.S - the generic timer, DDI 0487 D12: conditions, masks, levels, and
 * waiting for it.  Every time is a part of a second, whatever the frequency.
 */
#include "guest.h"
#include "gic.h"

#define ENABLE	1
#define IMASK	2

	/* All of it for one of the two timers of a CPU. */
	.macro	timer_tests name, cnt, ctl, cval, tval, intid
\name:	enter
	say	"-- \name\n"
	msr	\ctl, xzr
	isb
	mrs	x19, \ctl
	say	"off "
	hex	x19
	msr	\cval, xzr
	mov	x9, #(ENABLE | IMASK)
	msr	\ctl, x9
	isb
	mrs	x19, \ctl
	gicr_bit x20, ISPENDR, \intid
	say	"\nlate, masked "
	hex	x19, ", pending "
	hex	x20
	mov	x9, #ENABLE
	msr	\ctl, x9
	isb
	mrs	x19, \ctl
	gicr_bit x20, ISPENDR, \intid
	say	"\nlate "
	hex	x19, ", pending "
	hex	x20
	mov	x9, #(1 << 63)			/* unsigned: far away */
	msr	\cval, x9
	isb
	mrs	x19, \ctl
	gicr_bit x20, ISPENDR, \intid
	say	"\nnever "
	hex	x19, ", pending "
	hex	x20
	msr	\cval, xzr
	msr	\ctl, xzr
	isb
	mrs	x19, \ctl
	gicr_bit x20, ISPENDR, \intid
	say	"\noff again "
	hex	x19, ", pending "
	hex	x20, "\n"

	/* TVAL is CVAL seen from now: 32 bits, signed. */
	mov	x9, #-1000
	msr	\tval, x9
	mov	x10, #ENABLE | IMASK
	msr	\ctl, x10
	isb
	mrs	x19, \ctl
	mrs	x20, \tval
	mrs	x21, \cval
	mrs	x22, \cnt
	sub	x21, x21, x22
	lsr	x20, x20, #31
	lsr	x21, x21, #63
	say	"TVAL -1000: "
	hex	x19, ", negative "
	hex	x20, ", CVAL before now "
	hex	x21, "\n"
	movl	x9, 0x7fffffff
	msr	\tval, x9
	isb
	mrs	x19, \ctl
	mrs	x20, \tval
	cmp	w20, #0
	cset	x20, gt
	say	"TVAL 0x7fffffff: "
	hex	x19, ", positive "
	hex	x20, "\n"

	/* The condition comes true by itself, not before its time. */
	bl	millisecond
	mov	x20, x0
	mrs	x9, \cnt
	isb
	add	x21, x9, x20
	msr	\cval, x21
	mov	x9, #ENABLE | IMASK
	msr	\ctl, x9
	isb
1:	mrs	x9, \ctl
	isb
	mrs	x22, \cnt
	tbz	x9, #2, 1b
	cmp	x22, x21
	cset	x19, hs
	say	"polled, in time "
	hex	x19, "\n"

	/* WFI with DAIF.I set sleeps until then. */
	mov	x9, #ENABLE
	mrs	x22, \cnt
	isb
	add	x21, x22, x20
	msr	\cval, x21
	msr	\ctl, x9
	isb
2:	wfi
	mrs	x9, \ctl
	tbz	x9, #2, 2b
	isb
	mrs	x22, \cnt
	cmp	x22, x21
	cset	x19, hs
	gicr_bit x20, ISPENDR, \intid
	mrs	x21, isr_el1
	say	"waited, in time "
	hex	x19, ", pending "
	hex	x20, ", ISR "
	hex	x21, "\n"

	/* Its interrupt is a level: it comes until the timer is served. */
	adr_l	x9, what
	mov	w10, #3
	stp	w10, wzr, [x9]
	bl	waits_for_handler
	mov	x19, x0
	say	"handled "
	hex	x19, " times\n"

	/* Ten periods, the next one set from the last one's end. */
	bl	millisecond
	mov	x20, x0
	mrs	x22, \cnt
	isb
	add	x21, x22, x20
	msr	\cval, x21
	adr_l	x9, what
	mov	w10, #10
	stp	w10, wzr, [x9]
	str	x20, [x9, #8]
	mov	x9, #ENABLE
	msr	\ctl, x9
	isb
	bl	waits_for_handler
	mov	x19, x0
	isb
	mrs	x9, \cnt
	sub	x9, x9, x22
	mov	x10, #10
	mul	x20, x20, x10
	cmp	x9, x20
	cset	x20, hs
	say	"periods "
	hex	x19, ", in time "
	hex	x20, "\n"
	adr_l	x9, what
	str	xzr, [x9, #8]
	leave
	.endm

	.macro	handle cval, ctl
	ldr	x11, [x9, #8]
	mrs	x12, \cval
	add	x12, x12, x11
	msr	\cval, x12
	cmp	w10, w13
	b.lo	8f
	msr	\ctl, xzr
	b	8f
	.endm

func main
	enter
	gic_on
	gicr	ISENABLER, 1 << INTID_VTIMER | 1 << INTID_PTIMER
	mrs	x9, cntfrq_el0
	movl	x10, 1000000
	cmp	x9, x10
	cset	x19, hs
	say	"at least 1 MHz "
	hex	x19, "\n"
	bl	monotonic
	bl	virtual
	bl	physical
	bl	both
	leave

	timer_tests virtual, cntvct_el0, cntv_ctl_el0, cntv_cval_el0, \
		cntv_tval_el0, INTID_VTIMER
	.pool
	timer_tests physical, cntpct_el0, cntp_ctl_el0, cntp_cval_el0, \
		cntp_tval_el0, INTID_PTIMER
	.pool

millisecond:
	mrs	x0, cntfrq_el0
	mov	x1, #1000
	udiv	x0, x0, x1
	ret

monotonic:
	enter
	movl	x20, 1000
	mov	x21, #0
	mrs	x9, cntvct_el0
	mrs	x11, cntpct_el0
1:	isb
	mrs	x10, cntvct_el0
	cmp	x10, x9
	cinc	x21, x21, lo
	mov	x9, x10
	isb
	mrs	x12, cntpct_el0
	cmp	x12, x11
	cinc	x21, x21, lo
	mov	x11, x12
	subs	x20, x20, #1
	b.ne	1b
	say	"went back "
	hex	x21, " times\n"
	leave

/* Sleep until the handler has run as often as it should; x0 tells. */
waits_for_handler:
	enter
1:	wfi
	window
	adr_l	x9, what
	ldp	w10, w0, [x9]
	cmp	w0, w10
	b.lo	1b
	window
	ldr	w0, [x9, #4]
	leave

/* Both due at once: by priority, then none is left. */
both:	enter
	say	"-- both\n"
	priority INTID_PTIMER, 0x80
	adr_l	x9, what
	mov	w10, #1
	stp	w10, wzr, [x9]
	mov	w10, #1
	str	w10, [x9, #16]
	mov	x10, #ENABLE
	msr	cntv_cval_el0, xzr
	msr	cntp_cval_el0, xzr
	msr	cntv_ctl_el0, x10
	msr	cntp_ctl_el0, x10
	isb
	window
	window
	mrs	x19, isr_el1
	say	"ISR "
	hex	x19, "\n"
	leave

/* Count; with a period, set the next one; the last one ends it. */
func irq
	stp	x29, x30, [sp, #-32]!
	str	x19, [sp, #16]
	mrs	x19, ICC_IAR1_EL1
	adr_l	x9, what
	ldr	w10, [x9, #16]
	cbz	w10, 1f
	say	"irq "
	hex	x19, "\n"
	adr_l	x9, what
1:	ldp	w13, w10, [x9]
	add	w10, w10, #1
	str	w10, [x9, #4]
	cmp	x19, #INTID_VTIMER
	b.eq	2f
	cmp	x19, #INTID_PTIMER
	b.eq	3f
	b	9f
2:	handle	cntv_cval_el0, cntv_ctl_el0
3:	handle	cntp_cval_el0, cntp_ctl_el0
8:	isb
9:	msr	ICC_EOIR1_EL1, x19
	isb
	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret

	.pool

	.bss
	.balign	16
what:	.skip	24		/* wanted, counted, period, talk */
