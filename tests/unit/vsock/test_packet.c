/* SPDX-License-Identifier: MIT */
#include "vsock/packet.h"

#include <string.h>

#include "../check.h"

static const uint8_t raw[44] = {
	/* src_cid, dst_cid, src_port, dst_port, len */
	0x01,
	0x02,
	0x03,
	0x04,
	0x05,
	0x06,
	0x07,
	0x08, /* */
	0x11,
	0x12,
	0x13,
	0x14,
	0x15,
	0x16,
	0x17,
	0x18, /* */
	0x21,
	0x22,
	0x23,
	0x24,
	0x31,
	0x32,
	0x33,
	0x34, /* */
	0x41,
	0x42,
	0x43,
	0x44,
	/* type, op, flags, buf_alloc, fwd_cnt */
	0x51,
	0x52,
	0x61,
	0x62,
	0x71,
	0x72,
	0x73,
	0x74, /* */
	0x81,
	0x82,
	0x83,
	0x84,
	0x91,
	0x92,
	0x93,
	0x94,
};

static void test_fields_are_where_the_standard_says(void **s)
{
	struct vsock_hdr h;

	(void)s;
	vsock_hdr_load(&h, raw);
	assert_int_equal(h.src_cid, UINT64_C(0x0807060504030201));
	assert_int_equal(h.dst_cid, UINT64_C(0x1817161514131211));
	assert_int_equal(h.src_port, 0x24232221);
	assert_int_equal(h.dst_port, 0x34333231);
	assert_int_equal(h.len, 0x44434241);
	assert_int_equal(h.type, 0x5251);
	assert_int_equal(h.op, 0x6261);
	assert_int_equal(h.flags, 0x74737271);
	assert_int_equal(h.buf_alloc, 0x84838281);
	assert_int_equal(h.fwd_cnt, 0x94939291);
}

static void test_what_is_stored_is_what_was_loaded(void **s)
{
	struct vsock_hdr h;
	uint8_t out[44];

	(void)s;
	memset(out, 0xee, sizeof(out));
	vsock_hdr_load(&h, raw);
	vsock_hdr_store(&h, out);
	assert_memory_equal(out, raw, sizeof(raw));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_where_the_standard_says),
		cmocka_unit_test(test_what_is_stored_is_what_was_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
