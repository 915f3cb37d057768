/* SPDX-License-Identifier: MIT */
#include "boot/boot_arm64.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "arch/arm64/layout.h"
#include "boot/cmdline.h"
#include "newc.h"
#include "pack.h"

#define MIB (UINT64_C(1) << 20)

/* RAM of which only what is touched takes memory of the host. */
struct machine {
	struct gmem mem;
	uint8_t *ram;
	size_t size;
};

static void machine_init(struct machine *m, uint64_t size)
{
	*m = (struct machine){ .ram = calloc(1, size), .size = size };
	assert_non_null(m->ram);
	assert_int_equal(gmem_add(&m->mem, ARM64_RAM_BASE, m->ram, size, NULL),
			 0);
}

static const uint8_t *at(const struct machine *m, uint64_t gpa)
{
	return m->ram + (gpa - ARM64_RAM_BASE);
}

static struct boot_config config(struct bytes kernel)
{
	return (struct boot_config){ .kernel = blob("vmlinuz", kernel),
				     .cmdline = "quiet",
				     .cpus = 1,
				     .rng_seed = { 1, 2, 3 } };
}

static uint64_t chosen(const struct machine *m, const struct boot_arm64 *b,
		       const char *name)
{
	const uint8_t *fdt = at(m, b->dtb_gpa);
	int len, node = fdt_path_offset(fdt, "/chosen");
	const fdt64_t *p = fdt_getprop(fdt, node, name, &len);

	assert_non_null(p);
	assert_int_equal(len, 8);
	return fdt64_ld(p); /* may be unaligned */
}

/* [a, a+n) and [b, b+m) have nothing in common. */
static void expect_apart(uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
	assert_true(a + n <= b || b + m <= a);
}

static void expect_layout(const struct machine *m, const struct boot_arm64 *b)
{
	uint64_t end = ARM64_RAM_BASE + m->size;

	assert_true(b->kernel_gpa + b->kernel_len <= end);
	assert_true(b->dtb_gpa + b->dtb_len <= end);
	assert_true(b->initrd_gpa + b->initrd_len <= end);
	expect_apart(b->kernel_gpa, b->kernel_len, b->dtb_gpa, b->dtb_len);
	/* booting.rst 2: aligned, and not across 2 MiB blocks */
	assert_int_equal(b->dtb_gpa % 8, 0);
	assert_int_equal(b->dtb_gpa / (2 * MIB),
			 (b->dtb_gpa + b->dtb_len - 1) / (2 * MIB));
	if (!b->initrd_len)
		return;
	expect_apart(b->kernel_gpa, b->kernel_len, b->initrd_gpa,
		     b->initrd_len);
	expect_apart(b->dtb_gpa, b->dtb_len, b->initrd_gpa, b->initrd_len);
}

static void test_everything_is_in_its_place(void **s)
{
	struct bytes raw = make_image(3 << 20, 0, 5 * MIB + 4096, IMAGE_4K);
	const struct boot_blob initrd = { .name = "root.cpio",
					  .p = (const uint8_t *)"070701xyz",
					  .len = 9 };
	const struct boot_file file = { "/etc/x", 0644, "text", 4 };
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_arm64 b;
	struct newc e;
	size_t pos = 0;

	(void)s;
	cfg.initrd = &initrd;
	cfg.initrds = 1;
	cfg.file = &file;
	cfg.files = 1;
	machine_init(&m, 16 * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, NULL), 0);
	expect_layout(&m, &b);
	assert_int_equal(b.entry, ARM64_RAM_BASE);
	assert_int_equal(b.kernel_gpa, ARM64_RAM_BASE);
	assert_int_equal(b.kernel_len, 5 * MIB + 4096);
	assert_memory_equal(at(&m, b.kernel_gpa), raw.p, raw.len);
	assert_memory_equal(at(&m, b.initrd_gpa), "070701xyz\0\0\0", 12);
	assert_int_equal(newc_next(at(&m, b.initrd_gpa) + 12, b.initrd_len - 12,
				   &pos, &e),
			 1);
	assert_string_equal(e.name, "etc");
	assert_int_equal(fdt_check_full(at(&m, b.dtb_gpa), b.dtb_len), 0);
	assert_int_equal(chosen(&m, &b, "linux,initrd-start"), b.initrd_gpa);
	assert_int_equal(chosen(&m, &b, "linux,initrd-end"),
			 b.initrd_gpa + b.initrd_len);
	free(m.ram);
	free(raw.p);
}

static void test_packed_kernels_end_up_the_same(void **s)
{
	struct bytes raw = make_image(1 << 20, 0x80000, 2 * MIB, IMAGE_4K);
	struct bytes file[2] = { pack_gzip(raw.p, raw.len), { 0 } };
	size_t i;

	(void)s;
	file[1] = pack_zboot("gzip", file[0].p, file[0].len);
	for (i = 0; i < 2; i++) {
		struct boot_config cfg = config(file[i]);
		struct machine m;
		struct boot_arm64 b;

		machine_init(&m, 8 * MIB);
		assert_int_equal(boot_arm64(&cfg, &m.mem, &b, NULL), 0);
		expect_layout(&m, &b);
		assert_int_equal(b.entry, ARM64_RAM_BASE + 0x80000);
		assert_memory_equal(at(&m, b.entry), raw.p, raw.len);
		assert_int_equal(b.initrd_len, 0);
		free(m.ram);
		free(file[i].p);
	}
	free(raw.p);
}

static void test_every_image_size_is_laid_out_without_overlap(void **s)
{
	static const uint8_t cpio[6] = "070701";
	const struct boot_blob initrd = { .name = "i",
					  .p = cpio,
					  .len = sizeof(cpio) };
	uint64_t size;

	(void)s;
	for (size = 4 * MIB - 8192; size <= 4 * MIB + 8192; size += 1024) {
		struct bytes raw = make_image(100, 0, size, IMAGE_4K);
		struct boot_config cfg = config(raw);
		struct machine m;
		struct boot_arm64 b;

		cfg.initrd = &initrd;
		cfg.initrds = 1;
		machine_init(&m, 8 * MIB);
		assert_int_equal(boot_arm64(&cfg, &m.mem, &b, NULL), 0);
		expect_layout(&m, &b);
		free(m.ram);
		free(raw.p);
	}
}

static void test_seeds_slots_and_the_gic_reach_the_tree(void **s)
{
	struct bytes raw = make_image(100, 0, 4096, IMAGE_4K);
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_arm64 b;
	const uint8_t *fdt;
	const void *p;
	int len;

	(void)s;
	cfg.cmdline = NULL;
	cfg.kaslr_seed = 42;
	cfg.virtio = 1;
	cfg.gic = 2;
	machine_init(&m, 8 * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, NULL), 0);
	fdt = at(&m, b.dtb_gpa);
	assert_int_equal(chosen(&m, &b, "kaslr-seed"), 42);
	p = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "rng-seed", &len);
	assert_int_equal(len, BOOT_SEED_LEN);
	assert_memory_equal(p, cfg.rng_seed, BOOT_SEED_LEN);
	p = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", &len);
	assert_int_equal(len, 1);
	assert_string_equal(p, "");
	assert_true(fdt_path_offset(fdt, "/virtio_mmio@a000000") >= 0);
	assert_true(fdt_node_offset_by_compatible(fdt, -1,
						  "arm,cortex-a15-gic") >= 0);
	free(m.ram);
	free(raw.p);
}

static void test_an_initrd_that_does_not_fit_tells_both_sizes(void **s)
{
	struct bytes raw = make_image(100, 0, 27 * MIB, IMAGE_4K);
	struct boot_blob initrd[] = {
		{ .name = "root.cpio", .len = 300 * MIB },
		{ .name = "more.cpio", .len = 20 * MIB },
	};
	uint8_t *big = calloc(1, 300 * MIB);
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_arm64 b;
	mv_error e;

	(void)s;
	assert_non_null(big);
	memcpy(big, "070701", 6);
	initrd[0].p = big;
	initrd[1].p = big;
	cfg.initrd = initrd;
	cfg.initrds = 1;
	machine_init(&m, 256 * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "initrd root.cpio: 300 MiB do not fit: 256 MiB of "
			    "RAM, 28.1 MiB taken by the kernel");
	/* three times the archive: see boot_arm64.c */
	assert_string_equal(e.hint, "give the guest more memory (-m 1088M)");
	initrd[0].len = 220 * MIB;
	cfg.initrds = 2;
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "initrd more.cpio: 20 MiB do not fit: 256 MiB of "
			    "RAM, 248.1 MiB taken by the kernel and what "
			    "precedes it");
	free(m.ram);
	free(big);
	free(raw.p);
}

static void test_what_the_hint_says_is_enough(void **s)
{
	struct bytes raw = make_image(100, 0, 27 * MIB, IMAGE_4K);
	uint64_t size = 1;
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_arm64 b;
	mv_error e;

	(void)s;
	machine_init(&m, size * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	free(m.ram);
	assert_int_equal(sscanf(e.hint,
				"give the guest more memory (-m %" SCNu64 "M)",
				&size),
			 1);
	machine_init(&m, size * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), 0);
	free(m.ram);
	free(raw.p);
}

static void test_a_kernel_that_does_not_fit_tells_both_sizes(void **s)
{
	struct bytes raw = make_image(100, 0, 27303936, IMAGE_4K);
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_arm64 b;
	mv_error e;

	(void)s;
	machine_init(&m, 16 * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel vmlinuz: 26.1 MiB do not fit: "
				   "16 MiB of RAM");
	assert_string_equal(e.hint, "give the guest more memory (-m 128M)");
	free(raw.p);
	raw = make_image(100, 0, UINT64_MAX - 5, IMAGE_4K);
	cfg = config(raw);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "kernel vmlinuz: 17592186044416 MiB do not fit: "
			    "16 MiB of RAM");
	assert_string_equal(e.hint, "");
	free(m.ram);
	free(raw.p);
}

static void test_a_packed_kernel_cannot_outgrow_the_ram(void **s)
{
	struct bytes raw = make_image(9 << 20, 0, 9 * MIB, IMAGE_4K);
	struct bytes zst;
	struct boot_config cfg;
	struct machine m;
	struct boot_arm64 b;
	mv_error e;

	(void)s;
	memset(raw.p + 64, 0, raw.len - 64);
	zst = pack_zstd(raw.p, raw.len);
	cfg = config(zst);
	machine_init(&m, 8 * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EBADIMAGE);
	assert_memory_equal(e.msg, "kernel vmlinuz: ", 16);
	assert_non_null(strstr(e.msg, "of packed zstd unpack to more than "
				      "8 MiB, the limit"));
	free(m.ram);
	free(zst.p);
	free(raw.p);
}

static void test_faults_of_every_part_come_through(void **s)
{
	static const uint8_t text[] = "hello";
	const struct boot_blob bad = { .name = "root.txt",
				       .p = text,
				       .len = 5 };
	char line[CMDLINE_MAX + 2];
	struct bytes raw = make_image(100, 0, 4096, IMAGE_4K | 1);
	struct boot_config cfg = config(raw);
	struct gmem nowhere = { 0 };
	struct machine m;
	struct boot_arm64 b;
	mv_error e;

	(void)s;
	machine_init(&m, 8 * MIB);
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_ENOTSUP);
	assert_string_equal(e.msg, "kernel vmlinuz: a big-endian arm64 kernel");
	raw.p[24] = IMAGE_4K;
	cfg.initrd = &bad;
	cfg.initrds = 1;
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "initrd root.txt: a text file, not a cpio "
				   "archive Linux can read");
	cfg.initrds = 0;
	cfg.cpus = 9;
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "device tree: 9 CPUs, the machine has 1 "
				   "to 4");
	cfg.cpus = 1;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	cfg.cmdline = line;
	assert_int_equal(boot_arm64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel command line: 2048 bytes, Linux "
				   "takes 2047");
	assert_int_equal(boot_arm64(&cfg, &nowhere, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "no RAM at 0x40000000");
	free(m.ram);
	free(raw.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_in_its_place),
		cmocka_unit_test(test_packed_kernels_end_up_the_same),
		cmocka_unit_test(
			test_every_image_size_is_laid_out_without_overlap),
		cmocka_unit_test(test_seeds_slots_and_the_gic_reach_the_tree),
		cmocka_unit_test(
			test_an_initrd_that_does_not_fit_tells_both_sizes),
		cmocka_unit_test(test_what_the_hint_says_is_enough),
		cmocka_unit_test(
			test_a_kernel_that_does_not_fit_tells_both_sizes),
		cmocka_unit_test(test_a_packed_kernel_cannot_outgrow_the_ram),
		cmocka_unit_test(test_faults_of_every_part_come_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
