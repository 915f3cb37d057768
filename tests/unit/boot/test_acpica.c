/* SPDX-License-Identifier: MIT */
/*
 * test_acpica.c - the ACPI tables before ACPICA, the implementation that Linux
 * has: its disassembler, its compiler and its interpreter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "acpi_read.h"
#include "arch/x86_64/layout.h"
#include "base/container.h"
#include "boot/acpi.h"

#if defined(IASL) && defined(ACPIEXEC)
enum { OUTPUT = 64 * 1024, CREATOR = 28, HEADER = 36 };

static const struct acpi_config machines[] = {
	{ 1, 0 },
	{ 2, 1 },
	{ X86_MAX_CPUS, X86_MAX_VIRTIO },
};

/* A folder of its own, with the tables of a machine in it. */
struct rig {
	char dir[32];
	uint8_t buf[ACPI_ROOM];
	struct acpi_read t;
};

static void put_file(const struct rig *r, const char *name,
		     const struct aml_bytes *b)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(b->p, 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
}

static size_t get_file(const struct rig *r, const char *name, void *p,
		       size_t room)
{
	char path[256];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(p, 1, room, f);
	assert_true(n < room);
	assert_int_equal(fclose(f), 0);
	return n;
}

static void set_up(struct rig *r, const struct acpi_config *cfg)
{
	size_t len;

	(void)snprintf(r->dir, sizeof(r->dir), "test-acpi-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	assert_int_equal(acpi_write(cfg, r->buf, sizeof(r->buf), &len, NULL),
			 0);
	assert_null(acpi_read(r->buf, len, X86_ACPI_GPA, &r->t));
	put_file(r, "xsdt.aml", &r->t.xsdt);
	put_file(r, "facp.aml", &r->t.fadt);
	put_file(r, "apic.aml", &r->t.madt);
	put_file(r, "dsdt.aml", &r->t.dsdt);
}

/* Run it there; its output with its complaints must be `out`'s to free. */
static char *run(const struct rig *r, const char *command)
{
	char line[400], *out = malloc(OUTPUT);
	size_t n;
	FILE *f;

	assert_non_null(out);
	(void)snprintf(line, sizeof(line), "(cd %s && %s) 2>&1", r->dir,
		       command);
	f = popen(line, "r");
	assert_non_null(f);
	n = fread(out, 1, OUTPUT, f);
	assert_true(n < OUTPUT);
	out[n] = '\0';
	if (pclose(f) != 0) {
		print_error("%s:\n%s\n", command, out);
		assert_true(false);
	}
	return out;
}

static void expect(const char *out, const char *text)
{
	if (!strstr(out, text))
		print_error("no \"%s\" in:\n%s\n", text, out);
	assert_non_null(strstr(out, text));
}

static void tear_down(const struct rig *r)
{
	char line[80];

	(void)snprintf(line, sizeof(line), "rm -r %s", r->dir);
	assert_int_equal(system(line), 0);
}

/*
 * Disassembled and compiled again without any optimization of names, it is
 * the same to the last byte, except for who made it and so the checksum.
 */
static void expect_round_trip(const struct rig *r, const char *name,
			      const struct aml_bytes *t)
{
	uint8_t back[ACPI_ROOM];
	char command[200], file[32], *out;
	size_t i, n;

	(void)snprintf(command, sizeof(command),
		       "%s -d %s.aml && %s -oa -p %s-back %s.dsl", IASL, name,
		       IASL, name, name);
	out = run(r, command);
	expect(out, "0 Errors, 0 Warnings, 0 Remarks");
	assert_null(strstr(out, "arning -"));
	free(out);
	(void)snprintf(file, sizeof(file), "%s-back.aml", name);
	n = get_file(r, file, back, sizeof(back));
	assert_int_equal(n, t->len);
	for (i = 0; i < n; i++) {
		if (i != 9 && (i < CREATOR || i >= HEADER) &&
		    back[i] != t->p[i])
			print_error("%s: byte %zu\n", name, i);
		if (i != 9 && (i < CREATOR || i >= HEADER))
			assert_int_equal(back[i], t->p[i]);
	}
}

static void test_iasl_takes_every_table_apart_and_together_again(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(machines); i++) {
		struct rig r;

		set_up(&r, &machines[i]);
		expect_round_trip(&r, "xsdt", &r.t.xsdt);
		expect_round_trip(&r, "facp", &r.t.fadt);
		expect_round_trip(&r, "apic", &r.t.madt);
		expect_round_trip(&r, "dsdt", &r.t.dsdt);
		tear_down(&r);
	}
}

/* What its interpreter says to one command about the largest machine. */
static void expect_said(const struct rig *r, const char *what,
			const char *const *texts, size_t n)
{
	char command[200], *out;
	size_t i;

	(void)snprintf(command, sizeof(command), "%s -b '%s;quit' dsdt.aml",
		       ACPIEXEC, what);
	out = run(r, command);
	expect(out, "1 ACPI AML tables successfully acquired and loaded");
	for (i = 0; i < n; i++)
		expect(out, texts[i]);
	assert_null(strstr(out, "ACPI Error"));
	assert_null(strstr(out, "ACPI Warning"));
	free(out);
}

#define SAID(r, what, ...)                                         \
	expect_said(r, what, (const char *const[]){ __VA_ARGS__ }, \
		    LEN(((const char *const[]){ __VA_ARGS__ })))

static void test_acpica_evaluates_the_state_of_devices(void **s)
{
	static const char *const device[] = { "COM1", "RTC", "VIO0", "VIO7" };
	char command[80];
	struct rig r;
	size_t i;

	(void)s;
	set_up(&r, &machines[2]);
	for (i = 0; i < LEN(device); i++) {
		(void)snprintf(command, sizeof(command),
			       "evaluate \\_SB.%s._STA", device[i]);
		SAID(&r, command, "[Integer] = 000000000000000F");
	}
	SAID(&r, "evaluate \\_SB.VIO3._HID", "\"LNRO0005\"");
	SAID(&r, "evaluate \\_SB.VIO3._UID", "[Integer] = 0000000000000003");
	SAID(&r, "evaluate \\_SB.VIO3._CCA", "[Integer] = 0000000000000001");
	SAID(&r, "evaluate \\_SB.CPU3._HID", "\"ACPI0007\"");
	tear_down(&r);
}

static void test_acpica_evaluates_what_devices_use(void **s)
{
	struct rig r;

	(void)s;
	set_up(&r, &machines[2]);
	SAID(&r, "resources \\_SB.COM1", "Address Minimum : 03F8",
	     "Address Maximum : 03F8", "Address Length : 08",
	     "Triggering : Edge", "Polarity : ActiveHigh",
	     "Sharing : Exclusive", "Dword00 : 00000004", "EndTag Resource");
	SAID(&r, "resources \\_SB.RTC", "Address Minimum : 0070",
	     "Address Length : 02", "EndTag Resource");
	SAID(&r, "resources \\_SB.VIO0", "Address : D0000000",
	     "Address Length : 00000200", "Write Protect : ReadWrite",
	     "Type : ResourceConsumer", "Triggering : Edge",
	     "Polarity : ActiveHigh", "Sharing : Exclusive",
	     "Dword00 : 00000010");
	SAID(&r, "resources \\_SB.VIO7", "Address : D0007000",
	     "Dword00 : 00000017");
	tear_down(&r);
}

static void test_acpica_evaluates_soft_off(void **s)
{
	struct rig r;

	(void)s;
	set_up(&r, &machines[0]);
	SAID(&r, "evaluate \\_S5", "[Package] Contains 4 Elements",
	     "[Integer] = 0000000000000005");
	tear_down(&r);
}

/* It would also find a mistake if we made one. */
static void test_acpica_sees_a_broken_table(void **s)
{
	char command[80], *out;
	struct aml_bytes bad;
	struct rig r;

	(void)s;
	set_up(&r, &machines[0]);
	r.buf[r.t.dsdt.p - r.buf + 44] ^= 0xff; /* a name, and the checksum */
	bad = r.t.dsdt;
	put_file(&r, "dsdt.aml", &bad);
	(void)snprintf(command, sizeof(command), "%s -b quit dsdt.aml; true",
		       ACPIEXEC);
	out = run(&r, command);
	assert_null(strstr(out, "successfully acquired and loaded"));
	free(out);
	tear_down(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_iasl_takes_every_table_apart_and_together_again),
		cmocka_unit_test(test_acpica_evaluates_the_state_of_devices),
		cmocka_unit_test(test_acpica_evaluates_what_devices_use),
		cmocka_unit_test(test_acpica_evaluates_soft_off),
		cmocka_unit_test(test_acpica_sees_a_broken_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
	(void)puts("no iasl and acpiexec when this was built (acpica-tools)");
	return 77; /* skipped, to meson */
}
#endif
