/* SPDX-License-Identifier: MIT */
#include "boot/fdt_arm64.h"

#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"
#include "arch/arm64/layout.h"
#include "boot/cmdline.h"

static const uint8_t seed[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

struct tree {
	uint8_t *p;
	size_t len;
};

/* A machine with everything in it. */
static struct fdt_arm64 full(const struct gmem *mem)
{
	return (struct fdt_arm64){ .mem = mem,
				   .cmdline = "console=ttyAMA0 quiet",
				   .cpus = 4,
				   .virtio = 3,
				   .initrd_gpa = 0x42000000,
				   .initrd_len = 0x123,
				   .rng_seed = seed,
				   .rng_seed_len = sizeof(seed),
				   .kaslr_seed = 0x1122334455667788 };
}

static struct gmem two_regions(void)
{
	return (struct gmem){
		.count = 2,
		.region = { { 0x40000000, 0x10000000, NULL },
			    { 0x8000000000, 0x20000000, NULL } },
	};
}

static struct tree write_tree(const struct fdt_arm64 *cfg)
{
	struct tree t = { malloc(FDT_ARM64_ROOM), 0 };

	assert_non_null(t.p);
	assert_int_equal(
		fdt_arm64_write(cfg, t.p, FDT_ARM64_ROOM, &t.len, NULL), 0);
	assert_int_equal(fdt_check_full(t.p, t.len), 0);
	return t;
}

static int node(const struct tree *t, const char *path)
{
	int n = fdt_path_offset(t->p, path);

	if (n < 0)
		print_error("no node %s: %s\n", path, fdt_strerror(n));
	assert_true(n >= 0);
	return n;
}

static const void *prop(const struct tree *t, const char *path,
			const char *name, int len)
{
	int got;
	const void *p = fdt_getprop(t->p, node(t, path), name, &got);

	if (!p)
		print_error("no property %s/%s\n", path, name);
	assert_non_null(p);
	assert_int_equal(got, len);
	return p;
}

static void expect_text(const struct tree *t, const char *path,
			const char *name, const char *want, size_t len)
{
	assert_memory_equal(prop(t, path, name, (int)len), want, len);
}

#define TEXT(t, path, name, want) expect_text(t, path, name, want, sizeof(want))

static void expect_cells(const struct tree *t, const char *path,
			 const char *name, const uint32_t *want, size_t n)
{
	const fdt32_t *p = prop(t, path, name, (int)(4 * n));
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(fdt32_to_cpu(p[i]), want[i]);
}

#define CELLS(t, path, name, ...)                                \
	expect_cells(t, path, name, (uint32_t[]){ __VA_ARGS__ }, \
		     sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)

#define EMPTY(t, path, name) ((void)prop(t, path, name, 0))

static bool has(const struct tree *t, const char *path, const char *name)
{
	return fdt_getprop(t->p, node(t, path), name, NULL) != NULL;
}

static void test_the_root_says_what_linux_needs(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t = write_tree(&cfg);

	(void)s;
	TEXT(&t, "/", "compatible", "microvm");
	TEXT(&t, "/", "model", "microvm");
	CELLS(&t, "/", "#address-cells", 2);
	CELLS(&t, "/", "#size-cells", 2);
	assert_int_equal(fdt_node_offset_by_phandle(
				 t.p, fdt32_to_cpu(*(const fdt32_t *)prop(
					      &t, "/", "interrupt-parent", 4))),
			 node(&t, "/interrupt-controller@8000000"));
	free(t.p);
}

static void test_chosen_holds_what_the_boot_hands_over(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t = write_tree(&cfg);

	(void)s;
	TEXT(&t, "/chosen", "bootargs", "console=ttyAMA0 quiet");
	TEXT(&t, "/chosen", "stdout-path", "/pl011@9000000");
	CELLS(&t, "/chosen", "linux,initrd-start", 0, 0x42000000);
	CELLS(&t, "/chosen", "linux,initrd-end", 0, 0x42000123);
	assert_memory_equal(prop(&t, "/chosen", "rng-seed", sizeof(seed)), seed,
			    sizeof(seed));
	CELLS(&t, "/chosen", "kaslr-seed", 0x11223344, 0x55667788);
	free(t.p);
}

static void test_what_is_not_there_is_not_told(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = { .mem = &mem, .cmdline = "", .cpus = 1 };
	struct tree t = write_tree(&cfg);

	(void)s;
	TEXT(&t, "/chosen", "bootargs", "");
	assert_false(has(&t, "/chosen", "linux,initrd-start"));
	assert_false(has(&t, "/chosen", "linux,initrd-end"));
	assert_false(has(&t, "/chosen", "rng-seed"));
	assert_false(has(&t, "/chosen", "kaslr-seed"));
	assert_true(fdt_node_offset_by_compatible(t.p, -1, "virtio,mmio") < 0);
	assert_true(fdt_path_offset(t.p, "/cpus/cpu@1") < 0);
	free(t.p);
}

static void test_memory_lists_every_region(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t = write_tree(&cfg);

	(void)s;
	TEXT(&t, "/memory@40000000", "device_type", "memory");
	CELLS(&t, "/memory@40000000", "reg", 0, 0x40000000, 0, 0x10000000, 0x80,
	      0, 0, 0x20000000);
	free(t.p);
}

static void test_every_cpu_is_started_by_psci(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t;
	unsigned cpus, i;

	(void)s;
	for (cpus = 1; cpus <= ARM64_MAX_CPUS; cpus++) {
		cfg.cpus = cpus;
		t = write_tree(&cfg);
		CELLS(&t, "/cpus", "#address-cells", 1);
		CELLS(&t, "/cpus", "#size-cells", 0);
		for (i = 0; i < cpus; i++) {
			char path[32];

			(void)snprintf(path, sizeof(path), "/cpus/cpu@%u", i);
			TEXT(&t, path, "device_type", "cpu");
			TEXT(&t, path, "compatible", "arm,armv8");
			TEXT(&t, path, "enable-method", "psci");
			CELLS(&t, path, "reg", i);
		}
		CELLS(&t, "/interrupt-controller@8000000", "reg", 0, 0x8000000,
		      0, 0x10000, 0, 0x80a0000, 0, cpus * 0x20000);
		free(t.p);
	}
}

static void test_the_fixed_devices_are_told_in_full(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t = write_tree(&cfg);

	(void)s;
	TEXT(&t, "/psci", "compatible", "arm,psci-1.0\0arm,psci-0.2");
	TEXT(&t, "/psci", "method", "hvc");

	TEXT(&t, "/timer", "compatible", "arm,armv8-timer");
	CELLS(&t, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10,
	      4);
	EMPTY(&t, "/timer", "always-on");

	TEXT(&t, "/interrupt-controller@8000000", "compatible", "arm,gic-v3");
	CELLS(&t, "/interrupt-controller@8000000", "#interrupt-cells", 3);
	EMPTY(&t, "/interrupt-controller@8000000", "interrupt-controller");

	TEXT(&t, "/pl011@9000000", "compatible", "arm,pl011\0arm,primecell");
	CELLS(&t, "/pl011@9000000", "reg", 0, 0x9000000, 0, 0x1000);
	CELLS(&t, "/pl011@9000000", "interrupts", 0, 1, 4);
	TEXT(&t, "/pl011@9000000", "clock-names", "uartclk\0apb_pclk");

	TEXT(&t, "/pl031@9010000", "compatible", "arm,pl031\0arm,primecell");
	CELLS(&t, "/pl031@9010000", "reg", 0, 0x9010000, 0, 0x1000);
	assert_null(fdt_getprop(t.p, fdt_path_offset(t.p, "/pl031@9010000"),
				"interrupts", NULL)); /* not wired */
	TEXT(&t, "/pl031@9010000", "clock-names", "apb_pclk");
	free(t.p);
}

static void test_a_gicv2_has_a_cpu_interface(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t;

	(void)s;
	cfg.gic = 2;
	cfg.cpus = 2;
	t = write_tree(&cfg);
	TEXT(&t, "/interrupt-controller@8000000", "compatible",
	     "arm,cortex-a15-gic");
	CELLS(&t, "/interrupt-controller@8000000", "#interrupt-cells", 3);
	CELLS(&t, "/interrupt-controller@8000000", "reg", 0, 0x8000000, 0,
	      0x10000, 0, 0x8010000, 0, 0x2000);
	EMPTY(&t, "/interrupt-controller@8000000", "interrupt-controller");
	CELLS(&t, "/timer", "interrupts", 1, 13, 0x304, 1, 14, 0x304, 1, 11,
	      0x304, 1, 10, 0x304);
	free(t.p);
}

static void test_a_gicv3_is_what_there_is_by_itself(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree implied = write_tree(&cfg), named;

	(void)s;
	cfg.gic = 3;
	named = write_tree(&cfg);
	assert_int_equal(implied.len, named.len);
	assert_memory_equal(implied.p, named.p, named.len);
	free(implied.p);
	free(named.p);
}

static void test_the_clocks_of_the_devices_lead_to_a_clock(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t = write_tree(&cfg);
	const fdt32_t *uart = prop(&t, "/pl011@9000000", "clocks", 8);
	const fdt32_t *rtc = prop(&t, "/pl031@9010000", "clocks", 4);
	int clock = node(&t, "/clock");

	(void)s;
	TEXT(&t, "/clock", "compatible", "fixed-clock");
	CELLS(&t, "/clock", "#clock-cells", 0);
	CELLS(&t, "/clock", "clock-frequency", 24000000);
	assert_int_equal(fdt_node_offset_by_phandle(t.p, fdt32_to_cpu(uart[0])),
			 clock);
	assert_int_equal(fdt_node_offset_by_phandle(t.p, fdt32_to_cpu(uart[1])),
			 clock);
	assert_int_equal(fdt_node_offset_by_phandle(t.p, fdt32_to_cpu(rtc[0])),
			 clock);
	free(t.p);
}

static void test_virtio_slots_follow_each_other(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t;
	unsigned i;

	(void)s;
	cfg.virtio = FDT_ARM64_MAX_VIRTIO;
	t = write_tree(&cfg);
	for (i = 0; i < FDT_ARM64_MAX_VIRTIO; i++) {
		char path[40];

		(void)snprintf(path, sizeof(path), "/virtio_mmio@%x",
			       0xa000000 + 0x200 * i);
		TEXT(&t, path, "compatible", "virtio,mmio");
		CELLS(&t, path, "reg", 0, 0xa000000 + 0x200 * i, 0, 0x200);
		CELLS(&t, path, "interrupts", 0, 16 + i, 1);
		EMPTY(&t, path, "dma-coherent");
	}
	free(t.p);
}

static void test_the_largest_machine_has_room_to_spare(void **s)
{
	char line[CMDLINE_MAX + 1];
	uint8_t long_seed[64] = { 9 };
	struct gmem mem = { .count = GMEM_MAX_REGIONS };
	struct fdt_arm64 cfg = full(&mem);
	struct tree t;

	(void)s;
	memset(line, 'x', sizeof(line));
	line[CMDLINE_MAX] = '\0';
	cfg.cmdline = line;
	cfg.virtio = FDT_ARM64_MAX_VIRTIO;
	cfg.rng_seed = long_seed;
	cfg.rng_seed_len = sizeof(long_seed);
	t = write_tree(&cfg);
	assert_true(t.len < FDT_ARM64_ROOM / 2);
	free(t.p);
}

static void test_too_little_room_is_an_error_at_every_size(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	struct tree t = write_tree(&cfg);
	char want[80];
	size_t n, len;
	mv_error e;

	(void)s;
	for (n = 0; n <= t.len; n++) {
		uint8_t *p = malloc(n ? n : 1);
		int rc;

		assert_non_null(p);
		rc = fdt_arm64_write(&cfg, p, n, &len, &e);
		if (n < t.len)
			assert_int_equal(rc, -MICROVM_ENOMEM);
		else if (!rc)
			assert_int_equal(len, t.len);
		free(p);
	}
	/* the first thing that is not there any more */
	assert_int_equal(fdt_arm64_write(&cfg, t.p, 80, &len, &e),
			 -MICROVM_ENOMEM);
	(void)snprintf(want, sizeof(want),
		       "device tree: node / does not fit 80 bytes");
	assert_string_equal(e.msg, want);
	free(t.p);
}

struct row {
	unsigned cpus, virtio, regions;
	const char *msg;
};

static void test_machines_that_do_not_exist_are_refused(void **s)
{
	static const struct row rows[] = {
		{ 0, 0, 1, "device tree: 0 CPUs, the machine has 1 to 4" },
		{ 5, 0, 1, "device tree: 5 CPUs, the machine has 1 to 4" },
		{ 1, 49, 1,
		  "device tree: 49 virtio devices, the machine has room for "
		  "48" },
		{ 1, 0, 0, "device tree: no RAM" },
		{ 1, 0, GMEM_MAX_REGIONS + 1, "device tree: no RAM" },
	};
	static uint8_t buf[FDT_ARM64_ROOM];
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);
	size_t i, len;
	mv_error e;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cfg.cpus = rows[i].cpus;
		cfg.virtio = rows[i].virtio;
		mem.count = rows[i].regions;
		assert_int_equal(
			fdt_arm64_write(&cfg, buf, sizeof(buf), &len, &e),
			-MICROVM_EINVAL);
		assert_string_equal(e.msg, rows[i].msg);
	}
	mem = two_regions();
	cfg = full(&mem);
	cfg.gic = 4;
	assert_int_equal(fdt_arm64_write(&cfg, buf, sizeof(buf), &len, &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "device tree: a GICv4, the machine has a 2 "
				   "or a 3");
	cfg = full(&mem);
	cfg.initrd_gpa = UINT64_MAX;
	assert_int_equal(fdt_arm64_write(&cfg, buf, sizeof(buf), &len, &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "device tree: the initrd's end wraps");
}

#ifdef DTC
enum { OUTPUT = 64 * 1024 };

/* Run dtc over a file of these bytes; its output and its complaints. */
static char *run_dtc(const char *how, const void *p, size_t len, size_t *got)
{
	char name[] = "test-fdt-XXXXXX", command[200];
	char *out = malloc(OUTPUT);
	int fd = mkstemp(name);
	FILE *f;

	assert_non_null(out);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	(void)snprintf(command, sizeof(command), "%s %s %s 2>&1", DTC, how,
		       name);
	f = popen(command, "r");
	assert_non_null(f);
	*got = fread(out, 1, OUTPUT, f);
	assert_true(*got < OUTPUT);
	assert_int_equal(pclose(f), 0);
	(void)close(fd);
	(void)unlink(name);
	return out;
}

/*
 * dtc, an implementation of its own, reads it and has nothing to say.  Back
 * from text it misses the labels a person would have written: hence -q.
 */
static void expect_no_warning(const struct fdt_arm64 *cfg)
{
	struct tree t = write_tree(cfg);
	size_t n, m, k;
	char *text = run_dtc("-I dtb -O dts", t.p, t.len, &n);
	char *blob = run_dtc("-q -I dts -O dtb", text, n, &m);
	char *again = run_dtc("-I dtb -O dts", blob, m, &k);

	text[n] = '\0';
	if (strstr(text, "arning"))
		print_error("%s", text);
	assert_null(strstr(text, "arning"));
	assert_memory_equal(text, "/dts-v1/;", 9);
	assert_int_equal(fdt_check_full(blob, m), 0);
	assert_int_equal(n, k);
	assert_memory_equal(text, again, n);
	free(again);
	free(blob);
	free(text);
	free(t.p);
}

static void test_dtc_takes_it_without_a_warning(void **s)
{
	struct gmem mem = two_regions();
	struct fdt_arm64 cfg = full(&mem);

	(void)s;
	expect_no_warning(&cfg);
	cfg.gic = 2;
	expect_no_warning(&cfg);
}
#else
static void test_dtc_takes_it_without_a_warning(void **s)
{
	(void)s;
	print_message("no dtc when this was built (device-tree-compiler)\n");
	skip();
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_root_says_what_linux_needs),
		cmocka_unit_test(test_chosen_holds_what_the_boot_hands_over),
		cmocka_unit_test(test_what_is_not_there_is_not_told),
		cmocka_unit_test(test_memory_lists_every_region),
		cmocka_unit_test(test_every_cpu_is_started_by_psci),
		cmocka_unit_test(test_the_fixed_devices_are_told_in_full),
		cmocka_unit_test(test_a_gicv2_has_a_cpu_interface),
		cmocka_unit_test(test_a_gicv3_is_what_there_is_by_itself),
		cmocka_unit_test(
			test_the_clocks_of_the_devices_lead_to_a_clock),
		cmocka_unit_test(test_virtio_slots_follow_each_other),
		cmocka_unit_test(test_the_largest_machine_has_room_to_spare),
		cmocka_unit_test(
			test_too_little_room_is_an_error_at_every_size),
		cmocka_unit_test(test_machines_that_do_not_exist_are_refused),
		cmocka_unit_test(test_dtc_takes_it_without_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
