/* SPDX-License-Identifier: MIT */
#include "os/addr.h"

#include <string.h>

#include "base/container.h"

#include "../check.h"

static void test_an_address_survives_the_way_through_text(void **s)
{
	static const char *const texts[] = {
		"0.0.0.0:0",
		"127.0.0.1:80",
		"1.2.3.4:65535",
		"255.255.255.255:1",
		"[::]:0",
		"[::1]:65535",
		"[fe80::1%2]:22",
		"[fe80::1%4294967295]:22",
		"[2001:db8::1]:53",
		"[::ffff:10.0.0.1]:9",
		"[1:2:3:4:5:6:7:8]:1",
	};
	char buf[ADDR_TEXT];
	struct addr a, b;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(texts); i++) {
		assert_true(addr_parse(texts[i], &a));
		assert_string_equal(addr_text(&a, buf), texts[i]);
		assert_true(addr_parse(buf, &b));
		assert_true(addr_equal(&a, &b));
		assert_int_equal(a.scope, b.scope);
	}
}

static void test_the_longest_address_fits_its_buffer(void **s)
{
	struct addr a = { .family = ADDR_IPV6,
			  .port = UINT16_MAX,
			  .scope = UINT32_MAX };
	char buf[ADDR_TEXT];
	struct addr b;

	(void)s;
	memset(a.ip, 0xab, sizeof(a.ip));
	assert_string_equal(addr_text(&a, buf),
			    "[abab:abab:abab:abab:abab:abab:abab:abab"
			    "%4294967295]:65535");
	assert_true(addr_parse(buf, &b));
	assert_true(addr_equal(&a, &b));
}

static void test_bytes_are_in_network_order_and_the_rest_is_zero(void **s)
{
	static const uint8_t want[16] = { 10, 0, 0, 7 };
	struct addr a;

	(void)s;
	memset(&a, 0xff, sizeof(a));
	assert_true(addr_parse("10.0.0.7:8080", &a));
	assert_int_equal(a.family, ADDR_IPV4);
	assert_int_equal(a.port, 8080);
	assert_int_equal(a.scope, 0);
	assert_memory_equal(a.ip, want, sizeof(want));
}

static void test_an_ip_alone_has_port_0(void **s)
{
	char buf[ADDR_TEXT];
	struct addr a;

	(void)s;
	assert_true(addr_parse_ip("192.168.1.2", &a));
	assert_int_equal(a.family, ADDR_IPV4);
	assert_int_equal(a.port, 0);
	assert_string_equal(addr_ip_text(&a, buf), "192.168.1.2");
	assert_true(addr_parse_ip("FE80::A%7", &a));
	assert_int_equal(a.family, ADDR_IPV6);
	assert_int_equal(a.scope, 7);
	assert_string_equal(addr_ip_text(&a, buf), "fe80::a%7");
}

static void test_no_address_has_a_text_too(void **s)
{
	struct addr none = { 0 };
	char buf[ADDR_TEXT];

	(void)s;
	assert_string_equal(addr_ip_text(&none, buf), "none");
	assert_string_equal(addr_text(&none, buf), "none:0");
}

static const char *const not_an_ip[] = {
	"",
	".",
	":",
	"::1:",
	"1.2.3",
	"1.2.3.4.5",
	"1.2.3.256",
	"01.2.3.4",
	"0x7f.0.0.1",
	"2130706433",
	"1.2.3.4 ",
	" 1.2.3.4",
	"1.2.3.4%1",
	"1.2.3.-4",
	"[::1]",
	"[1.2.3.4]",
	"::1%",
	"::1%eth0",
	"::1%01",
	"::1%-1",
	"::1%4294967296",
	"::1%99999999999999999999",
	"::1%1%2",
	"%1",
	"1::2::3",
	"12345::",
	"1:2:3:4:5:6:7:8:9",
	"::1.2.3",
	"localhost",
	"1111111111111111111111111111111111111111111111111111111111111111111",
	"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:00",
};

static const char *const not_an_addr[] = {
	"",
	":",
	"[",
	"]",
	"[]",
	"[]:80",
	"[:1",
	"[::1",
	"[::1]",
	"[::1]80",
	"[::1]]:80",
	"[[::1]:80",
	"[::1]:",
	"[::1]:65536",
	"[1.2.3.4]:80",
	"::1:80",
	"1.2.3.4",
	"1.2.3:80",
	"1.2.3.4:",
	":80",
	"1.2.3.4:65536",
	"1.2.3.4:99999",
	"1.2.3.4:184467440737095516160",
	"1.2.3.4:080",
	"1.2.3.4:00",
	"1.2.3.4:-1",
	"1.2.3.4:+1",
	"1.2.3.4: 1",
	"1.2.3.4:1 ",
	"1.2.3.4:0x50",
	"1.2.3.4:http",
	"1.2.3.4:80:80",
	"1.2.3.4]:80",
	"1111111111111111111111111111111111111111111111111111111111111111:1",
	"[::%111111111111111111111111111111111111111111111111111111111111]:1",
};

static void refused(bool taken, const char *text)
{
	if (taken)
		print_error("took \"%s\"\n", text);
	assert_false(taken);
}

static void test_what_is_no_address_is_refused_and_changes_nothing(void **s)
{
	static const struct addr before = { .family = 9, .port = 9 };
	struct addr a = before;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(not_an_ip); i++)
		refused(addr_parse_ip(not_an_ip[i], &a), not_an_ip[i]);
	for (i = 0; i < LEN(not_an_addr); i++)
		refused(addr_parse(not_an_addr[i], &a), not_an_addr[i]);
	assert_memory_equal(&a, &before, sizeof(a));
}

static void test_equal_means_family_ip_and_port(void **s)
{
	static const struct row {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "1.2.3.4:5", "1.2.3.4:5", true },
		{ "1.2.3.4:5", "1.2.3.4:6", false },
		{ "1.2.3.4:5", "1.2.3.5:5", false },
		{ "[::1]:5", "[0:0:0:0:0:0:0:1]:5", true },
		{ "0.0.0.0:5", "[::]:5", false },
	};
	struct addr a, b;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		assert_true(addr_parse(rows[i].a, &a));
		assert_true(addr_parse(rows[i].b, &b));
		assert_int_equal(addr_equal(&a, &b), rows[i].equal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_survives_the_way_through_text),
		cmocka_unit_test(test_the_longest_address_fits_its_buffer),
		cmocka_unit_test(
			test_bytes_are_in_network_order_and_the_rest_is_zero),
		cmocka_unit_test(test_an_ip_alone_has_port_0),
		cmocka_unit_test(test_no_address_has_a_text_too),
		cmocka_unit_test(
			test_what_is_no_address_is_refused_and_changes_nothing),
		cmocka_unit_test(test_equal_means_family_ip_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
