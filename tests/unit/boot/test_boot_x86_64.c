/* SPDX-License-Identifier: MIT */
#include "boot/boot_x86_64.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/tables.h"
#include "base/bytes.h"
#include "boot/cmdline.h"
#include "os/mem.h"
#include "pack.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* RAM of which only what is touched takes memory of the host. */
struct machine {
	struct gmem mem;
	uint8_t *ram;
	size_t size;
};

/* Zeros that cost nothing; calloc() may write them. */
static uint8_t *zeros(uint64_t size)
{
	void *p;

	assert_int_equal(mem_map(&p, size, NULL), 0);
	return p;
}

static void machine_init(struct machine *m, uint64_t size)
{
	*m = (struct machine){ .ram = zeros(size), .size = size };
	assert_int_equal(gmem_add(&m->mem, 0, m->ram, size, NULL), 0);
}

static void machine_fini(struct machine *m)
{
	mem_unmap(m->ram, m->size);
}

static struct boot_config config(struct bytes kernel)
{
	return (struct boot_config){ .kernel = blob("vmlinuz", kernel),
				     .cmdline = "quiet",
				     .cpus = 1,
				     .rng_seed = { 1, 2, 3 } };
}

/* Like Debian's, but small: at 16 MiB, 3 MiB of file, 5 of memory. */
static struct bytes kernel(uint64_t entry)
{
	return make_vmlinux(16 * MIB, 3 << 20, 5 * MIB, entry, 16 * MIB + 80);
}

static const uint8_t cpio[9] = "070701xyz";
static const struct boot_blob initrd = { .name = "root.cpio",
					 .p = cpio,
					 .len = sizeof(cpio) };

static void test_linux_finds_the_zero_page_and_all_in_it(void **s)
{
	struct bytes raw = kernel(16 * MIB + 64);
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_x86_64 b;
	const uint8_t *zp;

	(void)s;
	cfg.initrd = &initrd;
	cfg.initrds = 1;
	machine_init(&m, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, NULL), 0);
	assert_int_equal(b.kind, X86_ENTRY_64);
	assert_int_equal(b.entry, 16 * MIB + 64);
	assert_int_equal(b.kernel_gpa, 16 * MIB);
	assert_int_equal(b.kernel_len, 5 * MIB);
	assert_memory_equal(m.ram + b.kernel_gpa, raw.p + VMLINUX_DATA,
			    3 << 20);
	zp = m.ram + b.info_gpa;
	assert_memory_equal(zp + 0x202, "HdrS", 4);
	assert_string_equal((char *)m.ram + le32(zp + 0x228), "quiet");
	assert_int_equal(le32(zp + 0x218), b.initrd_gpa);
	assert_int_equal(le32(zp + 0x21c), b.initrd_len);
	assert_memory_equal(m.ram + b.initrd_gpa, "070701xyz\0\0\0", 12);
	assert_int_equal(le64(zp + 0x70), X86_ACPI_GPA);
	assert_int_equal(zp[0x1e8], 3);
	assert_int_equal(le64(zp + 0x2d0 + 2 * 20 + 8), 63 * MIB);
	assert_int_equal(le32(m.ram + le64(zp + 0x250) + 8), 9);
	assert_memory_equal(m.ram + le64(zp + 0x250) + 16, cfg.rng_seed,
			    BOOT_SEED_LEN);
	machine_fini(&m);
	free(raw.p);
}

static void test_the_cpu_finds_its_tables(void **s)
{
	static uint8_t gdt[X86_GDT_LEN], pages[X86_PAGE_TABLES_LEN];
	struct bytes raw = kernel(16 * MIB);
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_x86_64 b;

	(void)s;
	machine_init(&m, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, NULL), 0);
	x86_gdt_write(gdt);
	x86_page_tables_write(pages);
	assert_memory_equal(m.ram + X86_GDT_GPA, gdt, sizeof(gdt));
	assert_memory_equal(m.ram + X86_PML4_GPA, pages, sizeof(pages));
	assert_int_equal(b.initrd_len, 0);
	assert_int_equal(b.initrd_gpa, 0);
	machine_fini(&m);
	free(raw.p);
}

/* Boot it; all of RAM is as it is with that kernel, not packed. */
static void expect_same(struct bytes raw, struct boot_blob packed)
{
	struct boot_config cfg = config(raw);
	struct machine want, got;
	struct boot_x86_64 b, c;

	machine_init(&want, 64 * MIB);
	machine_init(&got, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &want.mem, &b, NULL), 0);
	cfg.kernel = packed;
	assert_int_equal(boot_x86_64(&cfg, &got.mem, &c, NULL), 0);
	assert_int_equal(b.entry, c.entry);
	assert_memory_equal(want.ram, got.ram, want.size);
	machine_fini(&want);
	machine_fini(&got);
}

static void test_a_bzimage_ends_up_the_same(void **s)
{
	typedef struct bytes pack_fn(const void *, size_t);
	static pack_fn *const pack[] = { pack_lz4, pack_gzip, pack_zstd,
					 pack_xz };
	struct bytes raw = kernel(16 * MIB);
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(pack) / sizeof(*pack); i++) {
		struct bytes in = pack[i](raw.p, raw.len);
		struct bytes bz = pack_bzimage(in.p, in.len, (uint32_t)raw.len);

		expect_same(raw, blob("vmlinuz", bz));
		free(bz.p);
		free(in.p);
	}
	free(raw.p);
}

/* What stands behind the segments is longer than the RAM above them. */
static void test_a_file_that_cannot_be_unpacked_in_place_boots(void **s)
{
	struct bytes raw = kernel(16 * MIB);
	struct bytes rest = { calloc(1, 50 * MIB), 50 * MIB };
	struct bytes all, lz4, bz;

	(void)s;
	assert_non_null(rest.p);
	all = join(raw, rest);
	lz4 = pack_lz4(all.p, all.len);
	bz = pack_bzimage(lz4.p, lz4.len, (uint32_t)all.len);
	expect_same(raw, blob("vmlinuz", bz));
	free(bz.p);
	free(lz4.p);
	free(all.p);
	free(rest.p);
	free(raw.p);
}

static void test_files_are_read_in_parts_to_where_they_belong(void **s)
{
	struct bytes raw = kernel(16 * MIB);
	struct parts kernel_parts = { .b = raw, .left = 3 };
	struct parts initrd_parts = { .b = make_image(5000, 0, 0, 0),
				      .left = 1 };
	struct boot_blob rd;
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_x86_64 b;
	mv_error e;

	(void)s;
	expect_same(raw, blob_in_parts("vmlinux", &kernel_parts));
	memcpy(initrd_parts.b.p, "070701", 6);
	rd = blob_in_parts("rd", &initrd_parts);
	cfg.initrd = &rd;
	cfg.initrds = 1;
	machine_init(&m, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, NULL), 0);
	assert_memory_equal(m.ram + b.initrd_gpa, initrd_parts.b.p, 5000);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EIO);
	assert_string_equal(e.msg, "initrd rd: cannot read: 5");
	kernel_parts.left = 2;
	cfg.kernel = blob_in_parts("vmlinux", &kernel_parts);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EIO);
	assert_string_equal(e.msg, "kernel vmlinux: cannot read: 5");
	machine_fini(&m);
	free(initrd_parts.b.p);
	free(raw.p);
}

static void test_a_virtual_entry_is_left_for_pvhs(void **s)
{
	struct bytes raw = kernel(UINT64_C(0xffffffff81000000));
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_x86_64 b;
	const uint8_t *info;

	(void)s;
	cfg.initrd = &initrd;
	cfg.initrds = 1;
	machine_init(&m, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, NULL), 0);
	assert_int_equal(b.kind, X86_ENTRY_PVH);
	assert_int_equal(b.entry, 16 * MIB + 80);
	info = m.ram + b.info_gpa;
	assert_int_equal(le32(info), 0x336ec578);
	assert_string_equal((char *)m.ram + le64(info + 24), "quiet");
	assert_int_equal(le64(m.ram + le64(info + 16)), b.initrd_gpa);
	assert_int_equal(le32(info + 48), 3);
	machine_fini(&m);
	free(raw.p);
}

static void expect_failure(struct bytes raw, uint64_t ram, int rc,
			   const char *msg, const char *hint)
{
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_x86_64 b;
	mv_error e = { 0 };

	machine_init(&m, ram);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), rc);
	assert_string_equal(e.msg, msg);
	assert_string_equal(e.hint, hint);
	machine_fini(&m);
	free(raw.p);
}

static void test_a_kernel_without_an_entry_is_refused(void **s)
{
	static const uint32_t pvh[] = { 0, 16 << 20, 24 << 20 };
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(pvh) / sizeof(*pvh); i++)
		expect_failure(make_vmlinux(17 * MIB, 100, 5 * MIB, 5, pvh[i]),
			       64 * MIB, -MICROVM_ENOTSUP,
			       "kernel vmlinuz: an x86_64 ELF file that starts "
			       "at 0x5, outside of what it loads, and has no "
			       "PVH entry",
			       "take a Linux vmlinux or bzImage");
}

static void test_a_kernel_for_other_places_is_refused(void **s)
{
	(void)s;
	expect_failure(make_vmlinux(0x8000, 100, 4096, 0x8000, 0), 64 * MIB,
		       -MICROVM_ENOTSUP,
		       "kernel vmlinuz: an x86_64 ELF file for address 0x8000; "
		       "a kernel begins at 0x100000 or above",
		       "");
	expect_failure(make_vmlinux(3 * GIB, 100, 512 * MIB, 3 * GIB, 0),
		       64 * MIB, -MICROVM_ENOTSUP,
		       "kernel vmlinuz: an x86_64 ELF file for addresses up to "
		       "0xe0000000; the machine's RAM ends at 0xd0000000",
		       "");
}

static void test_too_little_ram_is_told_with_both_sizes(void **s)
{
	(void)s;
	expect_failure(make_vmlinux(16 * MIB, 100, 46 * MIB, 16 * MIB, 0),
		       48 * MIB, -MICROVM_EINVAL,
		       "kernel vmlinuz: 62 MiB do not fit: 48 MiB of RAM",
		       "give the guest more memory (-m 192M)");
	expect_failure(kernel(16 * MIB), MIB, -MICROVM_EINVAL,
		       "1 MiB of RAM at 0; an x86_64 machine has more than "
		       "1 MiB",
		       "");
}

static void test_what_the_hint_says_is_enough(void **s)
{
	struct bytes raw = make_vmlinux(16 * MIB, 100, 46 * MIB, 16 * MIB, 0);
	struct boot_config cfg = config(raw);
	uint64_t size = 0;
	struct machine m;
	struct boot_x86_64 b;
	mv_error e;

	(void)s;
	machine_init(&m, 8 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	machine_fini(&m);
	assert_int_equal(sscanf(e.hint,
				"give the guest more memory (-m %" SCNu64 "M)",
				&size),
			 1);
	machine_init(&m, size * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), 0);
	machine_fini(&m);
	free(raw.p);
}

static void test_the_initrd_is_at_the_top_of_what_linux_takes(void **s)
{
	static const struct {
		uint64_t ram, gpa;
	} rows[] = {
		{ 22 * MIB, 22 * MIB - 4096 },
		{ 64 * MIB + 4096, 64 * MIB },
		{ 2 * GIB, 2 * GIB - 4096 },
		{ 3 * GIB, 2 * GIB - 4096 },
	};
	struct bytes raw = kernel(16 * MIB);
	struct boot_config cfg = config(raw);
	size_t i;

	(void)s;
	cfg.initrd = &initrd;
	cfg.initrds = 1;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct machine m;
		struct boot_x86_64 b;

		machine_init(&m, rows[i].ram);
		assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, NULL), 0);
		assert_int_equal(b.initrd_gpa, rows[i].gpa);
		assert_int_equal(b.initrd_len, 12);
		machine_fini(&m);
	}
	free(raw.p);
}

static void test_an_initrd_that_does_not_fit_tells_both_sizes(void **s)
{
	struct bytes raw = kernel(16 * MIB);
	struct boot_config cfg = config(raw);
	uint8_t *big = zeros(2 * GIB);
	struct boot_blob large = { .name = "big.cpio",
				   .p = big,
				   .len = 44 * MIB };
	struct machine m;
	struct boot_x86_64 b;
	mv_error e;

	(void)s;
	memcpy(big, "070701", 6);
	cfg.initrd = &large;
	cfg.initrds = 1;
	machine_init(&m, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "initrd big.cpio: 44 MiB do not fit: 64 MiB of "
			    "RAM, 21 MiB taken by the kernel");
	assert_string_equal(e.hint, "give the guest more memory (-m 256M)");
	machine_fini(&m);
	large.len = 2 * GIB - 21 * MIB + 1;
	machine_init(&m, 3 * GIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg,
			    "initrd big.cpio: 2027.1 MiB do not fit between "
			    "the kernel and 2 GiB, where Linux/x86_64 wants "
			    "it");
	assert_string_equal(e.hint, "take a smaller one");
	machine_fini(&m);
	mem_unmap(big, 2 * GIB);
	free(raw.p);
}

static void test_a_kernel_may_lie_above_the_initrds_window(void **s)
{
	struct bytes raw =
		make_vmlinux(2 * GIB + MIB, 100, MIB, 2 * GIB + MIB, 0);
	struct boot_config cfg = config(raw);
	struct machine m;
	struct boot_x86_64 b;
	mv_error e;

	(void)s;
	machine_init(&m, 3 * GIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, NULL), 0);
	cfg.initrd = &initrd;
	cfg.initrds = 1;
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.hint, "take a smaller one");
	machine_fini(&m);
	free(raw.p);
}

static void test_faults_of_every_part_come_through(void **s)
{
	static const uint8_t text[] = "hello";
	const struct boot_blob bad = { .name = "root.txt",
				       .p = text,
				       .len = 5 };
	char line[CMDLINE_MAX + 2];
	struct bytes arm = make_image(100, 0, 4096, IMAGE_4K);
	struct bytes raw = kernel(16 * MIB);
	struct boot_config cfg = config(arm);
	struct machine m;
	struct boot_x86_64 b;
	mv_error e;

	(void)s;
	machine_init(&m, 64 * MIB);
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel vmlinuz: not an x86_64 kernel");
	cfg = config(raw);
	cfg.initrd = &bad;
	cfg.initrds = 1;
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "initrd root.txt: a text file, not a cpio "
				   "archive Linux can read");
	cfg.initrds = 0;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	cfg.cmdline = line;
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel command line: 2048 bytes, Linux "
				   "takes 2047");
	raw.p[16] = 3;
	assert_int_equal(boot_x86_64(&cfg, &m.mem, &b, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "kernel vmlinuz: an ELF file of type 3, "
				   "not a linked kernel");
	machine_fini(&m);
	free(arm.p);
	free(raw.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux_finds_the_zero_page_and_all_in_it),
		cmocka_unit_test(test_the_cpu_finds_its_tables),
		cmocka_unit_test(test_a_bzimage_ends_up_the_same),
		cmocka_unit_test(
			test_a_file_that_cannot_be_unpacked_in_place_boots),
		cmocka_unit_test(
			test_files_are_read_in_parts_to_where_they_belong),
		cmocka_unit_test(test_a_virtual_entry_is_left_for_pvhs),
		cmocka_unit_test(test_a_kernel_without_an_entry_is_refused),
		cmocka_unit_test(test_a_kernel_for_other_places_is_refused),
		cmocka_unit_test(test_too_little_ram_is_told_with_both_sizes),
		cmocka_unit_test(test_what_the_hint_says_is_enough),
		cmocka_unit_test(
			test_the_initrd_is_at_the_top_of_what_linux_takes),
		cmocka_unit_test(
			test_an_initrd_that_does_not_fit_tells_both_sizes),
		cmocka_unit_test(
			test_a_kernel_may_lie_above_the_initrds_window),
		cmocka_unit_test(test_faults_of_every_part_come_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
