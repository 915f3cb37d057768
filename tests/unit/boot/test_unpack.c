/* SPDX-License-Identifier: MIT */
#include "boot/unpack.h"

#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "boot/size.h"
#include "pack.h"

typedef struct bytes pack_fn(const void *, size_t);

struct codec {
	const char *name;
	enum kind kind;
	pack_fn *pack;
};

static const struct codec codecs[] = {
	{ "gzip", KIND_GZIP, pack_gzip },
	{ "zstd", KIND_ZSTD, pack_zstd },
	{ "xz", KIND_XZ, pack_xz },
	{ "lz4", KIND_LZ4_LEGACY, pack_lz4 },
};

enum { LZ4 = 3 }; /* has no end mark */

#define CODECS (sizeof(codecs) / sizeof(*codecs))

/* Unpack an exact copy, so that ASan sees a read too far. */
static int unpack_copy(const struct codec *c, const uint8_t *p, size_t len,
		       size_t limit, struct unpacked *out, mv_error *e)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, p, len);
	rc = unpack(c->kind, copy, len, limit, out, e);
	free(copy);
	return rc;
}

/* Into room of ours, behind which nothing is written. */
static int unpack_into(const struct codec *c, struct bytes packed,
		       struct span room, size_t *n, mv_error *e)
{
	uint8_t *exact = malloc(room.len ? room.len : 1);
	int rc;

	assert_non_null(exact);
	rc = unpack_to(c->kind, packed.p, packed.len,
		       (struct span){ exact, room.len }, n, e);
	memcpy(room.p, exact, room.len);
	free(exact);
	return rc;
}

static void test_what_was_packed_comes_into_given_room(void **s)
{
	static const size_t sizes[] = { 64, 65536, 9 << 20 };
	size_t i, n;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		for (n = 0; n < sizeof(sizes) / sizeof(*sizes); n++) {
			struct bytes raw = make_image(sizes[n], 0, 0, 0);
			struct bytes packed = codecs[i].pack(raw.p, raw.len);
			struct span room = { malloc(raw.len + 100),
					     raw.len + 100 };
			size_t len, k;

			assert_non_null(room.p);
			assert_int_equal(unpack_into(&codecs[i], packed, room,
						     &len, NULL),
					 0);
			assert_int_equal(len, raw.len);
			assert_memory_equal(room.p, raw.p, raw.len);
			for (k = raw.len; k < room.len; k++)
				assert_int_equal(room.p[k], 0);
			room.len = raw.len + 1;
			assert_int_equal(unpack_into(&codecs[i], packed, room,
						     &len, NULL),
					 0);
			free(room.p);
			free(packed.p);
			free(raw.p);
		}
	}
}

static void test_given_room_is_never_left(void **s)
{
	static const size_t rooms[] = { 0, 1, 100, 5000, 65536 };
	struct bytes raw = make_image(65536, 0, 0, 0);
	uint8_t buf[65536];
	size_t i, n;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		struct bytes packed = codecs[i].pack(raw.p, raw.len);

		for (n = 0; n < sizeof(rooms) / sizeof(*rooms); n++) {
			struct span room = { buf, rooms[n] };
			mv_error e = { 0 };
			size_t len;

			assert_true(unpack_into(&codecs[i], packed, room, &len,
						&e) < 0);
			if (!rooms[n])
				assert_string_equal(e.msg,
						    "no room to unpack to");
			else
				assert_non_null(strstr(e.msg, "the limit"));
		}
		free(packed.p);
	}
	free(raw.p);
}

static void test_several_frames_share_the_room(void **s)
{
	struct bytes raw = make_image(3000, 0, 0, 0);
	uint8_t buf[6001];
	size_t i, len;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		struct bytes one = codecs[i].pack(raw.p, raw.len);
		struct bytes two = join(one, one);

		assert_int_equal(unpack_into(&codecs[i], two,
					     (struct span){ buf, sizeof(buf) },
					     &len, NULL),
				 0);
		assert_int_equal(len, 6000);
		assert_memory_equal(buf, raw.p, 3000);
		assert_memory_equal(buf + 3000, raw.p, 3000);
		free(one.p);
		free(two.p);
	}
	free(raw.p);
}

static void test_the_head_is_as_long_as_asked_for(void **s)
{
	struct bytes raw = make_image(1 << 20, 0, 0, 0);
	static const size_t rooms[] = { 1, 64, 1024, 65536 };
	size_t i, n;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		struct bytes packed = codecs[i].pack(raw.p, raw.len);

		for (n = 0; n < sizeof(rooms) / sizeof(*rooms); n++) {
			uint8_t *buf = malloc(rooms[n]);

			assert_non_null(buf);
			assert_int_equal(
				unpack_head(codecs[i].kind, packed.p,
					    packed.len,
					    (struct span){ buf, rooms[n] }),
				rooms[n]);
			assert_memory_equal(buf, raw.p, rooms[n]);
			free(buf);
		}
		free(packed.p);
	}
	free(raw.p);
}

static void test_bad_data_have_no_head(void **s)
{
	uint8_t buf[16];
	size_t i;

	(void)s;
	for (i = 0; i < CODECS; i++)
		assert_int_equal(unpack_head(codecs[i].kind,
					     (const uint8_t *)"rubbish", 7,
					     (struct span){ buf, 16 }),
				 0);
	assert_int_equal(unpack_head(KIND_ELF,
				     (const uint8_t *)"\x7f"
						      "ELF",
				     4, (struct span){ buf, 16 }),
			 0);
	assert_int_equal(
		unpack_head(KIND_GZIP, NULL, 0, (struct span){ NULL, 0 }), 0);
}

static void test_what_was_packed_comes_back(void **s)
{
	static const size_t sizes[] = { 64, 65535, 65536, 65537, 1 << 20 };
	size_t i, n;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		for (n = 0; n < sizeof(sizes) / sizeof(*sizes); n++) {
			struct bytes raw = make_image(sizes[n], 0, 0, 0);
			struct bytes packed = codecs[i].pack(raw.p, raw.len);
			struct unpacked out;

			/* a limit of exactly the size is enough */
			assert_int_equal(unpack_copy(&codecs[i], packed.p,
						     packed.len, raw.len, &out,
						     NULL),
					 0);
			assert_int_equal(out.len, raw.len);
			assert_memory_equal(out.p, raw.p, raw.len);
			free(out.p);
			free(packed.p);
			free(raw.p);
		}
	}
}

static void test_members_in_a_row_are_one(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		struct bytes a = codecs[i].pack("kernel", 6);
		struct bytes b = codecs[i].pack("image", 5);
		struct bytes ab = join(a, b);
		struct unpacked out;

		assert_int_equal(
			unpack_copy(&codecs[i], ab.p, ab.len, 100, &out, NULL),
			0);
		assert_int_equal(out.len, 11);
		assert_memory_equal(out.p, "kernelimage", 11);
		free(out.p);
		free(ab.p);
		free(a.p);
		free(b.p);
	}
}

static void test_what_stands_behind_is_passed_over(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LZ4; i++) {
		struct bytes a = codecs[i].pack("kernel", 6);
		struct bytes tail = { (uint8_t[]){ 6, 0, 0, 0, 0x1f }, 5 };
		struct bytes ab = join(a, tail);
		struct unpacked out;

		assert_int_equal(
			unpack_copy(&codecs[i], ab.p, ab.len, 100, &out, NULL),
			0);
		assert_int_equal(out.len, 6);
		free(out.p);
		free(ab.p);
		free(a.p);
	}
}

static void test_every_truncation_is_called_so(void **s)
{
	struct bytes raw = make_image(5000, 0, 0, 0);
	char want[80];
	size_t i, n;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		struct bytes packed = codecs[i].pack(raw.p, raw.len);

		for (n = 0; n < packed.len; n++) {
			struct unpacked out;
			mv_error e;

			assert_int_equal(unpack_copy(&codecs[i], packed.p, n,
						     raw.len, &out, &e),
					 -MICROVM_EBADIMAGE);
			(void)snprintf(want, sizeof(want),
				       "truncated: the %s data end too early, "
				       "after %zu byte%s",
				       codecs[i].name, n, n == 1 ? "" : "s");
			assert_string_equal(e.msg, want);
			assert_string_equal(e.hint,
					    "fetch or build the file again");
		}
		free(packed.p);
	}
	free(raw.p);
}

static void test_a_bomb_stops_at_the_limit(void **s)
{
	char want[100];
	size_t len = 20 << 20;
	uint8_t *zeros = calloc(1, len);
	size_t i;

	(void)s;
	assert_non_null(zeros);
	for (i = 0; i < CODECS; i++) {
		struct bytes packed = codecs[i].pack(zeros, len);
		size_t limit;

		(void)snprintf(want, sizeof(want),
			       "%s of packed %s unpack to more than 1 MiB, "
			       "the limit",
			       size_text(packed.len).s, codecs[i].name);
		for (limit = 0; limit < 3; limit++) {
			struct unpacked out;
			mv_error e;

			assert_int_equal(unpack_copy(&codecs[i], packed.p,
						     packed.len, limit << 20,
						     &out, &e),
					 -MICROVM_EBADIMAGE);
			if (limit == 1)
				assert_string_equal(e.msg, want);
		}
		free(packed.p);
	}
	free(zeros);
}

static void test_one_byte_over_the_limit_is_over(void **s)
{
	size_t i, n;

	(void)s;
	for (i = 0; i < CODECS; i++) {
		for (n = 1; n < 200000; n = n * 3 + 1) {
			struct bytes raw = make_image(n + 64, 0, 0, 0);
			struct bytes packed = codecs[i].pack(raw.p, raw.len);
			struct unpacked out;
			mv_error e;

			assert_int_equal(unpack_copy(&codecs[i], packed.p,
						     packed.len, raw.len - 1,
						     &out, &e),
					 -MICROVM_EBADIMAGE);
			assert_non_null(strstr(e.msg, "the limit"));
			free(packed.p);
			free(raw.p);
		}
	}
}

static void test_a_flipped_byte_is_corruption(void **s)
{
	struct bytes raw = make_image(3000, 0, 0, 0);
	struct bytes packed = pack_gzip(raw.p, raw.len);
	struct unpacked out;
	mv_error e;

	(void)s;
	packed.p[packed.len - 6] ^= 1; /* the checksum */
	assert_int_equal(
		unpack(KIND_GZIP, packed.p, packed.len, 4000, &out, &e),
		-MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "corrupt gzip data: incorrect data check");
	assert_string_equal(e.hint, "fetch or build the file again");
	free(packed.p);
	packed = pack_zstd(raw.p, raw.len);
	packed.p[4] |= 8; /* a reserved bit of the frame's header */
	assert_int_equal(
		unpack(KIND_ZSTD, packed.p, packed.len, 4000, &out, &e),
		-MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "corrupt zstd data: "
				   "Unsupported frame parameter");
	free(packed.p);
	free(raw.p);
}

static void test_nothing_packed_is_refused(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LZ4; i++) {
		struct bytes packed = codecs[i].pack("", 0);
		struct unpacked out;
		mv_error e;

		assert_int_equal(unpack(codecs[i].kind, packed.p, packed.len,
					100, &out, &e),
				 -MICROVM_EBADIMAGE);
		assert_non_null(strstr(e.msg, " data of no bytes"));
		free(packed.p);
	}
}

static void expect_lz4(const uint8_t *p, size_t len, const char *why)
{
	struct unpacked out;
	mv_error e;

	assert_int_equal(unpack_copy(&codecs[LZ4], p, len, 100, &out, &e),
			 -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, why);
}

static void test_lz4_ends_at_a_block_of_no_length(void **s)
{
	struct bytes a = pack_lz4("kernel", 6);
	struct bytes tail = { (uint8_t[]){ 0, 0, 0, 0, 1, 2, 3 }, 7 };
	struct bytes ab = join(a, tail);
	struct unpacked out;

	(void)s;
	assert_int_equal(
		unpack_copy(&codecs[LZ4], ab.p, ab.len, 100, &out, NULL), 0);
	assert_int_equal(out.len, 6);
	free(out.p);
	expect_lz4((const uint8_t *)"\2\x21\x4c\x18\0\0\0\0", 8,
		   "lz4 data of no bytes");
	free(ab.p);
	free(a.p);
}

static void test_blocks_that_cannot_be_are_corruption(void **s)
{
	(void)s;
	expect_lz4((const uint8_t *)"\2\x21\x4c\x18\1\0\0\1", 8,
		   "corrupt lz4 data: a block longer than any can be");
	expect_lz4((const uint8_t *)"\2\x21\x4c\x18\2\0\0\0\xff\xff", 10,
		   "corrupt lz4 data: a block that cannot be unpacked");
	expect_lz4((const uint8_t *)"\4\x22\x4d\x18\2\0\0\0\xff\xff", 10,
		   "corrupt lz4 data: not the legacy format");
}

static void expect_xz(struct bytes b, const char *why)
{
	struct unpacked out;
	mv_error e;

	assert_int_equal(unpack(KIND_XZ, b.p, b.len, 100, &out, &e),
			 -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, why);
}

/*
 * xz-file-format 3.1: the block's header begins at 12; behind its flags come
 * two sizes, here of a byte each, and the filter: its id, 1, the window.
 */
static void test_an_xz_window_is_not_taken_from_the_file(void **s)
{
	struct bytes b = pack_xz("kernel", 6);
	size_t end = 12 + 4 * (size_t)b.p[12];
	uint8_t *filter = b.p + 14 + 2;

	(void)s;
	assert_int_equal(b.p[13], 0xc0); /* both sizes, one filter */
	filter[2] = 40;                  /* 4 GiB */
	expect_xz(b, "corrupt xz data: what comes out is not what went in");
	put_le32(b.p + end, lzma_crc32(b.p + 12, end - 12, 0));
	expect_xz(b, "corrupt xz data: the window is larger than any kernel's");
	filter[0] = 0x7e; /* no such filter */
	put_le32(b.p + end, lzma_crc32(b.p + 12, end - 12, 0));
	expect_xz(b, "corrupt xz data: packed by filters we do not know");
	b.p[0] = 0;
	expect_xz(b, "corrupt xz data: not an xz stream");
	free(b.p);
}

static void test_every_known_kind_is_unpacked_by_name(void **s)
{
	enum kind kind;
	unsigned known = 0;
	size_t i;
	mv_error e;
	struct unpacked out;

	(void)s;
	for (kind = 0; kind < KIND_COUNT; kind++)
		known += unpack_knows(kind);
	assert_int_equal(known, CODECS);
	for (i = 0; i < CODECS; i++) {
		struct bytes b = codecs[i].pack("kernel", 6);

		kind = kind_of(b.p, b.len);
		assert_true(unpack_knows(kind));
		assert_int_equal(unpack(kind, b.p, b.len, 6, &out, NULL), 0);
		assert_memory_equal(out.p, "kernel", 6);
		free(out.p);
		free(b.p);
	}
	assert_int_equal(unpack(KIND_TAR, NULL, 0, 6, &out, &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "a tar archive: not packed in a way we "
				   "unpack");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_packed_comes_back),
		cmocka_unit_test(test_what_was_packed_comes_into_given_room),
		cmocka_unit_test(test_given_room_is_never_left),
		cmocka_unit_test(test_several_frames_share_the_room),
		cmocka_unit_test(test_the_head_is_as_long_as_asked_for),
		cmocka_unit_test(test_bad_data_have_no_head),
		cmocka_unit_test(test_members_in_a_row_are_one),
		cmocka_unit_test(test_what_stands_behind_is_passed_over),
		cmocka_unit_test(test_every_truncation_is_called_so),
		cmocka_unit_test(test_a_bomb_stops_at_the_limit),
		cmocka_unit_test(test_one_byte_over_the_limit_is_over),
		cmocka_unit_test(test_a_flipped_byte_is_corruption),
		cmocka_unit_test(test_nothing_packed_is_refused),
		cmocka_unit_test(test_lz4_ends_at_a_block_of_no_length),
		cmocka_unit_test(test_blocks_that_cannot_be_are_corruption),
		cmocka_unit_test(test_an_xz_window_is_not_taken_from_the_file),
		cmocka_unit_test(test_every_known_kind_is_unpacked_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
