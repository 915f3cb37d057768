/* SPDX-License-Identifier: MIT */
#include "proxy/policy.h"

#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "base/container.h"

#define NONE MICROVM_NET_NONE
#define PUBLIC MICROVM_NET_PUBLIC
#define ALL MICROVM_NET_ALL

enum { RULES = 4 };

/* The host of these tests; 203.0.113.0/24 would be reserved, so it is not. */
static const char *const own[] = { "127.0.0.1", "::1",           "192.168.1.10",
				   "51.15.0.1", "2a00:1450::10", "fe80::1%2" };
static const uint8_t own_bits[] = { 8, 128, 24, 20, 64, 64 };

struct row {
	enum microvm_net base;
	const char *rule[RULES];
	const char *name; /* NULL: came by its address */
	const char *addr;
	const char *want; /* "allow", "deny", and "rule" or "name" */
};

static void add_all(struct policy *p, const char *const rule[static RULES])
{
	mv_error e;
	unsigned i;

	for (i = 0; i < RULES && rule[i]; i++)
		if (policy_add(p, rule[i], &e))
			assert_string_equal(e.msg, "");
}

static void describe(char text[static 64], struct policy_answer a)
{
	(void)snprintf(text, 64, "%s%s%s",
		       a.verdict == POLICY_ALLOW ? "allow" : "deny",
		       a.by_rule ? " rule" : "", a.name_only ? " name" : "");
}

static void check(const struct row *r)
{
	struct host_addr host[LEN(own)];
	struct addr a;
	const struct policy_host h = { host, LEN(own) };
	char text[64], got[512], want[512];
	struct policy p;
	size_t i;

	for (i = 0; i < LEN(own); i++) {
		assert_true(addr_parse_ip(own[i], &host[i].addr));
		host[i].bits = own_bits[i];
	}
	assert_true(addr_parse(r->addr, &a));
	policy_init(&p, r->base);
	add_all(&p, r->rule);
	describe(text, policy_judge(&p, r->name, &a, &h));
	policy_fini(&p);
	(void)snprintf(got, sizeof(got), "%d %s %s: %s", r->base,
		       r->rule[0] ? r->rule[0] : "", r->addr, text);
	(void)snprintf(want, sizeof(want), "%d %s %s: %s", r->base,
		       r->rule[0] ? r->rule[0] : "", r->addr, r->want);
	assert_string_equal(got, want);
}

static void check_all(const struct row *row, size_t rows)
{
	size_t i;

	for (i = 0; i < rows; i++)
		check(&row[i]);
}

/* ---- bases -------------------------------------------------------------- */

static const struct {
	const char *addr, *group; /* NULL: none of the names fits */
	bool own;
} kinds[] = {
	{ "8.8.8.8:53", "public", false },
	{ "[2606:4700:4700::1111]:443", "public", false },
	{ "10.0.0.1:80", "private", false },
	{ "172.31.255.255:80", "private", false },
	{ "192.168.1.1:80", "private", false },
	{ "100.64.0.1:80", "private", false },
	{ "[fd12:3456::1]:80", "private", false },
	{ "[fec0::1]:80", "private", false },
	{ "192.168.1.10:80", "private", true },
	{ "127.0.0.1:80", "loopback", true },
	{ "127.255.255.254:80", "loopback", true },
	{ "0.0.0.0:80", "loopback", true },
	{ "0.1.2.3:80", "loopback", true },
	{ "[::1]:80", "loopback", true },
	{ "[::]:80", "loopback", true },
	{ "169.254.169.254:80", "linklocal", false },
	{ "168.63.129.16:80", "linklocal", false },
	{ "100.100.100.200:80", "linklocal", false },
	{ "[fd00:ec2::254]:80", "linklocal", false },
	{ "[fe80::2]:80", "linklocal", false },
	{ "[fe80::1%2]:80", "linklocal", true },
	{ "224.0.0.251:5353", "multicast", false },
	{ "[ff02::fb]:5353", "multicast", false },
	{ "255.255.255.255:67", NULL, false },
	{ "240.0.0.1:80", NULL, false },
	{ "192.0.2.1:80", NULL, false },
	{ "198.51.100.1:80", NULL, false },
	{ "203.0.113.1:80", NULL, false },
	{ "198.18.0.1:80", NULL, false },
	{ "192.0.0.1:80", NULL, false },
	{ "192.88.99.1:80", NULL, false },
	{ "[2001:db8::1]:80", NULL, false },
	{ "[3fff::1]:80", NULL, false },
	{ "[2001:2::1]:80", NULL, false },
	{ "[100::1]:80", NULL, false },
	{ "[4000::1]:80", NULL, false },
	{ "51.15.15.255:22", "private", false }, /* public, but in its LAN */
	{ "51.15.16.0:22", "public", false },
	{ "[2a00:1450::ffff:1]:22", "private", false },
	{ "[2a00:1450:0:1::1]:22", "public", false },
	{ "51.15.0.1:22", NULL, true }, /* public, but the host's own */
	{ "[2a00:1450::10]:22", NULL, true },
};

static void test_a_base_decides_what_no_rule_does(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(kinds); i++) {
		bool public =
			kinds[i].group && strcmp(kinds[i].group, "public") == 0;
		struct row row = { .addr = kinds[i].addr };

		row.base = NONE;
		row.want = "deny";
		check(&row);
		row.base = PUBLIC;
		row.want = public ? "allow" : "deny";
		check(&row);
		row.base = ALL;
		row.want = "allow";
		check(&row);
	}
}

static void test_each_address_is_in_its_group_and_in_no_other(void **s)
{
	static const char *const groups[] = { "public",    "private",
					      "loopback",  "linklocal",
					      "multicast", "host",
					      "any" };
	char rule[32];
	size_t i, g;

	(void)s;
	for (i = 0; i < LEN(kinds); i++)
		for (g = 0; g < LEN(groups); g++) {
			bool in = kinds[i].group &&
				  strcmp(kinds[i].group, groups[g]) == 0;
			struct row row = {
				NONE, { rule }, NULL, kinds[i].addr, "deny"
			};

			if (strcmp(groups[g], "any") == 0)
				in = true;
			if (strcmp(groups[g], "host") == 0)
				in = kinds[i].own;
			(void)snprintf(rule, sizeof(rule), "allow %s",
				       groups[g]);
			row.want = in ? "allow rule" : "deny";
			check(&row);
		}
}

/* ---- rules -------------------------------------------------------------- */

static void test_the_first_rule_that_fits_wins(void **s)
{
	static const struct row rows[] = {
		{ NONE,
		  { "allow any", "deny any" },
		  NULL,
		  "8.8.8.8:53",
		  "allow rule" },
		{ ALL,
		  { "deny any", "allow any" },
		  NULL,
		  "8.8.8.8:53",
		  "deny rule" },
		{ ALL,
		  { "deny 10.0.0.0/8", "allow any" },
		  NULL,
		  "10.0.0.1:1",
		  "deny rule" },
		{ ALL,
		  { "allow 10.1.0.0/16", "deny 10.0.0.0/8" },
		  NULL,
		  "10.1.0.1:1",
		  "allow rule" },
		{ ALL,
		  { "allow 10.1.0.0/16", "deny 10.0.0.0/8" },
		  NULL,
		  "10.2.0.1:1",
		  "deny rule" },
		{ ALL,
		  { "allow 10.1.0.0/16", "deny 10.0.0.0/8" },
		  NULL,
		  "11.2.0.1:1",
		  "allow" },
		{ PUBLIC,
		  { "deny public:25", "allow private:22" },
		  NULL,
		  "8.8.8.8:25",
		  "deny rule" },
		{ PUBLIC,
		  { "deny public:25", "allow private:22" },
		  NULL,
		  "10.0.0.1:22",
		  "allow rule" },
		{ PUBLIC,
		  { "deny public:25", "allow private:22" },
		  NULL,
		  "10.0.0.1:23",
		  "deny" },
		{ PUBLIC,
		  { "deny public:25", "allow private:22" },
		  NULL,
		  "8.8.8.8:26",
		  "allow" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

static void test_networks_fit_to_the_bit(void **s)
{
	static const struct row rows[] = {
		{ NONE, { "allow 8.8.8.8" }, NULL, "8.8.8.8:1", "allow rule" },
		{ NONE, { "allow 8.8.8.8" }, NULL, "8.8.8.9:1", "deny" },
		{ NONE,
		  { "allow 8.8.8.8/31" },
		  NULL,
		  "8.8.8.9:1",
		  "allow rule" },
		{ NONE, { "allow 8.8.8.8/31" }, NULL, "8.8.8.10:1", "deny" },
		{ NONE,
		  { "allow 10.0.0.0/9" },
		  NULL,
		  "10.127.255.255:1",
		  "allow rule" },
		{ NONE, { "allow 10.0.0.0/9" }, NULL, "10.128.0.0:1", "deny" },
		{ NONE,
		  { "allow 0.0.0.0/0" },
		  NULL,
		  "255.255.255.255:1",
		  "allow rule" },
		{ NONE, { "allow 0.0.0.0/0" }, NULL, "[2606::1]:1", "deny" },
		{ NONE, { "allow ::/0" }, NULL, "[2606::1]:1", "allow rule" },
		{ NONE, { "allow ::/0" }, NULL, "8.8.8.8:1", "deny" },
		{ NONE,
		  { "allow [fd00::]/8" },
		  NULL,
		  "[fdff::1]:1",
		  "allow rule" },
		{ NONE, { "allow [fd00::]/8" }, NULL, "[fc00::1]:1", "deny" },
		{ NONE,
		  { "allow 2606:4700::/33" },
		  NULL,
		  "[2606:4700:8000::]:1",
		  "deny" },
		{ NONE,
		  { "allow 2606:4700::/33" },
		  NULL,
		  "[2606:4700:7fff::]:1",
		  "allow rule" },
		{ NONE,
		  { "allow fe80::/10" },
		  NULL,
		  "[fe80::1%2]:1",
		  "allow rule" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

static void test_ports_are_single_lists_and_ranges(void **s)
{
	static const struct row rows[] = {
		{ NONE,
		  { "allow any:443" },
		  NULL,
		  "8.8.8.8:443",
		  "allow rule" },
		{ NONE, { "allow any:443" }, NULL, "8.8.8.8:444", "deny" },
		{ NONE,
		  { "allow any:80,443" },
		  NULL,
		  "8.8.8.8:443",
		  "allow rule" },
		{ NONE, { "allow any:80,443" }, NULL, "8.8.8.8:81", "deny" },
		{ NONE,
		  { "allow any:8000-8999" },
		  NULL,
		  "8.8.8.8:8000",
		  "allow rule" },
		{ NONE,
		  { "allow any:8000-8999" },
		  NULL,
		  "8.8.8.8:8999",
		  "allow rule" },
		{ NONE,
		  { "allow any:8000-8999" },
		  NULL,
		  "8.8.8.8:9000",
		  "deny" },
		{ NONE,
		  { "allow any:8000-8999" },
		  NULL,
		  "8.8.8.8:7999",
		  "deny" },
		{ NONE,
		  { "allow any:22,8000-8999,1" },
		  NULL,
		  "8.8.8.8:1",
		  "allow rule" },
		{ NONE,
		  { "allow any:1-65535" },
		  NULL,
		  "8.8.8.8:65535",
		  "allow rule" },
		/* 0 is any port: what a lookup asks for */
		{ NONE, { "allow any:443" }, NULL, "8.8.8.8:0", "allow rule" },
		{ ALL, { "deny any:25" }, NULL, "8.8.8.8:0", "allow" },
		{ ALL, { "deny any" }, NULL, "8.8.8.8:0", "deny rule" },
		{ NONE, { "allow any" }, NULL, "8.8.8.8:0", "allow rule" },
		{ NONE,
		  { "allow [2606::1]:443" },
		  NULL,
		  "[2606::1]:443",
		  "allow rule" },
		{ NONE,
		  { "allow [2606::1]:443" },
		  NULL,
		  "[2606::1]:80",
		  "deny" },
		{ NONE,
		  { "allow example.com:443" },
		  "example.com",
		  "8.8.8.8:80",
		  "deny" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

static void test_names_are_compared_as_dns_does(void **s)
{
	static const struct row rows[] = {
		{ NONE,
		  { "allow example.com" },
		  "example.com",
		  "8.8.8.8:1",
		  "allow rule" },
		{ NONE,
		  { "allow Example.Com." },
		  "eXAMPLE.cOM",
		  "8.8.8.8:1",
		  "allow rule" },
		{ NONE,
		  { "allow example.com" },
		  "example.com.",
		  "8.8.8.8:1",
		  "allow rule" },
		{ NONE,
		  { "allow example.com" },
		  "www.example.com",
		  "8.8.8.8:1",
		  "deny" },
		{ NONE, { "allow example.com" }, NULL, "8.8.8.8:1", "deny" },
		{ NONE, { "allow example.com" }, "", "8.8.8.8:1", "deny" },
		{ NONE,
		  { "allow *.example.com" },
		  "www.example.com",
		  "8.8.8.8:1",
		  "allow rule" },
		{ NONE,
		  { "allow *.example.com" },
		  "a.b.example.com.",
		  "8.8.8.8:1",
		  "allow rule" },
		{ NONE,
		  { "allow *.example.com" },
		  "example.com",
		  "8.8.8.8:1",
		  "deny" },
		{ NONE,
		  { "allow *.example.com" },
		  "badexample.com",
		  "8.8.8.8:1",
		  "deny" },
		{ ALL,
		  { "deny *.example.com" },
		  "WWW.EXAMPLE.COM.",
		  "8.8.8.8:1",
		  "deny rule" },
		{ ALL,
		  { "deny example.com" },
		  "example.com",
		  "127.0.0.1:1",
		  "deny rule" },
		{ ALL,
		  { "deny localhost" },
		  "localhost",
		  "127.0.0.1:1",
		  "deny rule" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

static void test_a_name_gains_nothing_by_what_it_means(void **s)
{
	static const struct row rows[] = {
		{ NONE,
		  { "allow example.com" },
		  "example.com",
		  "127.0.0.1:80",
		  "deny name" },
		{ PUBLIC,
		  { "allow example.com" },
		  "example.com",
		  "192.168.1.1:80",
		  "deny name" },
		{ PUBLIC,
		  { "allow *.example.com" },
		  "a.example.com",
		  "169.254.169.254:80",
		  "deny name" },
		{ PUBLIC,
		  { "allow example.com" },
		  "example.com",
		  "51.15.0.1:80",
		  "deny name" }, /* the host's own */
		{ PUBLIC,
		  { "allow example.com" },
		  "example.com",
		  "[::]:80",
		  "deny name" },
		{ PUBLIC,
		  { "allow example.com" },
		  "example.com",
		  "[::ffff:10.0.0.1]:80",
		  "deny name" },
		{ PUBLIC,
		  { "allow example.com" },
		  "example.com",
		  "[64:ff9b::10.0.0.1]:80",
		  "deny name" },
		{ ALL,
		  { "allow example.com" },
		  "example.com",
		  "10.0.0.1:80",
		  "allow" },
		/* the rules behind it may allow the address */
		{ NONE,
		  { "allow example.com", "allow 10.0.0.0/8" },
		  "example.com",
		  "10.0.0.1:80",
		  "allow rule" },
		{ NONE,
		  { "allow example.com", "allow private" },
		  "example.com",
		  "127.0.0.1:80",
		  "deny name" },
		{ ALL,
		  { "allow example.com", "deny private" },
		  "example.com",
		  "10.0.0.1:80",
		  "deny rule" },
		{ NONE,
		  { "allow any" },
		  "example.com",
		  "127.0.0.1:80",
		  "allow rule" },
		{ PUBLIC, { NULL }, "localhost", "127.0.0.1:80", "deny" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

/* ---- addresses in addresses --------------------------------------------- */

static void test_a_mapped_address_is_judged_as_ipv4(void **s)
{
	static const struct row rows[] = {
		{ PUBLIC, { NULL }, NULL, "[::ffff:8.8.8.8]:53", "allow" },
		{ PUBLIC, { NULL }, NULL, "[::ffff:127.0.0.1]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[::ffff:0.0.0.0]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[::ffff:192.168.1.10]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[::ffff:51.15.0.1]:53", "deny" },
		{ PUBLIC,
		  { NULL },
		  NULL,
		  "[::ffff:169.254.169.254]:80",
		  "deny" },
		{ NONE,
		  { "allow 8.8.8.8:53" },
		  NULL,
		  "[::ffff:8.8.8.8]:53",
		  "allow rule" },
		{ NONE,
		  { "allow 8.8.8.8:53" },
		  NULL,
		  "[::ffff:8.8.8.8]:54",
		  "deny" },
		{ NONE,
		  { "allow [::ffff:8.8.8.8]:53" },
		  NULL,
		  "8.8.8.8:53",
		  "allow rule" },
		{ ALL,
		  { "deny loopback" },
		  NULL,
		  "[::ffff:127.0.0.1]:53",
		  "deny rule" },
		{ ALL,
		  { "deny host" },
		  NULL,
		  "[::ffff:192.168.1.10]:53",
		  "deny rule" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

static void test_what_an_address_carries_is_judged_too(void **s)
{
	static const struct row rows[] = {
		/* NAT64 */
		{ PUBLIC, { NULL }, NULL, "[64:ff9b::8.8.8.8]:53", "allow" },
		{ PUBLIC, { NULL }, NULL, "[64:ff9b::127.0.0.1]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[64:ff9b::10.0.0.1]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[64:ff9b::51.15.0.1]:53", "deny" },
		{ PUBLIC,
		  { NULL },
		  NULL,
		  "[64:ff9b::169.254.169.254]:80",
		  "deny" },
		{ PUBLIC, { NULL }, NULL, "[64:ff9b:1::8.8.8.8]:53", "deny" },
		{ ALL,
		  { "deny loopback" },
		  NULL,
		  "[64:ff9b:1::127.0.0.1]:53",
		  "deny rule" },
		{ ALL,
		  { "deny private" },
		  NULL,
		  "[64:ff9b:1:a00:0:100::]:53",
		  "deny rule" },
		/* 6to4 */
		{ PUBLIC, { NULL }, NULL, "[2002:808:808::1]:53", "allow" },
		{ PUBLIC, { NULL }, NULL, "[2002:7f00:1::1]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[2002:c0a8:101::1]:53", "deny" },
		{ PUBLIC, { NULL }, NULL, "[2002:0:0::1]:53", "deny" },
		/* Teredo: server and client */
		{ PUBLIC,
		  { NULL },
		  NULL,
		  "[2001:0:808:808::f7f7:f7f7]:53",
		  "allow" },
		{ PUBLIC,
		  { NULL },
		  NULL,
		  "[2001:0:808:808::80ff:fffe]:53",
		  "deny" },
		{ PUBLIC,
		  { NULL },
		  NULL,
		  "[2001:0:7f00:1::f7f7:f7f7]:53",
		  "deny" },
		/* IPv4-compatible, IPv4-translated */
		{ PUBLIC, { NULL }, NULL, "[::8.8.8.8]:53", "deny" },
		{ ALL,
		  { "deny loopback" },
		  NULL,
		  "[::127.0.0.1]:53",
		  "deny rule" },
		{ ALL,
		  { "deny 10.0.0.0/8" },
		  NULL,
		  "[::ffff:0:10.0.0.1]:53",
		  "deny rule" },
		/* both must be allowed, and a rule's no is the strictest */
		{ NONE,
		  { "allow 8.8.8.8" },
		  NULL,
		  "[64:ff9b::8.8.8.8]:53",
		  "deny" },
		{ NONE,
		  { "allow 64:ff9b::/96" },
		  NULL,
		  "[64:ff9b::8.8.8.8]:53",
		  "deny" },
		{ NONE,
		  { "allow 64:ff9b::/96", "allow 8.8.8.8" },
		  NULL,
		  "[64:ff9b::8.8.8.8]:53",
		  "allow rule" },
		{ PUBLIC,
		  { "allow 64:ff9b::/96" },
		  NULL,
		  "[64:ff9b::8.8.8.8]:53",
		  "allow" },
		{ PUBLIC,
		  { "allow 64:ff9b::/96" },
		  NULL,
		  "[64:ff9b::10.0.0.1]:53",
		  "deny" },
		{ ALL,
		  { "deny 10.0.0.0/8" },
		  NULL,
		  "[64:ff9b::10.0.0.1]:53",
		  "deny rule" },
		{ NONE,
		  { "deny 10.0.0.0/8" },
		  NULL,
		  "[64:ff9b::10.0.0.1]:53",
		  "deny rule" },
		{ NONE,
		  { "allow example.com" },
		  "example.com",
		  "[64:ff9b::8.8.8.8]:53",
		  "allow rule" },
		{ PUBLIC,
		  { "deny 8.8.8.8:53" },
		  NULL,
		  "[2002:808:808::1]:53",
		  "deny rule" },
		{ PUBLIC,
		  { "deny 8.8.8.8:53" },
		  NULL,
		  "[2002:808:808::1]:54",
		  "allow" },
	};

	(void)s;
	check_all(rows, LEN(rows));
}

static void test_no_address_is_denied(void **s)
{
	const struct addr none = { .family = ADDR_NONE, .port = 80 };
	struct policy p;

	(void)s;
	policy_init(&p, MICROVM_NET_ALL);
	assert_int_equal(policy_judge(&p, "example.com", &none, NULL).verdict,
			 POLICY_DENY);
	policy_fini(&p);
}

static void test_a_host_without_known_addresses_keeps_its_loopback(void **s)
{
	struct policy p;
	struct addr a;

	(void)s;
	policy_init(&p, MICROVM_NET_NONE);
	assert_int_equal(policy_add(&p, "allow host", NULL), 0);
	assert_true(addr_parse("127.9.9.9:80", &a));
	assert_int_equal(policy_judge(&p, NULL, &a, NULL).verdict,
			 POLICY_ALLOW);
	assert_true(addr_parse("192.168.1.10:80", &a));
	assert_int_equal(policy_judge(&p, NULL, &a, NULL).verdict, POLICY_DENY);
	policy_fini(&p);
}

/* ---- names that somebody else resolves ---------------------------------- */

static const struct {
	enum microvm_net base;
	const char *rule[RULES];
	const char *name;
	uint16_t port;
	const char *want;
} upstream[] = {
	{ NONE, { NULL }, "example.com", 80, "deny" },
	{ PUBLIC, { NULL }, "example.com", 80, "allow" },
	{ ALL, { NULL }, "example.com", 80, "allow" },
	{ PUBLIC, { NULL }, "localhost", 80, "deny" },
	{ PUBLIC, { NULL }, "LocalHost.", 80, "deny" },
	{ PUBLIC, { NULL }, "a.localhost", 80, "deny" },
	{ PUBLIC, { NULL }, "alocalhost", 80, "allow" },
	{ PUBLIC, { NULL }, "127.1", 80, "deny" },
	{ PUBLIC, { NULL }, "2130706433", 80, "deny" },
	{ PUBLIC, { NULL }, "0x7f000001", 80, "deny" },
	{ PUBLIC, { NULL }, "0X7F.1.", 80, "deny" },
	{ PUBLIC, { NULL }, "127.0.0.0x1", 80, "deny" },
	{ PUBLIC, { NULL }, "", 80, "deny" },
	{ PUBLIC, { NULL }, "1.example", 80, "allow" },
	{ ALL, { NULL }, "localhost", 80, "allow" },
	{ NONE, { "allow example.com:80" }, "example.com", 80, "allow rule" },
	{ NONE, { "allow example.com:80" }, "example.com", 81, "deny" },
	{ NONE, { "allow *.example.com" }, "a.example.com", 81, "allow rule" },
	{ NONE, { "allow any:443" }, "a.example", 443, "allow rule" },
	{ ALL, { "deny example.com" }, "EXAMPLE.com.", 443, "deny rule" },
	{ ALL, { "deny any:25", "allow any" }, "a.example", 25, "deny rule" },
	/* rules about addresses have nothing to say */
	{ NONE,
	  { "allow public", "allow 0.0.0.0/0" },
	  "a.example",
	  80,
	  "deny" },
	{ ALL,
	  { "deny private", "deny host", "deny ::/0" },
	  "a.example",
	  80,
	  "allow" },
};

static void test_for_an_upstream_only_names_count(void **s)
{
	char text[64], got[512], want[512];
	struct policy p;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(upstream); i++) {
		policy_init(&p, upstream[i].base);
		add_all(&p, upstream[i].rule);
		describe(text, policy_judge_name(&p, upstream[i].name,
						 upstream[i].port));
		policy_fini(&p);
		(void)snprintf(got, sizeof(got), "%s: %s", upstream[i].name,
			       text);
		(void)snprintf(want, sizeof(want), "%s: %s", upstream[i].name,
			       upstream[i].want);
		assert_string_equal(got, want);
	}
}

/* ---- the list ----------------------------------------------------------- */

static void test_a_copy_lives_on_its_own(void **s)
{
	struct policy p, copy, empty;
	struct addr a;

	(void)s;
	assert_true(addr_parse("10.0.0.1:80", &a));
	policy_init(&p, MICROVM_NET_PUBLIC);
	assert_int_equal(policy_copy(&empty, &p, NULL), 0);
	assert_int_equal(policy_add(&p, "allow private", NULL), 0);
	assert_int_equal(policy_copy(&copy, &p, NULL), 0);
	policy_fini(&p);
	assert_int_equal(policy_judge(&copy, NULL, &a, NULL).verdict,
			 POLICY_ALLOW);
	assert_int_equal(policy_judge(&empty, NULL, &a, NULL).verdict,
			 POLICY_DENY);
	assert_int_equal(copy.base, MICROVM_NET_PUBLIC);
	policy_fini(&copy);
	policy_fini(&empty);
	policy_fini(&empty); /* once more does no harm */
}

static void test_a_bad_rule_leaves_the_others(void **s)
{
	struct policy p;
	mv_error e;

	(void)s;
	policy_init(&p, MICROVM_NET_NONE);
	assert_int_equal(policy_add(&p, "allow any", &e), 0);
	assert_int_equal(policy_add(&p, "allow any:0", &e), -MICROVM_EINVAL);
	assert_int_equal(p.rules, 1);
	policy_fini(&p);
}

static void test_there_are_only_so_many_rules(void **s)
{
	struct policy p;
	mv_error e;
	int i;

	(void)s;
	policy_init(&p, MICROVM_NET_NONE);
	for (i = 0; i < POLICY_RULES; i++)
		assert_int_equal(policy_add(&p, "deny a.example", &e), 0);
	assert_int_equal(policy_add(&p, "deny a.example", &e), -MICROVM_ENOMEM);
	assert_non_null(strstr(e.hint, "microvm_config_set_policy"));
	assert_int_equal(p.rules, POLICY_RULES);
	policy_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_base_decides_what_no_rule_does),
		cmocka_unit_test(
			test_each_address_is_in_its_group_and_in_no_other),
		cmocka_unit_test(test_the_first_rule_that_fits_wins),
		cmocka_unit_test(test_networks_fit_to_the_bit),
		cmocka_unit_test(test_ports_are_single_lists_and_ranges),
		cmocka_unit_test(test_names_are_compared_as_dns_does),
		cmocka_unit_test(test_a_name_gains_nothing_by_what_it_means),
		cmocka_unit_test(test_a_mapped_address_is_judged_as_ipv4),
		cmocka_unit_test(test_what_an_address_carries_is_judged_too),
		cmocka_unit_test(test_no_address_is_denied),
		cmocka_unit_test(
			test_a_host_without_known_addresses_keeps_its_loopback),
		cmocka_unit_test(test_for_an_upstream_only_names_count),
		cmocka_unit_test(test_a_copy_lives_on_its_own),
		cmocka_unit_test(test_a_bad_rule_leaves_the_others),
		cmocka_unit_test(test_there_are_only_so_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
