/* SPDX-License-Identifier: MIT */
/*
 * pattern.h - test data that tells lost, doubled and swapped bytes.
 *
 * Pure.  A block of PATTERN_LEN bytes over and over; its length is prime, so
 * that no buffer's size is a multiple of it.  Byte i of the block is bits 16
 * to 23 of x(i+1), where x(0) = 1 and x(n+1) = 1103515245 x(n) + 12345 modulo
 * 2^32.
 */
#ifndef GUEST_VSOCK_CLIENT_PATTERN_H
#define GUEST_VSOCK_CLIENT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATTERN_LEN = 65521, PATTERN_CHUNK_MAX = 1024 * 1024 };

struct pattern {
	uint32_t crc_table[4][256];
	uint8_t data[PATTERN_LEN + PATTERN_CHUNK_MAX]; /* the block, repeated */
};

void pattern_init(struct pattern *p);

/* The data from byte `offset` of the stream: PATTERN_CHUNK_MAX bytes of it. */
const uint8_t *pattern_at(const struct pattern *p, uint64_t offset);

/*
 * CRC-32 (ITU-T V.42, 8.1.1.6.2; as in zlib and Ethernet): of nothing it is 0,
 * and of more bytes it goes on from the last result.
 */
uint32_t pattern_crc(const struct pattern *p, uint32_t crc, const uint8_t *data,
		     size_t len);

#endif
