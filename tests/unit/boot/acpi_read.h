/* SPDX-License-Identifier: MIT */
/*
 * acpi_read.h - finds the ACPI tables as a guest does: from the RSDP on, by
 * the addresses and lengths they give.  Written from ACPI 6.4, 5.2; shares
 * nothing with boot/acpi.c but where the machine has things.
 */
#ifndef TESTS_UNIT_BOOT_ACPI_READ_H
#define TESTS_UNIT_BOOT_ACPI_READ_H

#include "aml_read.h"

/* Each without what is not its own; headers included. */
struct acpi_read {
	struct aml_bytes rsdp, xsdt, fadt, madt, dsdt;
};

/*
 * The tables in p[0..len-1], which the guest sees at `gpa`.  NULL, or what is
 * wrong: a checksum, a signature, a place out of bounds, not on 16 bytes or
 * not its own, or bytes that belong to no table and are not 0.
 */
const char *acpi_read(const uint8_t *p, size_t len, uint64_t gpa,
		      struct acpi_read *out);

#endif
