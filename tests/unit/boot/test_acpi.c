/* SPDX-License-Identifier: MIT */
#include "boot/acpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/cmos.h"

#include "../check.h"
#include "acpi_read.h"
#include "arch/x86_64/layout.h"
#include "base/bytes.h"
#include "base/container.h"

struct machine {
	uint8_t buf[ACPI_ROOM];
	size_t len;
	struct acpi_read t;
	struct aml_bytes code; /* of the DSDT */
};

/* Write them over what is not zero: all bytes must come from us. */
static void build(struct machine *m, unsigned cpus, unsigned virtio)
{
	const struct acpi_config cfg = { cpus, virtio };
	const char *wrong;

	memset(m->buf, 0xee, sizeof(m->buf));
	assert_int_equal(
		acpi_write(&cfg, m->buf, sizeof(m->buf), &m->len, NULL), 0);
	wrong = acpi_read(m->buf, m->len, X86_ACPI_GPA, &m->t);
	if (wrong)
		print_error("%s\n", wrong);
	assert_null(wrong);
	m->code.p = m->t.dsdt.p + 36;
	m->code.len = m->t.dsdt.len - 36;
}

static struct aml_item find(const struct machine *m, const char *path)
{
	struct aml_item i;

	if (!aml_find(m->code, path, &i))
		print_error("no %s\n", path);
	assert_true(aml_find(m->code, path, &i));
	return i;
}

static void expect_int(const struct machine *m, const char *path, uint64_t v)
{
	struct aml_item i = find(m, path);

	assert_int_equal(i.what, AML_INT);
	assert_true(i.value == v);
}

static void expect_text(const struct machine *m, const char *path,
			const char *text)
{
	struct aml_item i = find(m, path);

	assert_int_equal(i.what, AML_TEXT);
	assert_int_equal(i.body.len, strlen(text));
	assert_memory_equal(i.body.p, text, i.body.len);
}

enum { NO_GSI = -1 };

/* A register or ports, one edge or none, and nothing else. */
static void expect_crs(const struct machine *m, const char *path,
		       enum aml_res_what what, uint64_t base, uint64_t len,
		       int gsi)
{
	struct aml_item i = find(m, path);
	struct aml_res r;

	assert_int_equal(i.what, AML_BUFFER);
	assert_true(aml_read_res(&i.body, &r));
	assert_int_equal(r.what, what);
	assert_int_equal(r.base, base);
	assert_int_equal(r.len, len);
	if (gsi != NO_GSI) {
		assert_true(aml_read_res(&i.body, &r));
		assert_int_equal(r.what, AML_RES_IRQ);
		assert_int_equal(r.base, gsi);
		assert_int_equal(r.flags, 3); /* consumer, edge, high, sole */
	}
	assert_true(aml_read_res(&i.body, &r));
	assert_int_equal(r.what, AML_RES_END);
	assert_int_equal(i.body.len, 0);
}

/* 5.2.3.2: a byte at an I/O port */
static void expect_port(const uint8_t *gas, uint16_t port)
{
	const uint8_t want[] = {
		1, 8, 0, 1, (uint8_t)port, (uint8_t)(port >> 8), 0, 0,
		0, 0, 0, 0
	};

	assert_memory_equal(gas, want, sizeof(want));
}

static void test_the_rsdp_is_the_first(void **s)
{
	struct machine m;

	(void)s;
	build(&m, 1, 1);
	assert_ptr_equal(m.t.rsdp.p, m.buf);
	assert_int_equal(m.t.rsdp.p[15], 2);
	assert_int_equal(le32(m.t.rsdp.p + 16), 0); /* no RSDT */
}

static void test_every_table_says_who_made_it(void **s)
{
	struct machine m;
	const struct aml_bytes *t[] = { &m.t.xsdt, &m.t.fadt, &m.t.madt,
					&m.t.dsdt };
	static const uint8_t revision[] = { 1, 6, 5, 2 };
	size_t i;

	(void)s;
	build(&m, 1, 1);
	assert_memory_equal(m.t.rsdp.p + 9, "MICROV", 6);
	for (i = 0; i < LEN(t); i++) {
		assert_int_equal(t[i]->p[8], revision[i]);
		assert_memory_equal(t[i]->p + 10, "MICROVMICROVM ", 14);
		assert_int_equal(le32(t[i]->p + 24), 1);
		assert_memory_equal(t[i]->p + 28, "MUVM", 4);
		assert_int_equal(le32(t[i]->p + 32), 1);
	}
}

static void test_the_fadt_is_hardware_reduced(void **s)
{
	struct machine m;
	const uint8_t *p;
	uint32_t flags;

	(void)s;
	build(&m, 1, 0);
	p = m.t.fadt.p;
	flags = le32(p + 112);
	assert_true(flags & 1 << 20);               /* HW_REDUCED_ACPI */
	assert_int_equal(flags & 0x70, 0x70);       /* no fixed events */
	assert_int_equal(p[131], 4);                /* ACPI 6.4 */
	assert_int_equal(le32(p + 36), 0);          /* no FACS */
	assert_int_equal(le64(p + 132), 0);         /* here neither */
	assert_true(le64(p + 140) == le32(p + 40)); /* both DSDTs */
	assert_int_equal(le32(p + 48), 0);          /* no SMI port */
	assert_memory_equal(p + 268, "microvm", 8);
}

static void test_the_fadt_tells_where_to_sleep_and_reset(void **s)
{
	struct machine m;

	(void)s;
	build(&m, 1, 0);
	assert_true(le32(m.t.fadt.p + 112) & 1 << 10); /* RESET_REG_SUP */
	expect_port(m.t.fadt.p + 116, X86_PORT_RESET);
	assert_int_equal(m.t.fadt.p[128], X86_RESET);
	expect_port(m.t.fadt.p + 244, X86_PORT_SLEEP);
	expect_port(m.t.fadt.p + 256, X86_PORT_WAKE);
}

static void test_the_guest_need_not_probe_for_old_hardware(void **s)
{
	struct machine m;
	unsigned boot;

	(void)s;
	build(&m, 1, 0);
	boot = le16(m.t.fadt.p + 109);
	assert_false(boot & 1 << 0); /* nothing that is not in the DSDT */
	assert_false(boot & 1 << 1); /* no 8042 */
	assert_true(boot & 1 << 2);  /* no VGA */
	assert_false(boot & 1 << 5); /* a CMOS RTC there is */
	assert_int_equal(le32(m.t.madt.p + 40), 0); /* no 8259s */
}

static void test_the_guest_is_told_where_the_century_is(void **s)
{
	struct machine m;

	(void)s;
	build(&m, 1, 0);
	assert_int_equal(m.t.fadt.p[108], CMOS_CENTURY);
}

static void test_the_fadt_has_nothing_else(void **s)
{
	static const struct {
		size_t at, len;
	} known[] = {
		{ 0, 36 },  { 40, 4 },  { 108, 3 },  { 112, 17 },
		{ 131, 1 }, { 140, 8 }, { 244, 32 },
	};
	struct machine m;
	size_t i, k;

	(void)s;
	build(&m, X86_MAX_CPUS, X86_MAX_VIRTIO);
	for (i = 0; i < m.t.fadt.len; i++) {
		bool is = false;

		for (k = 0; k < LEN(known); k++)
			is |= i - known[k].at < known[k].len;
		if (!is)
			assert_int_equal(m.t.fadt.p[i], 0);
	}
}

static void test_the_madt_lists_every_cpu_and_the_ioapic(void **s)
{
	unsigned cpus, i;

	(void)s;
	for (cpus = 1; cpus <= X86_MAX_CPUS; cpus++) {
		struct machine m;
		const uint8_t *p;

		build(&m, cpus, 0);
		p = m.t.madt.p + 44;
		assert_int_equal(le32(m.t.madt.p + 36), X86_LAPIC_BASE);
		assert_int_equal(m.t.madt.len, 44 + cpus * 8 + 12);
		for (i = 0; i < cpus; i++, p += 8) {
			assert_int_equal(le16(p), 8 << 8); /* LAPIC, len 8 */
			assert_int_equal(p[2], i);
			assert_int_equal(p[3], i);
			assert_int_equal(le32(p + 4), 1); /* enabled */
		}
		assert_int_equal(le32(p), 0x0c01); /* IOAPIC, len 12, ID 0 */
		assert_int_equal(le32(p + 4), X86_IOAPIC_BASE);
		assert_int_equal(le32(p + 8), 0); /* GSIs from 0 */
	}
}

static void test_every_cpu_is_a_device_with_the_uid_of_the_madt(void **s)
{
	struct machine m;
	unsigned i;

	(void)s;
	build(&m, X86_MAX_CPUS, 0);
	for (i = 0; i < X86_MAX_CPUS; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "\\_SB_/CPU%u/_HID", i);
		expect_text(&m, path, "ACPI0007");
		(void)snprintf(path, sizeof(path), "\\_SB_/CPU%u/_UID", i);
		expect_int(&m, path, i);
	}
}

static void test_the_devices_of_a_pc_are_told(void **s)
{
	struct machine m;

	(void)s;
	build(&m, 1, 0);
	assert_int_equal(find(&m, "\\_SB_/COM1").what, AML_DEVICE);
	expect_int(&m, "\\_SB_/COM1/_HID", 0x0105d041); /* PNP0501 */
	expect_int(&m, "\\_SB_/COM1/_UID", 0);
	expect_int(&m, "\\_SB_/COM1/_STA", 15);
	expect_crs(&m, "\\_SB_/COM1/_CRS", AML_RES_IO, 0x3f8, 8, 4);
	assert_int_equal(find(&m, "\\_SB_/RTC_").what, AML_DEVICE);
	expect_int(&m, "\\_SB_/RTC_/_HID", 0x000bd041); /* PNP0B00 */
	expect_int(&m, "\\_SB_/RTC_/_UID", 0);
	expect_int(&m, "\\_SB_/RTC_/_STA", 15);
	expect_crs(&m, "\\_SB_/RTC_/_CRS", AML_RES_IO, 0x70, 2, NO_GSI);
}

static void test_virtio_slots_follow_each_other(void **s)
{
	struct machine m;
	unsigned i;

	(void)s;
	build(&m, 1, X86_MAX_VIRTIO);
	for (i = 0; i < X86_MAX_VIRTIO; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "\\_SB_/VIO%u/_HID", i);
		expect_text(&m, path, "LNRO0005");
		(void)snprintf(path, sizeof(path), "\\_SB_/VIO%u/_UID", i);
		expect_int(&m, path, i);
		(void)snprintf(path, sizeof(path), "\\_SB_/VIO%u/_CCA", i);
		expect_int(&m, path, 1);
		(void)snprintf(path, sizeof(path), "\\_SB_/VIO%u/_STA", i);
		expect_int(&m, path, 15);
		(void)snprintf(path, sizeof(path), "\\_SB_/VIO%u/_CRS", i);
		expect_crs(&m, path, AML_RES_MEMORY, 0xd0000000 + 0x1000 * i,
			   0x200, (int)(16 + i));
	}
}

static void test_soft_off_is_s5(void **s)
{
	struct machine m;

	(void)s;
	build(&m, 1, 0);
	assert_int_equal(find(&m, "\\_S5_").what, AML_PACKAGE);
	assert_int_equal(find(&m, "\\_S5_").count, 4);
	expect_int(&m, "\\_S5_/0", X86_SLEEP_S5);
}

/* Scope and S5's six, three for a CPU, five for a PC device, six for virtio. */
static void test_what_is_not_there_is_not_told(void **s)
{
	unsigned cpus, virtio, items;

	(void)s;
	for (cpus = 1; cpus <= X86_MAX_CPUS; cpus++) {
		for (virtio = 0; virtio <= X86_MAX_VIRTIO; virtio++) {
			struct machine m;

			build(&m, cpus, virtio);
			assert_true(aml_read_all(m.code, &items));
			assert_int_equal(items,
					 1 + 5 + 3 * cpus + 2 * 5 + 6 * virtio);
		}
	}
}

static void test_the_same_machine_has_the_same_tables(void **s)
{
	struct machine a, b;

	(void)s;
	build(&a, 2, 3);
	build(&b, 2, 3);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.buf, b.buf, a.len);
}

static void test_too_little_room_is_an_error_at_every_size(void **s)
{
	const struct acpi_config cfg = { X86_MAX_CPUS, X86_MAX_VIRTIO };
	size_t need, room, len;
	struct machine m;

	(void)s;
	build(&m, cfg.cpus, cfg.virtio);
	need = m.len;
	assert_true(need <= ACPI_ROOM / 2);
	for (room = 0; room <= need; room++) {
		uint8_t *buf = malloc(room ? room : 1);
		mv_error e;
		int rc;

		assert_non_null(buf);
		rc = acpi_write(&cfg, buf, room, &len, &e);
		assert_int_equal(rc, room < need ? -MICROVM_ENOMEM : 0);
		if (rc)
			assert_memory_equal(e.msg, "ACPI tables: ", 13);
		free(buf);
	}
}

static void test_the_table_without_room_is_named(void **s)
{
	static const struct {
		size_t room;
		const char *msg;
	} rows[] = {
		{ 35, "ACPI tables: RSDP does not fit 35 bytes" },
		{ 60, "ACPI tables: XSDT does not fit 60 bytes" },
		{ 200, "ACPI tables: FADT does not fit 200 bytes" },
		{ 420, "ACPI tables: MADT does not fit 420 bytes" },
		{ 600, "ACPI tables: DSDT does not fit 600 bytes" },
	};
	const struct acpi_config cfg = { 1, 1 };
	uint8_t buf[ACPI_ROOM];
	size_t i, len;
	mv_error e;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		assert_int_equal(acpi_write(&cfg, buf, rows[i].room, &len, &e),
				 -MICROVM_ENOMEM);
		assert_string_equal(e.msg, rows[i].msg);
	}
}

static void test_machines_that_do_not_exist_are_refused(void **s)
{
	static const struct acpi_config bad[] = {
		{ 0, 1 },
		{ X86_MAX_CPUS + 1, 1 },
		{ 1, X86_MAX_VIRTIO + 1 },
		{ UINT32_MAX, UINT32_MAX },
	};
	static const char *const msg[] = {
		"ACPI tables: 0 CPUs, the machine has 1 to 4",
		"ACPI tables: 5 CPUs, the machine has 1 to 4",
		"ACPI tables: 9 virtio devices, the machine has room for 8",
		"ACPI tables: 4294967295 CPUs, the machine has 1 to 4",
	};
	uint8_t buf[ACPI_ROOM];
	size_t i, len;
	mv_error e;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		assert_int_equal(
			acpi_write(&bad[i], buf, sizeof(buf), &len, &e),
			-MICROVM_EINVAL);
		assert_string_equal(e.msg, msg[i]);
	}
}

static void test_the_tables_are_put_into_guest_memory(void **s)
{
	enum { SIZE = 0x100000 };
	const struct acpi_config cfg = { 2, 3 };
	uint8_t *ram = calloc(1, SIZE);
	struct gmem mem = { 1, { { 0, SIZE, ram } } };
	struct acpi_tables out;
	struct acpi_read t;
	size_t i;

	(void)s;
	assert_non_null(ram);
	assert_int_equal(acpi_load(&cfg, &mem, &out, NULL), 0);
	assert_int_equal(out.rsdp_gpa, X86_ACPI_GPA);
	assert_null(acpi_read(ram + X86_ACPI_GPA, out.len, out.rsdp_gpa, &t));
	for (i = 0; i < SIZE; i++) {
		if (i - X86_ACPI_GPA >= out.len)
			assert_int_equal(ram[i], 0);
	}
	free(ram);
}

static void test_memory_that_is_not_there_is_an_error(void **s)
{
	static uint8_t ram[0x1000];
	const struct acpi_config cfg = { 1, 1 }, none = { 0, 0 };
	struct gmem mem = { 1, { { X86_ACPI_GPA - 0xf80, 0x1000, ram } } };
	struct acpi_tables out = { 1, 2 };
	mv_error e;

	(void)s;
	assert_int_equal(acpi_load(&cfg, &mem, &out, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "no RAM for the ACPI tables at 0xe0000");
	assert_int_equal(acpi_load(&none, &mem, &out, &e), -MICROVM_EINVAL);
	assert_true(out.rsdp_gpa == 1 && out.len == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_rsdp_is_the_first),
		cmocka_unit_test(test_every_table_says_who_made_it),
		cmocka_unit_test(test_the_fadt_is_hardware_reduced),
		cmocka_unit_test(test_the_fadt_tells_where_to_sleep_and_reset),
		cmocka_unit_test(
			test_the_guest_need_not_probe_for_old_hardware),
		cmocka_unit_test(test_the_guest_is_told_where_the_century_is),
		cmocka_unit_test(test_the_fadt_has_nothing_else),
		cmocka_unit_test(test_the_madt_lists_every_cpu_and_the_ioapic),
		cmocka_unit_test(
			test_every_cpu_is_a_device_with_the_uid_of_the_madt),
		cmocka_unit_test(test_the_devices_of_a_pc_are_told),
		cmocka_unit_test(test_virtio_slots_follow_each_other),
		cmocka_unit_test(test_soft_off_is_s5),
		cmocka_unit_test(test_what_is_not_there_is_not_told),
		cmocka_unit_test(test_the_same_machine_has_the_same_tables),
		cmocka_unit_test(
			test_too_little_room_is_an_error_at_every_size),
		cmocka_unit_test(test_the_table_without_room_is_named),
		cmocka_unit_test(test_machines_that_do_not_exist_are_refused),
		cmocka_unit_test(test_the_tables_are_put_into_guest_memory),
		cmocka_unit_test(test_memory_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
