/* SPDX-License-Identifier: MIT */
/* smp.h - starting the other CPUs, and waiting for them without sleep. */

	/* Start CPU \cpu at \entry with x0 = \arg; the answer is in x0. */
	.macro	cpu_on cpu, entry, arg
	mov	x1, \cpu
	adr	x2, \entry
	mov	x3, \arg
	psci	PSCI_CPU_ON
	.endm

	/* Wait until CPU \cpu has switched itself off. */
	.macro	wait_off cpu
9993:	mov	x1, \cpu
	mov	x2, #0
	psci	PSCI_AFFINITY_INFO
	cmp	x0, #1
	b.ne	9993b
	.endm

	/* Wait until the word at \reg is \value; w0 changes. */
	.macro	wait_word reg, value
9993:	ldar	w0, [\reg]
	cmp	w0, #(\value)
	b.eq	9994f
	yield
	b	9993b
9994:
	.endm

	/* Give it that value, after all that was done before. */
	.macro	signal reg, value
	mov	w0, #(\value)
	stlr	w0, [\reg]
	.endm
