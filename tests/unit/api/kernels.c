/* SPDX-License-Identifier: MIT */
/* kernels.c - arm64 kernels of a few instructions, and files to keep them. */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/container.h"

#include "../check.h"

static const uint32_t echo[] = {
	0xd2a12001, /*         mov  x1, #0x9000000 */
	0x52806020, /*         mov  w0, #0x301 */
	0xb9003020, /*         str  w0, [x1, #0x30]    UARTCR */
	0x528007c0, /*         mov  w0, #'>' */
	0xb9000020, /*         str  w0, [x1]           UARTDR */
	0xb9401822, /* again:  ldr  w2, [x1, #0x18]    UARTFR */
	0x3727ffe2, /*         tbnz w2, #4, again      empty */
	0xb9400023, /*         ldr  w3, [x1] */
	0xb9000023, /*         str  w3, [x1] */
	0x7101c47f, /*         cmp  w3, #'q' */
	0x54ffff61, /*         b.ne again */
	0x52800100, /*         mov  w0, #0x8           SYSTEM_OFF */
	0x72b08000, /*         movk w0, #0x8400, lsl #16 */
	0xd4000002, /*         hvc  #0 */
	0x14000000, /*         b    . */
};

static const uint32_t shout[] = {
	0xd2a12001, /*         mov  x1, #0x9000000 */
	0xb9000020, /* again:  str  w0, [x1] */
	0x17ffffff, /*         b    again */
};

static const uint32_t sleeper[] = {
	0xd503207f, /* again:  wfi */
	0x17ffffff, /*         b    again */
};

static const uint32_t smp[] = {
	0xd2a12001, /*         mov  x1, #0x9000000 */
	0x10000284, /*         adr  x4, word */
	0x52800060, /*         mov  w0, #0x3           CPU_ON */
	0x72b88000, /*         movk w0, #0xc400, lsl #16 */
	0xaa0103e5, /*         mov  x5, x1 */
	0xd2800021, /*         mov  x1, #1 */
	0x10000162, /*         adr  x2, second */
	0xd2800643, /*         mov  x3, #'2' */
	0xd4000002, /*         hvc  #0 */
	0xaa0503e1, /*         mov  x1, x5 */
	0xb9400080, /* again:  ldr  w0, [x4] */
	0x34ffffe0, /*         cbz  w0, again */
	0xb9000020, /*         str  w0, [x1] */
	0x52800100, /*         mov  w0, #0x8           SYSTEM_OFF */
	0x72b08000, /*         movk w0, #0x8400, lsl #16 */
	0xd4000002, /*         hvc  #0 */
	0x14000000, /*         b    . */
	0x10000084, /* second: adr  x4, word */
	0xb9000080, /*         str  w0, [x4] */
	0xd503207f, /* idle:   wfi */
	0x17ffffff, /*         b    idle */
	0x00000000, /* word: */
};

const struct kernel kernel_echo = { echo, LEN(echo) };
const struct kernel kernel_shout = { shout, LEN(shout) };
const struct kernel kernel_sleep = { sleeper, LEN(sleeper) };
const struct kernel kernel_smp = { smp, LEN(smp) };

void temp_file(char path[static TEMP_PATH], const void *p, size_t len)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	(void)snprintf(path, TEMP_PATH, "%.90s/mvapiXXXXXX",
		       dir ? dir : "/tmp");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	assert_int_equal(close(fd), 0);
}

/* Linux Documentation/arch/arm64/booting.rst, section 4. */
void temp_kernel(char path[static TEMP_PATH], const struct kernel *k)
{
	uint8_t image[64 + 256] = { 0 };
	size_t i;

	assert_true(k->words * 4 <= sizeof(image) - 64);
	put_le32(image, 0x14000010);   /* b behind the header */
	put_le64(image + 16, 0x10000); /* image_size */
	put_le64(image + 24, 0xa);     /* 4 KiB pages, anywhere in RAM */
	memcpy(image + 56, "ARM\x64", 4);
	for (i = 0; i < k->words; i++)
		put_le32(image + 64 + 4 * i, k->code[i]);
	temp_file(path, image, sizeof(image));
}

void temp_remove(const char *path)
{
	assert_int_equal(unlink(path), 0);
}
