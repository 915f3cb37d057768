/* SPDX-License-Identifier: MIT */
/* pattern.c - test data that tells lost, doubled and swapped bytes. */
#include "guest/vsock-client/pattern.h"

#include <string.h>

#define CRC32_REVERSED UINT32_C(0xedb88320)

/* Table t is for the byte that t more follow ("slicing by four"). */
static void init_crc(struct pattern *p)
{
	uint32_t i, crc;
	int k;

	for (i = 0; i < 256; i++) {
		crc = i;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32_REVERSED : 0);
		p->crc_table[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (k = 1; k < 4; k++) {
			crc = p->crc_table[k - 1][i];
			p->crc_table[k][i] =
				crc >> 8 ^ p->crc_table[0][crc & 0xff];
		}
}

void pattern_init(struct pattern *p)
{
	uint32_t x = 1;
	size_t i;

	init_crc(p);
	for (i = 0; i < PATTERN_LEN; i++) {
		x = x * UINT32_C(1103515245) + 12345;
		p->data[i] = (uint8_t)(x >> 16);
	}
	for (; i < sizeof(p->data); i++)
		p->data[i] = p->data[i - PATTERN_LEN];
}

const uint8_t *pattern_at(const struct pattern *p, uint64_t offset)
{
	return p->data + offset % PATTERN_LEN;
}

uint32_t pattern_crc(const struct pattern *p, uint32_t crc, const uint8_t *data,
		     size_t len)
{
	const uint32_t(*t)[256] = p->crc_table;

	crc = ~crc;
	for (; len >= 4; len -= 4, data += 4) {
		crc ^= (uint32_t)data[0] | (uint32_t)data[1] << 8 |
		       (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
		crc = t[3][crc & 0xff] ^ t[2][crc >> 8 & 0xff] ^
		      t[1][crc >> 16 & 0xff] ^ t[0][crc >> 24];
	}
	for (; len; len--)
		crc = crc >> 8 ^ t[0][(crc ^ *data++) & 0xff];
	return ~crc;
}
