/* SPDX-License-Identifier: MIT */
/*
 * layout.h - where things are in the x86_64 machine.
 *
 * RAM from 0, with a hole below 4 GiB for devices; what does not fit below the
 * hole is above 4 GiB.  No PIC, no PIT, no PCI: interrupts are IOAPIC pins,
 * and ACPI tells the guest what there is.  Where a fixed place of the PC is
 * used, Linux knows it without being told.
 */
#ifndef ARCH_X86_64_LAYOUT_H
#define ARCH_X86_64_LAYOUT_H

#include <stdint.h>

/* RAM below the hole: what is left for the rest begins at 4 GiB. */
#define X86_HOLE_BASE UINT64_C(0xd0000000)
#define X86_HIGH_BASE UINT64_C(0x100000000)

/* In the hole. */
#define X86_VIRTIO_BASE UINT64_C(0xd0000000) /* virtio-mmio, a page each */
#define X86_VIRTIO_STEP UINT64_C(0x00001000)
#define X86_VIRTIO_SIZE UINT64_C(0x00000200)
#define X86_IOAPIC_BASE UINT64_C(0xfec00000)
#define X86_IOAPIC_SIZE UINT64_C(0x00001000)
#define X86_LAPIC_BASE UINT64_C(0xfee00000)
#define X86_LAPIC_SIZE UINT64_C(0x00001000)

/* I/O ports. */
enum {
	X86_PORT_PIT = 0x40, /* there is none: dev/nopit.h */
	X86_PORT_I8042_DATA = 0x60,
	X86_PORT_GATE = 0x61, /* the PIT's gate and output */
	X86_PORT_I8042_CMD = 0x64,
	X86_PORT_CMOS = 0x70, /* index; data is the next */
	X86_PORT_COM1 = 0x3f8,
	X86_PORT_SLEEP = 0x600, /* ACPI sleep control */
	X86_PORT_WAKE = 0x601,  /* ACPI sleep status */
	X86_PORT_RESET = 0x602, /* ACPI reset register; takes X86_RESET */
	X86_RESET = 0x42,
	X86_SLEEP_S5 = 5, /* SLP_TYP of soft-off */
};

/* Pins of the IOAPIC, which are the global system interrupts. */
enum {
	X86_GSI_COM1 = 4,
	X86_GSI_VIRTIO = 16, /* the first of them */
	X86_GSIS = 24,
	X86_MAX_VIRTIO = X86_GSIS - X86_GSI_VIRTIO,
};

/* What the loader puts into low memory, below the first 640 KiB. */
#define X86_GDT_GPA UINT64_C(0x00000500)
#define X86_ZERO_PAGE_GPA UINT64_C(0x00007000) /* struct boot_params */
#define X86_PVH_INFO_GPA UINT64_C(0x00006000)
#define X86_SETUP_DATA_GPA UINT64_C(0x00008000) /* the random seed */
#define X86_PML4_GPA UINT64_C(0x00009000) /* and the tables behind it */
#define X86_CMDLINE_GPA UINT64_C(0x00020000)
#define X86_CMDLINE_SIZE UINT64_C(0x00001000)
#define X86_EBDA_GPA UINT64_C(0x0009fc00) /* end of low RAM */
#define X86_ACPI_GPA UINT64_C(0x000e0000) /* RSDP first; to 1 MiB */
#define X86_ACPI_SIZE UINT64_C(0x00020000)
#define X86_KERNEL_GPA UINT64_C(0x00100000)

#define X86_MAX_CPUS 4

#endif
