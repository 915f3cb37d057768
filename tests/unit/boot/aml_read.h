/* SPDX-License-Identifier: MIT */
/*
 * aml_read.h - reads ACPI Machine Language of the kind that describes
 * devices, to check what ours says.  Written from ACPI 6.4, chapters 6.4 and
 * 20, and shares nothing with boot/aml.c.  Trusts no length.
 */
#ifndef TESTS_UNIT_BOOT_AML_READ_H
#define TESTS_UNIT_BOOT_AML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes not read yet. */
struct aml_bytes {
	const uint8_t *p;
	size_t         len;
};

enum aml_what { AML_SCOPE, AML_DEVICE, AML_INT, AML_TEXT, AML_PACKAGE,
		AML_BUFFER };

enum { AML_PATH = 64 };

/* A scope, a device or an object; an object in a package has no name. */
struct aml_item {
	enum aml_what    what;
	char             name[AML_PATH]; /* "\\_SB_", "_HID", "AAAA.BBBB" */
	uint64_t         value;          /* of AML_INT */
	unsigned         count;          /* of AML_PACKAGE */
	struct aml_bytes body;           /* of all others */
};

/* Read what comes next; false when that is nothing we know. */
bool aml_read(struct aml_bytes *b, struct aml_item *out);

/*
 * Find "\\_SB_/COM1/_CRS", one name per block, and the packages' objects by
 * their number: "\\_S5_/0".
 */
bool aml_find(struct aml_bytes b, const char *path, struct aml_item *out);

/* Can all of it be read, down to the last object?  How many are there? */
bool aml_read_all(struct aml_bytes b, unsigned *items);

enum aml_res_what { AML_RES_IO, AML_RES_MEMORY, AML_RES_IRQ, AML_RES_END };

struct aml_res {
	enum aml_res_what what;
	uint64_t          base; /* or the interrupt */
	uint64_t          len;
	unsigned          flags; /* of the interrupt: 6.4.3.6 */
};

bool aml_read_res(struct aml_bytes *b, struct aml_res *out);

#endif
