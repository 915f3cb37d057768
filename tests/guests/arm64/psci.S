/* SPDX-License-Identifier: MIT */
/* psci.S - power management of 4 CPUs, DEN 0022.  Run it with 4. */
#include "guest.h"
#include "smp.h"

	/* Call with these arguments; print the answer. */
	.macro	ask text, fn, a1=0, a2=0, a3=0
	say	"\text: "
	movl	x1, \a1
	movl	x2, \a2
	movl	x3, \a3
	psci	\fn
	mov	x19, x0
	hex	x19, "\n"
	.endm

func main
	enter
	say	"-- functions\n"
	movl	x0, PSCI_VERSION
	hvc	#0
	cmp	w0, #2			/* 0.2: what SYSTEM_OFF needs */
	b.lo	1f
	say	"version 0.2 or later\n"
1:	ask	"features: CPU_ON", PSCI_FEATURES, PSCI_CPU_ON
	ask	"features: CPU_OFF", PSCI_FEATURES, PSCI_CPU_OFF
	ask	"features: AFFINITY_INFO", PSCI_FEATURES, PSCI_AFFINITY_INFO
	ask	"features: SYSTEM_RESET", PSCI_FEATURES, PSCI_SYSTEM_RESET
	ask	"features: unknown", PSCI_FEATURES, 0x840000ff
	ask	"unknown function", 0x840000ff
	ask	"MIGRATE_INFO_TYPE", PSCI_MIGRATE_INFO_TYPE

	say	"-- refused\n"
	ask	"CPU_ON of CPU 4", PSCI_CPU_ON, 4
	ask	"CPU_ON of 0.0.1.0", PSCI_CPU_ON, 0x100
	ask	"CPU_ON of 1.0.0.0", PSCI_CPU_ON, 0x100000000
	say	"CPU_ON of myself: "
	mov	x20, #0
	cpu_on	x20, second, xzr
	mov	x19, x0
	hex	x19, "\n"
	ask	"AFFINITY_INFO of CPU 4", PSCI_AFFINITY_INFO, 4

	say	"-- on and off\n"
	ask	"I am", PSCI_AFFINITY_INFO, 0
	mov	x20, #1
2:	say	"CPU "
	hex	x20, " before: "
	mov	x1, x20
	mov	x2, #0
	psci	PSCI_AFFINITY_INFO
	mov	x19, x0
	hex	x19, ", on: "
	adr_l	x21, word
	str	wzr, [x21]
	movl	x9, 0x1234567890abcd00
	add	x9, x9, x20
	cpu_on	x20, second, x9
	mov	x19, x0
	wait_word x21, 1
	hex	x19, "\n"
	mov	x1, x20
	mov	x2, #0
	psci	PSCI_AFFINITY_INFO
	mov	x19, x0
	cpu_on	x20, second, x9
	mov	x22, x0
	signal	x21, 2
	wait_off x20
	adr_l	x9, seen
	say	"  its affinity "
	ldr	x0, [x9]
	hex	x0, ", x0 "
	ldr	x0, [x9, #8]
	hex	x0, ", EL "
	ldr	x0, [x9, #16]
	hex	x0, ", DAIF "
	ldr	x0, [x9, #24]
	hex	x0, ", MMU "
	ldr	x0, [x9, #32]
	hex	x0, "\n  while on: state "
	hex	x19, ", another on "
	hex	x22, "\n"
	add	x20, x20, #1
	cmp	x20, #4
	b.ne	2b
	say	"once more: "
	adr_l	x21, word
	str	wzr, [x21]
	mov	x20, #2
	mov	x9, #0x55
	cpu_on	x20, second, x9
	mov	x19, x0
	wait_word x21, 1
	signal	x21, 2
	wait_off x20
	hex	x19, ", x0 "
	adr_l	x9, seen
	ldr	x0, [x9, #8]
	hex	x0, "\n"

	/* All at once: each fills its byte. */
	adr_l	x21, word
	str	wzr, [x21]
	mov	x20, #1
3:	cpu_on	x20, filler, x21
	add	x20, x20, #1
	cmp	x20, #4
	b.ne	3b
	mov	x20, #1
	/* Off is also what one is that has not begun: first its byte. */
4:	ldrb	w0, [x21, x20]
	cbz	w0, 4b
	wait_off x20
	add	x20, x20, #1
	cmp	x20, #4
	b.ne	4b
	ldr	w19, [x21]
	say	"three at once: "
	hex	x19, "\n"
	leave

/* Another CPU: no stack, nothing set up. */
second:	adr_l	x9, seen
	mrs	x10, mpidr_el1
	movl	x11, 0xff00ffffff
	and	x10, x10, x11
	stp	x10, x0, [x9]
	mrs	x10, currentel
	mrs	x11, daif
	stp	x10, x11, [x9, #16]
	mrs	x10, sctlr_el1
	and	x10, x10, #SCTLR_M
	str	x10, [x9, #32]
	adr_l	x9, word
	signal	x9, 1
	wait_word x9, 2
	psci	PSCI_CPU_OFF
	b	.

/* Its own byte of the word; there is no MMU, hence no exclusives. */
filler:	mrs	x10, mpidr_el1
	and	x10, x10, #0xff
	add	w11, w10, #0x10
	strb	w11, [x0, x10]
	psci	PSCI_CPU_OFF
	b	.

	.pool

	.bss
	.balign	64
word:	.skip	64
seen:	.skip	40
