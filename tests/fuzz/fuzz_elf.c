/* SPDX-License-Identifier: MIT */
/*
 * fuzz_elf.c - any bytes as an x86_64 vmlinux.  Either all of it, the initrd
 * and the tables lie in RAM, apart from each other, and the CPU starts in the
 * kernel; or there is an error in words.
 */
#include <string.h>

#include "arch/x86_64/layout.h"
#include "base/bytes.h"
#include "boot/boot_x86_64.h"
#include "boot/elf64.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { RAM = 4 << 20, GUARD = 4096 };

static void check_error(int rc, const mv_error *e)
{
	size_t i;

	CHECK(rc < 0 && rc > -MICROVM_ECODES && e->code == -rc);
	CHECK(e->msg[0]);
	for (i = 0; e->msg[i]; i++)
		CHECK(e->msg[i] >= ' ' && e->msg[i] < 0x7f);
}

static void parse(const uint8_t *p, size_t len)
{
	const struct boot_blob file = { .name = "fuzz", .p = p, .len = len };
	struct elf64 e;
	mv_error err;
	int rc = elf64_parse(&file, &e, &err);

	if (rc) {
		check_error(rc, &err);
		CHECK(!e.file);
		return;
	}
	CHECK(elf64_is_x86(p, len));
	CHECK(e.start < e.end);
	CHECK(!e.entry_loaded || (e.start <= e.entry && e.entry < e.end));
}

static void check_places(const struct boot_x86_64 *b)
{
	uint64_t kernel_end = b->kernel_gpa + b->kernel_len;

	CHECK(b->kernel_gpa >= X86_KERNEL_GPA && kernel_end <= RAM);
	CHECK(b->entry >= b->kernel_gpa && b->entry < kernel_end);
	CHECK(b->initrd_gpa >= kernel_end && b->initrd_len == 8);
	CHECK(b->initrd_gpa + b->initrd_len <= RAM);
}

static void check_bytes(const struct boot_x86_64 *b, const uint8_t *ram)
{
	CHECK(memcmp(ram + b->initrd_gpa, "070701x", 8) == 0);
	CHECK(memcmp(ram + X86_CMDLINE_GPA, "quiet", 6) == 0);
	if (b->kind == X86_ENTRY_64)
		CHECK(le16(ram + b->info_gpa + 0x1fe) == 0xaa55);
	else
		CHECK(le32(ram + b->info_gpa) == 0x336ec578);
}

static void boot(const uint8_t *p, size_t len, uint8_t *ram)
{
	const struct boot_blob initrd = { .name = "rd",
					  .p = (const uint8_t *)"070701x",
					  .len = 7 };
	const struct boot_config cfg = {
		.kernel = { .name = "fuzz", .p = p, .len = len },
		.initrd = &initrd,
		.initrds = 1,
		.cmdline = "quiet",
		.cpus = 1
	};
	struct gmem mem = { 0 };
	struct boot_x86_64 b;
	mv_error e;
	int rc;

	CHECK(gmem_add(&mem, 0, ram, RAM, NULL) == 0);
	rc = boot_x86_64(&cfg, &mem, &b, &e);
	if (rc) {
		check_error(rc, &e);
		return;
	}
	check_places(&b);
	check_bytes(&b, ram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t ram[RAM + GUARD];
	uint8_t *p = malloc(len ? len : 1); /* ends where the bytes end */
	size_t i;

	CHECK(p);
	if (len)
		memcpy(p, data, len);
	parse(p, len);
	boot(p, len, ram);
	for (i = RAM; i < RAM + GUARD; i++)
		CHECK(ram[i] == 0);
	free(p);
	return 0;
}
