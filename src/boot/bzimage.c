/* SPDX-License-Identifier: MIT */
/* bzimage.c - an x86 kernel as distributions ship it: its header. */
#include "boot/bzimage.h"

#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "boot/kind.h"

/* boot.rst, "The Real-Mode Kernel Header" */
enum {
	SETUP_SECTS = 0x1f1, /* sectors behind the first, 8 bits */
	BOOT_FLAG = 0x1fe,
	HEADER_MAGIC = 0x202,
	VERSION = 0x206,
	XLOADFLAGS = 0x236,
	PAYLOAD_OFFSET = 0x248, /* from the end of the setup sectors */
	PAYLOAD_LENGTH = 0x24c,
	INIT_SIZE = 0x260,
	HEADER_END = 0x264, /* of protocol 2.12 */
};

enum {
	BOOT_MAGIC = 0xaa55,
	PROTOCOL_2_12 = 0x020c, /* the first with XLOADFLAGS: Linux 3.8 */
	XLF_KERNEL_64 = 1 << 0, /* has the 64-bit entry point */
	SECTOR = 512,
	SECTS_OF_0 = 4, /* "if this is 0 the real value is 4" */
};

/*
 * At the end of the payload, and counted in its length, stands its unpacked
 * size: gzip data end with it, to others the kernel's build appends it.
 */
enum { SIZE_LEN = 4 };

static int too_short(size_t len, mv_error *err)
{
	return fail(err, MICROVM_EBADIMAGE,
		    "truncated: an x86 kernel's header takes %d bytes, the "
		    "file has %zu",
		    HEADER_END, len);
}

static int check_entry(const uint8_t *p, mv_error *err)
{
	unsigned v = le16(p + VERSION);
	int rc;

	if (v < PROTOCOL_2_12) {
		rc = fail(err, MICROVM_ENOTSUP,
			  "an x86 kernel of boot protocol %u.%02u, too old: "
			  "2.12 is needed",
			  v >> 8, v & 0xff);
		return fail_hint(err, rc, "take Linux 3.8 or later");
	}
	if (le16(p + XLOADFLAGS) & XLF_KERNEL_64)
		return 0;
	rc = fail(err, MICROVM_ENOTSUP, "a 32-bit x86 kernel");
	return fail_hint(err, rc, "take one built for x86_64 (Debian: amd64)");
}

static int find_payload(const uint8_t *p, size_t len, struct bzimage *bz,
			mv_error *err)
{
	unsigned sects = p[SETUP_SECTS] ? p[SETUP_SECTS] : SECTS_OF_0;
	uint64_t off =
		(uint64_t)(sects + 1) * SECTOR + le32(p + PAYLOAD_OFFSET);
	uint32_t n = le32(p + PAYLOAD_LENGTH);
	int rc;

	if (n <= SIZE_LEN)
		return fail(err, MICROVM_EBADIMAGE,
			    "corrupt: the x86 kernel has a payload of %u bytes",
			    n);
	if (!fits(off, n, len)) {
		rc = fail(err, MICROVM_EBADIMAGE,
			  "truncated: the x86 kernel's payload (%u bytes at "
			  "%llu) ends behind the file's %zu bytes",
			  n, (unsigned long long)off, len);
		return fail_hint(err, rc, "fetch or build the file again");
	}
	bz->payload = p + off;
	bz->payload_len = n;
	if (kind_of(p + off, n) != KIND_GZIP)
		bz->payload_len -= SIZE_LEN;
	bz->unpacked_len = le32(p + off + n - SIZE_LEN);
	return 0;
}

int bzimage_parse(const uint8_t *p, size_t len, struct bzimage *out,
		  mv_error *err)
{
	int rc;

	*out = (struct bzimage){ 0 };
	if (len < HEADER_END)
		return too_short(len, err);
	if (le16(p + BOOT_FLAG) != BOOT_MAGIC ||
	    memcmp(p + HEADER_MAGIC, "HdrS", 4) != 0)
		return fail(err, MICROVM_EBADIMAGE, "not an x86 kernel");
	rc = check_entry(p, err);
	if (!rc)
		rc = find_payload(p, len, out, err);
	if (rc)
		return rc;
	out->protocol = le16(p + VERSION);
	out->init_size = le32(p + INIT_SIZE);
	return 0;
}
