/* SPDX-License-Identifier: MIT */
/*
 * exclusives.S - the exclusive monitor, DDI 0487 B2.9, alone and between CPUs.
 * Run it with 2 CPUs or more.
 */
#include "guest.h"
#include "mmu.h"
#include "smp.h"

	base_tables

#define ROUNDS	2000

	/* Print what a store-exclusive answered: 0, or not. */
	.macro	outcome text, reg
	mov	w19, \reg
	say	"\text: "
	hex	x19, "\n"
	.endm

	/*
	 * ldxr, then something, then stxr.  An implementation may fail the
	 * store for reasons of its own, so where it may succeed it is tried
	 * again; where it must fail once is enough.
	 */
	.macro	may_store text, size, what:vararg
	mov	w20, #100
9995:	ldxr\size w10, [x9]
	add	w11, w10, #1
	\what
	stxr\size w12, w11, [x9]
	cbz	w12, 9996f
	subs	w20, w20, #1
	b.ne	9995b
9996:	outcome	"\text", w12
	.endm

	.macro	must_fail text, what:vararg
	ldxr	w10, [x9]
	add	w11, w10, #1
	\what
	stxr	w12, w11, [x9]
	outcome	"\text", w12
	.endm

func main
	enter
	mmu_on	nowhere
	adr_l	x9, word
	say	"-- one CPU\n"
	may_store "word", , nop
	may_store "byte", b, nop
	may_store "halfword", h, nop
	may_store "after arithmetic", , mul x13, x10, x11
	bl	wide
	ldr	w19, [x9]
	say	"the word is "
	hex	x19, "\n"
	stxr	w12, w11, [x9]
	outcome	"no load before", w12
	ldxr	w10, [x9]
	stxr	w12, w10, [x9]
	stxr	w12, w10, [x9]
	outcome	"a second store", w12
	must_fail "clrex", clrex
	must_fail "clrex 0", clrex #0
	must_fail "an exception and its return", svc #0
	must_fail "a fault and its return", .inst 0
	ldr	w19, [x9]
	say	"the word is "
	hex	x19, "\n"

	say	"-- two CPUs\n"
	bl	start_second
	adr_l	x9, word
	adr_l	x14, turn
	ldxr	w10, [x9]
	bl	let_second
	stxr	w12, w10, [x9]
	outcome	"the other one stores", w12
	ldxr	w10, [x9]
	bl	let_second
	stxr	w12, w10, [x9]
	outcome	"and by stxr", w12
	ldr	w19, [x9]
	say	"the word is "
	hex	x19, "\n"
	bl	let_second
	/* Both count as fast as they can. */
	adr_l	x9, counter
	bl	count
	mov	x20, #1
	wait_off x20
	adr_l	x9, counter
	ldr	x19, [x9]
	say	"counted "
	hex	x19, "\n"
	ldr	w19, [x9, #64]
	say	"a lock kept "
	hex	x19, "\n"
	leave

/* 8 and 16 bytes. */
wide:	mov	x29, x30
	adr_l	x13, pair
	mov	w20, #100
1:	ldxr	x10, [x13]
	add	x10, x10, #1
	stxr	w12, x10, [x13]
	cbz	w12, 2f
	subs	w20, w20, #1
	b.ne	1b
2:	outcome	"doubleword", w12
	mov	w20, #100
3:	ldxp	x10, x11, [x13]
	add	x10, x10, #1
	add	x11, x11, #2
	stlxp	w12, x10, x11, [x13]
	cbz	w12, 4f
	subs	w20, w20, #1
	b.ne	3b
4:	outcome	"pair", w12
	ldp	x19, x20, [x13]
	say	"the pair is "
	hex	x19, " and "
	hex	x20, "\n"
	ret	x29

/* Hand over the turn, and wait to get it back; x10 stays. */
let_second:
	signal	x14, 2
	wait_word x14, 1
	ret

start_second:
	enter
	mov	x20, #1
	adr_l	x14, turn
	signal	x14, 1
	cpu_on	x20, second, xzr
	cbz	x0, 1f
	say	"no second CPU\n"
1:	leave

second:	bl	cpu_setup
	adr_l	x9, stack2_top
	mov	sp, x9
	mmu_on	nowhere
	adr_l	x9, word
	adr_l	x14, turn
	wait_word x14, 2
	mov	w10, #0x100
	str	w10, [x9]
	signal	x14, 1
	wait_word x14, 2
1:	ldxr	w10, [x9]
	add	w10, w10, #0x11
	stxr	w12, w10, [x9]
	cbnz	w12, 1b
	signal	x14, 1
	wait_word x14, 2
	signal	x14, 1
	adr_l	x9, counter
	bl	count
	psci	PSCI_CPU_OFF
	b	.

/* Add to the counter at x9, and to the one a lock at 56 keeps at 64. */
count:	movl	x10, ROUNDS
	add	x14, x9, #56
	mov	w13, #1
1:	ldaxr	x11, [x9]
	add	x11, x11, #1
	stlxr	w12, x11, [x9]
	cbnz	w12, 1b
2:	ldaxr	w11, [x14]
	cbnz	w11, 2b
	stxr	w12, w13, [x14]
	cbnz	w12, 2b
	ldr	w11, [x9, #64]
	add	w11, w11, #1
	str	w11, [x9, #64]
	stlr	wzr, [x14]
	subs	x10, x10, #1
	b.ne	1b
	ret

	.pool

	.bss
	.balign	64
word:	.skip	64
turn:	.skip	64
pair:	.skip	64
counter: .skip	128
	.balign	4096
nowhere: .skip	4096
	.skip	1024
stack2_top:
