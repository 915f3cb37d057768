/* SPDX-License-Identifier: MIT */
/*
 * layout.h - where things are in the arm64 machine.
 *
 * The memory map and interrupt numbers the FDT tells the guest and the board
 * wires up.  Nothing here is known to the guest by other means.
 */
#ifndef ARCH_ARM64_LAYOUT_H
#define ARCH_ARM64_LAYOUT_H

#include <stdint.h>

#define ARM64_GICD_BASE   UINT64_C(0x08000000) /* distributor */
#define ARM64_GICD_SIZE   UINT64_C(0x00010000)
#define ARM64_GICC_BASE   UINT64_C(0x08010000) /* CPU interface of a GICv2 */
#define ARM64_GICC_SIZE   UINT64_C(0x00002000)
#define ARM64_GICR_BASE   UINT64_C(0x080a0000) /* redistributors, in order */
#define ARM64_GICR_STRIDE UINT64_C(0x00020000) /* RD_base and SGI_base */
#define ARM64_UART_BASE   UINT64_C(0x09000000) /* PL011 */
#define ARM64_UART_SIZE   UINT64_C(0x00001000)
#define ARM64_RTC_BASE    UINT64_C(0x09010000) /* PL031 */
#define ARM64_RTC_SIZE    UINT64_C(0x00001000)
#define ARM64_VIRTIO_BASE UINT64_C(0x0a000000) /* virtio-mmio, 0x200 each */
#define ARM64_VIRTIO_SIZE UINT64_C(0x00000200)
#define ARM64_RAM_BASE    UINT64_C(0x40000000)

/* Interrupt IDs as the GIC numbers them: PPIs from 16, SPIs from 32. */
enum {
	ARM64_PPI_HYP_TIMER  = 26,
	ARM64_PPI_VIRT_TIMER = 27,
	ARM64_PPI_PHYS_SEC   = 29,
	ARM64_PPI_PHYS_TIMER = 30,
	ARM64_SPI_UART       = 33,
	ARM64_SPI_VIRTIO     = 48,      /* the first of them */
};

#define ARM64_GIC_INTIDS 96     /* SGIs, PPIs and 64 SPIs */
#define ARM64_UART_HZ    24000000
#define ARM64_MAX_CPUS   4

#endif
