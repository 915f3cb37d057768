/* SPDX-License-Identifier: MIT */
/* arm64_image.c - the raw arm64 kernel: its header and its place. */
#include "boot/arm64_image.h"

#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "boot/size.h"

#define ALIGN_2M UINT64_C(0x200000)

/* booting.rst 4; the PE offset is that of the EFI stub's DOS header. */
enum {
	TEXT_OFFSET = 8,
	IMAGE_SIZE = 16,
	FLAGS = 24,
	MAGIC = 56,
	PE_OFFSET = 60,
	HEADER_LEN = 64,
};

enum { PAGE = 4096 };

enum {
	FLAG_BIG_ENDIAN = 1 << 0,
	FLAG_PAGE_SHIFT = 1,
	FLAG_PAGE_MASK = 3,
	PAGE_16K = 2,
	PAGE_64K = 3,
};

/* Before Linux 3.17 image_size is 0, and text_offset may be rubbish. */
#define OLD_TEXT_OFFSET UINT64_C(0x80000)
#define OLD_BSS UINT64_C(0x400000) /* theirs was below 1 MiB */

static int check_pages(uint64_t flags, mv_error *err)
{
	unsigned pages = flags >> FLAG_PAGE_SHIFT & FLAG_PAGE_MASK;
	int rc;

	if (pages != PAGE_16K && pages != PAGE_64K)
		return 0;
	rc = fail(err, MICROVM_ENOTSUP,
		  "an arm64 kernel with pages of %d KiB; "
		  "the machine has pages of 4 KiB",
		  pages == PAGE_16K ? 16 : 64);
	return fail_hint(err, rc,
			 "take a kernel built with CONFIG_ARM64_4K_PAGES");
}

/* PE format: COFF header and section table (Microsoft PE/COFF 3.3, 4). */
enum {
	PE_SIGNATURE = 4,
	PE_SECTIONS = 6,  /* number of them, 16 bits */
	PE_OPTIONAL = 20, /* length of the optional header, 16 bits */
	PE_HEADER = 24,
	SECTION_LEN = 40,
	SECTION_SIZE = 16,   /* in the file, 32 bits */
	SECTION_OFFSET = 20, /* in the file, 32 bits */
};

static uint64_t section_end(const uint8_t *s)
{
	return (uint64_t)le32(s + SECTION_SIZE) + le32(s + SECTION_OFFSET);
}

/*
 * How long the file should be, told by the EFI stub's section table, or 0.
 * The kernel's own header cannot tell: its image_size counts memory.
 */
static uint64_t pe_file_size(const uint8_t *p, size_t len)
{
	uint32_t off = le32(p + PE_OFFSET);
	uint64_t table, size = 0;
	unsigned i, n;

	if (!fits(off, PE_HEADER, len) ||
	    memcmp(p + off, "PE\0", PE_SIGNATURE) != 0)
		return 0;
	n = le16(p + off + PE_SECTIONS);
	table = (uint64_t)off + PE_HEADER + le16(p + off + PE_OPTIONAL);
	for (i = 0; i < n; i++, table += SECTION_LEN) {
		if (!fits(table, SECTION_LEN, len))
			return size;
		size = max_u64(size, section_end(p + table));
	}
	return size;
}

/* A kernel cut by half boots into silence: better said here. */
static int check_complete(const uint8_t *p, size_t len, mv_error *err)
{
	uint64_t want = pe_file_size(p, len);
	int rc;

	if (want <= len)
		return 0;
	rc = fail(err, MICROVM_EBADIMAGE,
		  "truncated: the arm64 kernel has %zu of %llu bytes", len,
		  (unsigned long long)want);
	return fail_hint(err, rc, "fetch or build the file again");
}

int arm64_image_parse(const uint8_t *p, size_t len, struct arm64_image *out,
		      mv_error *err)
{
	uint64_t size;
	int rc;

	if (len < HEADER_LEN)
		return fail(err, MICROVM_EBADIMAGE,
			    "truncated: an arm64 kernel's header takes %d "
			    "bytes, the file has %zu",
			    HEADER_LEN, len);
	if (memcmp(p + MAGIC, "ARM\x64", 4) != 0)
		return fail(err, MICROVM_EBADIMAGE, "not an arm64 kernel");
	if (le64(p + FLAGS) & FLAG_BIG_ENDIAN) {
		rc = fail(err, MICROVM_ENOTSUP, "a big-endian arm64 kernel");
		return fail_hint(err, rc, "take a little-endian one");
	}
	rc = check_pages(le64(p + FLAGS), err);
	if (!rc)
		rc = check_complete(p, len, err);
	if (rc)
		return rc;
	size = le64(p + IMAGE_SIZE);
	if (size && le64(p + TEXT_OFFSET) % PAGE)
		return fail(err, MICROVM_EBADIMAGE,
			    "corrupt: the arm64 kernel wants to lie at "
			    "offset 0x%llx, inside a page",
			    (unsigned long long)le64(p + TEXT_OFFSET));
	*out = (struct arm64_image){ .p = p, .len = len };
	out->text_offset = size ? le64(p + TEXT_OFFSET) : OLD_TEXT_OFFSET;
	out->reserve = size ? max_u64(size, len) : len + OLD_BSS;
	return 0;
}

uint64_t arm64_image_place(const struct arm64_image *im, uint64_t base,
			   uint64_t *gpa)
{
	uint64_t skip = align_up(base, ALIGN_2M) - base;
	uint64_t end;

	*gpa = 0;
	if (!add_ok(&skip, skip, im->text_offset) ||
	    !add_ok(&end, skip, im->reserve))
		return UINT64_MAX;
	*gpa = base + skip;
	return end;
}

int arm64_image_load(const struct arm64_image *im, uint64_t gpa,
		     const struct gmem *mem, mv_error *err)
{
	if (gmem_write(mem, gpa, im->p, im->len))
		return 0;
	return fail(err, MICROVM_EINVAL,
		    "no RAM for %s of kernel at address 0x%llx",
		    size_text(im->len).s, (unsigned long long)gpa);
}
