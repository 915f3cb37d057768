/* SPDX-License-Identifier: MIT */
/*
 * gic.h - guests' code for a GIC of either version, told by x21.
 *
 * Clobbers x1 to x3.  IHI 0069 chapter 12, IHI 0048 chapter 4.
 */
#ifndef TESTS_UNIT_BACKEND_KVM_ARM64_GIC_H
#define TESTS_UNIT_BACKEND_KVM_ARM64_GIC_H

/* clang-format off */

#define ICC_IAR1 "S3_0_C12_C12_0"
#define ICC_EOIR1 "S3_0_C12_C12_1"
#define ICC_SRE "S3_0_C12_C12_5"
#define ICC_IGRPEN1 "S3_0_C12_C12_7"
#define ICC_PMR "S3_0_C4_C6_0"

/*
 * All of SPIs 32 to 63 and PPI 27, to the first CPU.  A v3: GICD_CTLR,
 * IGROUPR1, ISENABLER1; GICR_WAKER; IGROUPR0, ISENABLER0; the ICC registers.
 * A v2: GICD_CTLR, ISENABLER<n>, ITARGETSR10; GICC_PMR, GICC_CTLR.
 */
#define GIC_ON \
	"msr vbar_el1, x22\nisb\n" \
	"mov x1, #0x08000000\nmov w2, #-1\ncmp x21, #3\nb.ne 1f\n" \
	"mov w3, #0x12\nstr w3, [x1]\nstr w2, [x1, #0x84]\n" \
	"str w2, [x1, #0x104]\n" \
	"add x1, x1, #0xa0000\nstr wzr, [x1, #0x14]\n" \
	"add x1, x1, #0x10000\nstr w2, [x1, #0x80]\n" \
	"mov w3, #0x08000000\nstr w3, [x1, #0x100]\n" \
	"mov x2, #7\nmsr " ICC_SRE ", x2\nisb\nmov x2, #0xff\n" \
	"msr " ICC_PMR ", x2\nmov x2, #1\nmsr " ICC_IGRPEN1 ", x2\n" \
	"isb\nb 2f\n" \
	"1: mov w3, #1\nstr w3, [x1]\nstr w2, [x1, #0x104]\n" \
	"mov w3, #0x08000000\nstr w3, [x1, #0x100]\n" \
	"mov w3, #0x01010101\nstr w3, [x1, #0x828]\n" \
	"add x1, x1, #0x10000\nmov w3, #0xff\nstr w3, [x1, #4]\n" \
	"mov w3, #1\nstr w3, [x1]\n" \
	"2:\n"

#define GIC_ACK(reg) \
	"cmp x21, #3\nb.ne 1f\nmrs x" #reg ", " ICC_IAR1 "\nb 2f\n" \
	"1: mov x1, #0x08010000\nldr w" #reg ", [x1, #0xc]\n2: dsb sy\n"

#define GIC_END(reg) \
	"cmp x21, #3\nb.ne 1f\nmsr " ICC_EOIR1 ", x" #reg "\nb 2f\n" \
	"1: mov x1, #0x08010000\nstr w" #reg ", [x1, #0x10]\n2: isb\n"

#define WINDOW "msr daifclr, #2\nisb\nmsr daifset, #2\n"

/* clang-format on */

#endif
