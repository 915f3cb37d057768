/* SPDX-License-Identifier: MIT */
#include "guest/outbound-proxy/dns.h"

#include <string.h>

#include "../check.h"

#define TEXT(s) s, sizeof(s) - 1

/* ID 0x1234, RD, one question; then as told. */
static size_t query(uint8_t *p, const char *name, size_t len, unsigned type)
{
	memcpy(p, "\x12\x34\1\0\0\1\0\0\0\0\0\0", 12);
	memcpy(p + 12, name, len);
	p += 12 + len;
	memcpy(p,
	       (const uint8_t[]){ 0, (uint8_t)(type >> 8), (uint8_t)type, 0,
				  1 },
	       5);
	return 12 + len + 5;
}

static enum dns_verdict ask(struct dns_query *q, const char *name, size_t len,
			    unsigned type)
{
	uint8_t p[600];

	return dns_read(q, p, query(p, name, len, type));
}

static void test_an_address_is_asked_for(void **s)
{
	struct dns_query q;

	(void)s;
	assert_int_equal(ask(&q, TEXT("\3wWw\1a\4test"), DNS_A), DNS_FORWARD);
	assert_string_equal(q.name, "wWw.a.test");
	assert_int_equal(q.name_len, 10);
	assert_int_equal(q.id, 0x1234);
	assert_int_equal(q.udp_max, DNS_UDP_MAX);
	assert_false(q.edns);
}

static void test_every_cut_of_a_question_is_an_error(void **s)
{
	struct dns_query q;
	uint8_t p[600];
	size_t n = query(p, TEXT("\1a\4test"), DNS_A), i;

	(void)s;
	for (i = 0; i < 12; i++)
		assert_int_equal(dns_read(&q, p, i), DNS_DROP);
	for (; i < n; i++) {
		assert_int_equal(dns_read(&q, p, i), DNS_ANSWER);
		assert_int_equal(q.rcode, DNS_FORMERR);
	}
}

static void test_names_of_the_greatest_length(void **s)
{
	char name[256];
	struct dns_query q;
	int i;

	(void)s;
	memset(name, 'x', sizeof(name));
	for (i = 0; i < 4; i++)
		name[i * 64] = 63;
	name[3 * 64] = 61; /* 3 * 64 + 62 and the root are 255 bytes */
	assert_int_equal(ask(&q, name, 3 * 64 + 62, DNS_A), DNS_FORWARD);
	assert_int_equal(q.name_len, 253);
	assert_int_equal(strlen(q.name), 253);
	name[3 * 64] = 62;
	assert_int_equal(ask(&q, name, 3 * 64 + 63, DNS_A), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_FORMERR);
	name[0] = 64;
	assert_int_equal(ask(&q, name, 65, DNS_A), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_FORMERR);
}

static void test_pointers_in_a_question_are_refused(void **s)
{
	struct dns_query q;

	(void)s;
	assert_int_equal(ask(&q, TEXT("\xc0\x0c"), DNS_A), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_FORMERR);
	assert_int_equal(ask(&q, TEXT("\1a\xc0\x0c"), DNS_A), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_FORMERR);
}

static void test_what_cannot_be_a_host_does_not_exist(void **s)
{
	struct dns_query q;

	(void)s;
	assert_int_equal(ask(&q, TEXT("\3a.b\4test"), DNS_A), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NXDOMAIN);
	assert_int_equal(ask(&q, TEXT("\2a\0\4test"), DNS_AAAA), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NXDOMAIN);
	assert_int_equal(ask(&q, TEXT("\4_tcp\1a"), DNS_A), DNS_FORWARD);
}

static void test_only_questions_are_answered(void **s)
{
	struct dns_query q;
	uint8_t p[600];
	size_t n = query(p, TEXT("\1a"), DNS_A);

	(void)s;
	p[2] |= 0x80;
	assert_int_equal(dns_read(&q, p, n), DNS_DROP);
	p[2] = 0x28; /* an update */
	assert_int_equal(dns_read(&q, p, n), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NOTIMP);
	p[2] = 1;
	p[5] = 2;
	assert_int_equal(dns_read(&q, p, n), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_FORMERR);
	p[5] = 1;
	p[n - 1] = 3; /* class CH */
	assert_int_equal(dns_read(&q, p, n), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NOTIMP);
}

static void test_edns_is_taken_once_and_of_version_0(void **s)
{
	static const uint8_t opt[] = { 0, 0, 41, 16, 0, 0, 0,
				       0, 0, 0,  3,  1, 2, 3 };
	struct dns_query q;
	uint8_t p[600], out[DNS_ANSWER_MAX];
	size_t n = query(p, TEXT("\1a"), DNS_A), i;

	(void)s;
	memcpy(p + n, opt, sizeof(opt));
	p[11] = 1;
	assert_int_equal(dns_read(&q, p, n + sizeof(opt)), DNS_FORWARD);
	assert_true(q.edns);
	assert_int_equal(q.udp_max, 4096);
	for (i = 0; i < sizeof(opt); i++) {
		assert_int_equal(dns_read(&q, p, n + i), DNS_ANSWER);
		assert_int_equal(q.rcode, DNS_FORMERR);
	}
	memcpy(p + n + sizeof(opt), opt, sizeof(opt));
	p[11] = 2;
	assert_int_equal(dns_read(&q, p, n + 2 * sizeof(opt)), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_FORMERR);
	p[11] = 1;
	p[n + 6] = 1; /* the version */
	assert_int_equal(dns_read(&q, p, n + sizeof(opt)), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_BADVERS);
	n = dns_write(out, &q, 512);
	assert_int_equal(out[3] & 15, 0);
	assert_int_equal(out[n - 6], 1); /* the upper bits of 16 */
}

static void test_reverse_names_are_addresses(void **s)
{
	char six[64] = { 0 };
	struct dns_query q;
	char name[80];
	int i;

	(void)s;
	assert_int_equal(ask(&q,
			     TEXT("\1"
				  "4\1"
				  "3\3"
				  "255\2"
				  "10\7in-addr\4ARPA"),
			     DNS_PTR),
			 DNS_REVERSE);
	assert_int_equal(q.addr_len, 4);
	assert_memory_equal(q.addr, "\x0a\xff\3\4", 4);
	for (i = 0; i < 32; i++) {
		six[2 * i] = 1;
		six[2 * i + 1] = "0123456789abcdefFEDCBA9876543210"[i];
	}
	memcpy(name, six, 64);
	memcpy(name + 64, "\3ip6\4arpa", 9);
	assert_int_equal(ask(&q, name, 73, DNS_PTR), DNS_REVERSE);
	assert_int_equal(q.addr_len, 16);
	assert_memory_equal(q.addr,
			    "\x01\x23\x45\x67\x89\xab\xcd\xef"
			    "\xfe\xdc\xba\x98\x76\x54\x32\x10",
			    16);
}

static void test_half_of_a_reverse_name_is_none(void **s)
{
	struct dns_query q;

	(void)s;
	assert_int_equal(ask(&q,
			     TEXT("\1"
				  "3\2"
				  "10\7in-addr\4arpa"),
			     DNS_PTR),
			 DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NXDOMAIN);
	assert_int_equal(ask(&q,
			     TEXT("\1"
				  "5\1"
				  "4\1"
				  "3\1"
				  "2\1"
				  "1\7in-addr\4arpa"),
			     DNS_PTR),
			 DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NXDOMAIN);
	assert_int_equal(ask(&q,
			     TEXT("\3"
				  "256\1"
				  "3\1"
				  "2\1"
				  "1\7in-addr\4arpa"),
			     DNS_PTR),
			 DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NXDOMAIN);
	assert_int_equal(ask(&q, TEXT("\1a\4test"), DNS_PTR), DNS_ANSWER);
	assert_int_equal(q.rcode, DNS_NOERROR);
}

static void test_an_answer_in_bytes(void **s)
{
	static const uint8_t want[] = {
		0x12, 0x34, 0x81, 0x80, 0,  1, 0, 1,    0,  0, 0, 0,
		1,    'a',  0,    0,    1,  0, 1, 0xc0, 12, 0, 1, 0,
		1,    0,    0,    0,    30, 0, 4, 192,  0,  2, 9,
	};
	uint8_t out[DNS_ANSWER_MAX];
	struct dns_query q;

	(void)s;
	assert_int_equal(ask(&q, TEXT("\1a"), DNS_A), DNS_FORWARD);
	memcpy(q.addr, "\xc0\0\2\x09", 4);
	q.addr_len = 4;
	assert_int_equal(dns_write(out, &q, 512), sizeof(want));
	assert_memory_equal(out, want, sizeof(want));
	/* An address of the other kind is no answer. */
	q.addr_len = 16;
	assert_int_equal(dns_write(out, &q, 512), 19);
	/* Without room it is cut, and says so. */
	q.addr_len = 4;
	assert_int_equal(dns_write(out, &q, sizeof(want) - 1), 19);
	assert_int_equal(out[2], 0x83);
}

static void test_a_name_told_must_be_one(void **s)
{
	char name[256];
	struct dns_query q;

	(void)s;
	assert_true(dns_set_name(&q, (const uint8_t *)"a.test.", 7));
	assert_string_equal(q.name, "a.test");
	assert_false(dns_set_name(&q, (const uint8_t *)"", 0));
	assert_false(dns_set_name(&q, (const uint8_t *)".", 1));
	assert_false(dns_set_name(&q, (const uint8_t *)".a", 2));
	assert_false(dns_set_name(&q, (const uint8_t *)"a..b", 4));
	assert_false(dns_set_name(&q, (const uint8_t *)"a\0b", 3));
	memset(name, 'x', sizeof(name));
	assert_false(dns_set_name(&q, (const uint8_t *)name, 64));
	assert_true(dns_set_name(&q, (const uint8_t *)name, 63));
	name[63] = name[127] = name[191] = '.';
	assert_true(dns_set_name(&q, (const uint8_t *)name, 253));
	assert_false(dns_set_name(&q, (const uint8_t *)name, 254));
}

/* Each byte of a message, changed to each value, is survived. */
static void test_any_byte_may_be_wrong(void **s)
{
	uint8_t p[600], out[DNS_ANSWER_MAX], was;
	struct dns_query q;
	size_t n = query(p,
			 TEXT("\3"
			      "1x1\4test"),
			 DNS_PTR),
	       i;
	unsigned v;

	(void)s;
	memcpy(p + n, "\0\0\x29\4\xd0\0\0\0\0\0\0", 11);
	p[11] = 1;
	n += 11;
	for (i = 0; i < n; i++) {
		was = p[i];
		for (v = 0; v < 256; v++) {
			p[i] = (uint8_t)v;
			if (dns_read(&q, p, n) != DNS_DROP)
				assert_true(dns_write(out, &q, 512) <= 512);
		}
		p[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_is_asked_for),
		cmocka_unit_test(test_every_cut_of_a_question_is_an_error),
		cmocka_unit_test(test_names_of_the_greatest_length),
		cmocka_unit_test(test_pointers_in_a_question_are_refused),
		cmocka_unit_test(test_what_cannot_be_a_host_does_not_exist),
		cmocka_unit_test(test_only_questions_are_answered),
		cmocka_unit_test(test_edns_is_taken_once_and_of_version_0),
		cmocka_unit_test(test_reverse_names_are_addresses),
		cmocka_unit_test(test_half_of_a_reverse_name_is_none),
		cmocka_unit_test(test_an_answer_in_bytes),
		cmocka_unit_test(test_a_name_told_must_be_one),
		cmocka_unit_test(test_any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
