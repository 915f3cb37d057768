/* SPDX-License-Identifier: MIT */
/* exception.h - taking exceptions to EL1 and returning, DDI 0487 D1. */
#ifndef CPU_ARM64_EXCEPTION_H
#define CPU_ARM64_EXCEPTION_H

#include "cpu/arm64/op.h"

/* ESR_ELx.EC, D17.2.37; of the pairs the one from a lower EL. */
enum a64_ec {
	EC_UNKNOWN = 0x00,
	EC_WFX = 0x01,
	EC_FP = 0x07,      /* CPACR_EL1.FPEN */
	EC_ILLEGAL = 0x0e, /* PSTATE.IL */
	EC_SVC = 0x15,
	EC_MSR = 0x18, /* trapped MSR, MRS or SYS */
	EC_IABT = 0x20,
	EC_PC_ALIGN = 0x22,
	EC_DABT = 0x24,
	EC_SP_ALIGN = 0x26,
	EC_SOFTSTEP = 0x32,
	EC_BRK = 0x3c,
	EC_SAME_EL = 1, /* added to IABT and DABT taken from EL1 */
};

/* DFSC and IFSC, to which the level of the walk is added. */
enum a64_fsc {
	FSC_ADDRESS = 0x00, /* address size */
	FSC_TRANSLATION = 0x04,
	FSC_ACCESS = 0x08,
	FSC_PERMISSION = 0x0c,
	FSC_EXTERNAL = 0x10,
	FSC_EXTERNAL_WALK = 0x14,
	FSC_ALIGNMENT = 0x21,
};

enum {
	ISS_WNR = 1 << 6, /* a data abort by a write */
	ISS_CM = 1 << 8,  /* ... by cache maintenance */
};

/* Take a synchronous exception; pc is the preferred return address. */
void a64_exception(struct a64 *c, uint64_t pc, unsigned ec, uint32_t iss);

/* Take the pending IRQ. */
void a64_take_irq(struct a64 *c);

/* Return from exception: PSTATE and pc from SPSR_EL1 and ELR_EL1. */
void a64_return(struct a64 *c);

/*
 * From within an operation: the instruction and those behind it have not been
 * retired.  Then take the exception, with the instruction's own address.
 */
void a64_unwind(struct a64 *c, const struct a64_op *op);
void a64_raise(struct a64 *c, const struct a64_op *op, unsigned ec,
	       uint32_t iss);

/* An abort of a data access at va; `iss` without the abort's origin. */
void a64_data_abort(struct a64 *c, const struct a64_op *op, uint64_t va,
		    uint32_t iss);

/* Operations that make any encoding undefined, or a trapped use of FP. */
a64_fn a64_op_undefined, a64_op_fp_trap;

#endif
