/* SPDX-License-Identifier: MIT */
/*
 * fuzz_bzimage.c - any bytes as an x86 kernel's file.  A payload lies in the
 * file, what comes out of it is an ELF file of the size that was told, and
 * nothing unpacks beyond the limit.  Unpacked to where it belongs it leaves RAM
 * as loading what was unpacked elsewhere does.
 */
#include <string.h>

#include "base/bytes.h"
#include "boot/boot_x86_64.h"
#include "boot/bzimage.h"
#include "boot/elf64.h"
#include "boot/image.h"
#include "boot/kind.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LIMIT = 1 << 20, RAM = 4 << 20, GUARD = 4096 };

static void check_error(int rc, const mv_error *e)
{
	size_t i;

	CHECK(rc < 0 && rc > -MICROVM_ECODES && e->code == -rc);
	CHECK(e->msg[0]);
	for (i = 0; e->msg[i]; i++)
		CHECK(e->msg[i] >= ' ' && e->msg[i] < 0x7f);
}

static void parse(const uint8_t *p, size_t len, struct bzimage *bz)
{
	mv_error e;
	int rc = bzimage_parse(p, len, bz, &e);

	if (rc) {
		check_error(rc, &e);
		CHECK(!bz->payload);
		return;
	}
	CHECK(bz->protocol >= 0x020c);
	CHECK(bz->payload >= p && bz->payload_len > 0);
	CHECK((size_t)(bz->payload - p) < len);
	CHECK(bz->payload_len <= len - (size_t)(bz->payload - p));
}

static void open_file(const uint8_t *p, size_t len, const struct bzimage *bz)
{
	const struct boot_blob file = { .name = "fuzz", .p = p, .len = len };
	struct image im;
	mv_error e;
	int rc = image_open(&file, LIMIT, NULL, &im, &e);

	if (rc) {
		check_error(rc, &e);
		CHECK(!im.raw.p && !im.owned);
		return;
	}
	CHECK(im.raw.len <= LIMIT || !im.owned);
	if (kind_of(p, len) == KIND_BZIMAGE)
		CHECK(bz->payload && im.owned);
	if (im.arch == ARCH_X86_64)
		CHECK(elf64_is_x86(im.raw.p, im.raw.len));
	image_close(&im);
}

static int boot(const struct boot_blob *kernel, uint8_t *ram,
		struct boot_x86_64 *b)
{
	const struct boot_config cfg = { .kernel = *kernel, .cpus = 1 };
	struct gmem mem = { 0 };
	mv_error e;
	size_t i;
	int rc;

	memset(ram, 0, RAM);
	CHECK(gmem_add(&mem, 0, ram, RAM, NULL) == 0);
	rc = boot_x86_64(&cfg, &mem, b, &e);
	if (rc)
		check_error(rc, &e);
	for (i = RAM; i < RAM + GUARD; i++)
		CHECK(ram[i] == 0);
	return rc;
}

static void boot_both_ways(const uint8_t *p, size_t len)
{
	static uint8_t ram[RAM + GUARD], want[RAM + GUARD];
	const struct boot_blob file = { .name = "fuzz", .p = p, .len = len };
	struct boot_x86_64 b, c;
	struct image im;
	int rc;

	if (image_open(&file, RAM, NULL, &im, NULL)) {
		CHECK(boot(&file, ram, &b));
		return;
	}
	rc = boot(&im.raw, want, &c);
	CHECK(boot(&file, ram, &b) == rc);
	if (!rc)
		CHECK(b.entry == c.entry && memcmp(ram, want, RAM) == 0);
	image_close(&im);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1); /* ends where the bytes end */
	struct bzimage bz;

	CHECK(p);
	if (len)
		memcpy(p, data, len);
	parse(p, len, &bz);
	open_file(p, len, &bz);
	boot_both_ways(p, len);
	free(p);
	return 0;
}
