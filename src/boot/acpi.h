/* SPDX-License-Identifier: MIT */
/*
 * acpi.h - the ACPI tables: what the x86_64 guest is told of its machine.
 *
 * Addresses and interrupts come from arch/x86_64/layout.h; the rest from the
 * caller.  ACPI 6.4, hardware-reduced (4.1): no fixed hardware but the sleep
 * and reset registers, and no FACS.
 */
#ifndef BOOT_ACPI_H
#define BOOT_ACPI_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/gmem.h"

struct acpi_config {
	unsigned cpus;   /* 1 .. X86_MAX_CPUS; APIC IDs from 0 */
	unsigned virtio; /* 0 .. X86_MAX_VIRTIO slots */
};

struct acpi_tables {
	uint64_t rsdp_gpa;
	size_t   len; /* of all tables, from the RSDP on */
};

/* Large enough for any machine above. */
enum { ACPI_ROOM = 4096 };

/*
 * Write the tables as they are to stand at X86_ACPI_GPA to buf[0..room-1],
 * the RSDP first; *len tells how long they became.
 */
int acpi_write(const struct acpi_config *cfg, void *buf, size_t room,
	       size_t *len, mv_error *err) MUST_CHECK;

/* Put them there. */
int acpi_load(const struct acpi_config *cfg, const struct gmem *mem,
	      struct acpi_tables *out, mv_error *err) MUST_CHECK;

#endif
