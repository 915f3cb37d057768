/* SPDX-License-Identifier: MIT */
/*
 * fuzz_acpi.c - the ACPI tables of any machine, also of those that cannot be,
 * in any room.  Either they are refused, or a guest that follows addresses
 * and lengths stays within them and finds the machine; and no more of it.
 *
 * Then the tables with some bytes overwritten: the reader, which is all we
 * have to judge them by, must see it by the checksum and read no byte beside.
 */
#include <stdio.h>
#include <string.h>

#include "acpi_read.h"
#include "arch/x86_64/layout.h"
#include "boot/acpi.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool is_a_machine(const struct acpi_config *c)
{
	return c->cpus >= 1 && c->cpus <= 4 && c->virtio <= 8;
}

static void check_madt(const struct aml_bytes *t, const struct acpi_config *c)
{
	size_t at = 44;
	unsigned lapics = 0, ioapics = 0;

	while (at < t->len) {
		const uint8_t *e = t->p + at;

		CHECK(t->len - at >= 2 && e[1] >= 2 && e[1] <= t->len - at);
		CHECK(e[0] == 0 ? e[1] == 8 && e[3] == lapics : e[0] == 1);
		lapics += e[0] == 0;
		ioapics += e[0] == 1;
		at += e[1];
	}
	CHECK(lapics == c->cpus && ioapics == 1);
}

static void check_crs(struct aml_bytes dsdt, unsigned slot)
{
	struct aml_item i;
	struct aml_res r;
	char path[32];

	(void)snprintf(path, sizeof(path), "\\_SB_/VIO%X/_CRS", slot & 0xf);
	CHECK(aml_find(dsdt, path, &i) && i.what == AML_BUFFER);
	CHECK(aml_read_res(&i.body, &r) && r.what == AML_RES_MEMORY);
	CHECK(r.base == X86_VIRTIO_BASE + slot * X86_VIRTIO_STEP);
	CHECK(r.len == X86_VIRTIO_SIZE);
	CHECK(aml_read_res(&i.body, &r) && r.what == AML_RES_IRQ);
	CHECK(r.base == X86_GSI_VIRTIO + slot && r.base < X86_GSIS);
	CHECK(aml_read_res(&i.body, &r) && r.what == AML_RES_END);
}

static void check_dsdt(const struct aml_bytes *t, const struct acpi_config *c)
{
	struct aml_bytes code = { t->p + 36, t->len - 36 };
	unsigned i, items;

	CHECK(aml_read_all(code, &items));
	CHECK(items == 1 + 5 + 3 * c->cpus + 2 * 5 + 6 * c->virtio);
	for (i = 0; i < c->virtio; i++)
		check_crs(code, i);
}

static void read_back(const uint8_t *buf, size_t len,
		      const struct acpi_config *c)
{
	struct acpi_read t;

	CHECK(!acpi_read(buf, len, X86_ACPI_GPA, &t));
	check_madt(&t.madt, c);
	check_dsdt(&t.dsdt, c);
}

/* All that is in AML is read with whatever is in it now. */
static void read_hostile(struct feed *f, uint8_t *buf, size_t len)
{
	struct aml_bytes code;
	struct aml_item item;
	struct acpi_read t;
	struct aml_res r;
	unsigned items;

	CHECK(!acpi_read(buf, len, X86_ACPI_GPA, &t));
	code = (struct aml_bytes){ t.dsdt.p + 36, t.dsdt.len - 36 };
	while (len && f->len) {
		size_t at = (size_t)feed_take(f, 2) % len;
		uint8_t was = buf[at];

		buf[at] = (uint8_t)feed_take(f, 1);
		if (buf[at] == was)
			continue;
		CHECK(acpi_read(buf, len, X86_ACPI_GPA, &t));
		(void)aml_read_all(code, &items);
		if (aml_find(code, "\\_SB_/COM1/_CRS", &item)) {
			while (item.body.len && aml_read_res(&item.body, &r)) {
			}
		}
		if (feed_take(f, 1) & 1) /* one alone, or one more */
			buf[at] = was;
		else
			break;
	}
}

/* In memory of exactly that size, so that a byte too far is seen. */
static void write_tables(struct feed *f, const struct acpi_config *c,
			 size_t room)
{
	uint8_t *buf = malloc(room ? room : 1);
	size_t len = 0;
	mv_error e;
	int rc;

	CHECK(buf);
	rc = acpi_write(c, buf, room, &len, &e);
	if (rc) {
		CHECK(rc ==
		      (is_a_machine(c) ? -MICROVM_ENOMEM : -MICROVM_EINVAL));
		CHECK(strncmp(e.msg, "ACPI tables: ", 13) == 0);
		CHECK(!is_a_machine(c) || room < ACPI_ROOM);
	} else {
		CHECK(is_a_machine(c) && len <= room);
		read_back(buf, len, c);
		read_hostile(f, buf, len);
	}
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed f = { data, len };
	struct acpi_config c;
	size_t room =
		feed_take(&f, 1) & 1 ? ACPI_ROOM : (size_t)feed_take(&f, 2);

	c.cpus = (unsigned)feed_take(&f, 1) % 7;
	c.virtio = (unsigned)feed_take(&f, 1) % 11;
	if (feed_take(&f, 1) & 1)
		c.virtio |= (unsigned)feed_take(&f, 4) << 4;
	write_tables(&f, &c, room);
	return 0;
}
