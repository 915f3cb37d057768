/* SPDX-License-Identifier: MIT */
/*
 * driver_target.c - a target with known faults: it aborts on an X as the third
 * byte, and does not return 0 for "odd".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len >= 3 && data[2] == 'X')
		abort();
	return len == 3 && memcmp(data, "odd", 3) == 0;
}
