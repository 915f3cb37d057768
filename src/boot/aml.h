/* SPDX-License-Identifier: MIT */
/*
 * aml.h - a writer of ACPI Machine Language: as much of it as says which
 * devices there are and what they use.  Knows no device.
 *
 * ACPI 6.4, chapter 20 for the language and 6.4 for resources.  The caller
 * says what a .asl file would say, in the same order:
 *
 *	aml_device(a, "COM1");
 *	aml_name(a, "_HID");
 *	aml_eisa_id(a, "PNP0501");
 *	aml_end(a);
 *
 * The first failure is kept; all calls behind it do nothing, and aml_fini()
 * tells.
 */
#ifndef BOOT_AML_H
#define BOOT_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { AML_DEPTH = 8 };

struct aml_block {
	size_t   at;    /* its content; the length goes before it */
	unsigned kind;
	unsigned count; /* objects in it, if it is a package */
};

struct aml {
	uint8_t         *buf;
	size_t           room;
	size_t           len;
	unsigned         depth;
	struct aml_block open[AML_DEPTH];       /* outermost first */
	bool             named; /* aml_name() waits for its object */
	int              rc;    /* of the first failure */
	const char      *wrong; /* what that was */
};

/* Of `room`, 256 MiB at most are used: the longest block there can be. */
void aml_init(struct aml *a, void *buf, size_t room);

/*
 * How long it became.  MICROVM_ENOMEM when it does not fit, MICROVM_EINVAL
 * when the calls do not make sense.
 */
int aml_fini(struct aml *a, size_t *len, mv_error *err) MUST_CHECK;

/* Blocks, each closed by aml_end().  Paths are as in \\_SB.COM1 or ^^FOO. */
void aml_scope(struct aml *a, const char *path);
void aml_device(struct aml *a, const char *path);
void aml_package(struct aml *a);
void aml_resources(struct aml *a);
void aml_end(struct aml *a);

/* The object that comes next has this name. */
void aml_name(struct aml *a, const char *path);

/* Objects: behind aml_name(), or any number of them in a package. */
void aml_int(struct aml *a, uint64_t v);
void aml_text(struct aml *a, const char *s);    /* ASCII */
void aml_buffer(struct aml *a, const void *p, size_t len);
void aml_eisa_id(struct aml *a, const char *id); /* "PNP0501", as a number */

/* Within aml_resources(): ports, registers, an active high edge. */
void aml_io(struct aml *a, uint16_t port, uint8_t len);
void aml_memory(struct aml *a, uint32_t base, uint32_t len);
void aml_edge(struct aml *a, uint32_t gsi);

#endif
