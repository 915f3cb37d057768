/* SPDX-License-Identifier: MIT */
#include "proxy/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/container.h"

/* ---- what is refused, and what is said then ----------------------------- */

static const struct {
	const char *rule, *msg, *hint; /* parts of them */
} bad[] = {
	/* the words */
	{ "", "empty", "allow WHO[:PORTS]" },
	{ "   ", "empty", "allow WHO[:PORTS]" },
	{ "allow", "whom to allow?", "loopback" },
	{ "deny ", "whom to deny?", "loopback" },
	{ "example.com", "\"example.com\" is neither \"allow\" nor \"deny\"",
	  "\"allow example.com\"" },
	{ "permit any", "\"permit\" is neither", "\"allow any\"" },
	{ "allow any any", "\"any\" is one word too many", "without blanks" },
	{ "allow a.example:80, 443", "\"443\" is one word", "80,443" },
	{ "allow any 1 2 3", "\"1 2 3\" is one word", "" },
	/* bytes */
	{ "allow b\xc3\xbc.example", "byte 0xc3", "xn--" },
	{ "allow a\n", "byte 0x0a", "" },
	{ "allow a\x7f", "byte 0x7f", "" },
	/* groups */
	{ "deny privat", "is \"private\" meant?", "\"privat.\"" },
	{ "deny link-local", "is \"linklocal\" meant?", "" },
	{ "allow publick:80", "is \"public\" meant?", "" },
	{ "deny anny", "is \"any\" meant?", "" },
	/* names */
	{ "allow *", "a * in a name", "\"any\"" },
	{ "allow *.*.example", "a * in a name", "*.example.com" },
	{ "allow www.*.example", "a * in a name", "" },
	{ "allow *example.com", "a * in a name", "" },
	{ "allow a..example", "not a name", "1 to 63" },
	{ "allow .example", "not a name", "1 to 63" },
	{ "allow example..", "not a name", "1 to 63" },
	{ "allow .", "not a name", "" },
	{ "allow *.", "not a name", "" },
	{ "allow a,b", "not a name", "letters, digits" },
	{ "allow user@example.com", "not a name", "letters, digits" },
	{ "allow http://example.com/", "not URLs", "example.com:443" },
	{ "allow localhost:80", "what is public", "\"loopback\"" },
	{ "allow *.localhost", "what is public", "\"loopback\"" },
	{ "allow a.localhost.", "what is public", "\"loopback\"" },
	/* addresses and networks */
	{ "allow 10.0.0", "10.0.0: not an IP address", "" },
	{ "allow 127.1", "127.1: not an IP address", "" },
	{ "allow 2130706433", "not an IP address", "" },
	{ "allow 1.2.3.256", "not an IP address", "" },
	{ "allow 1.2.3.4.5", "not an IP address", "" },
	{ "allow example.com/8", "example.com: not an IP address", "" },
	{ "allow 10.0.0.0/33", "/33: the length of a network is 0 to 32", "" },
	{ "allow 10.0.0.0/", "/: the length of a network is 0 to 32", "" },
	{ "allow 10.0.0.0/-1", "/-1: the length", "" },
	{ "allow 10.0.0.0/8x", "/8x: the length", "" },
	{ "allow 10.0.0.0/99999999999999999999", "the length", "" },
	{ "allow 10.1.2.3/8", "10.1.2.3/8: there are bits behind the first 8",
	  "10.0.0.0/8" },
	{ "allow 1.2.3.4/0", "bits behind the first 0", "0.0.0.0/0" },
	{ "allow fd00::/129", "/129: the length of a network is 0 to 128", "" },
	{ "allow fd00::1/8", "bits behind the first 8", "fd00::/8" },
	{ "allow fd00::/8:443", "/8:443: the length", "\"[fd00::1]:443\"" },
	{ "allow fd00:::1", "not an IP address", "brackets" },
	{ "allow fe80::1%2", "rules do not know interfaces", "%" },
	{ "allow example.com:80:90", "not an IP address", "brackets" },
	/* brackets */
	{ "allow [::1", "not an IPv6 address in brackets", "[fd00::1]" },
	{ "allow []", "not an IPv6 address in brackets", "" },
	{ "allow [1.2.3.4]", "not an IPv6 address in brackets", "" },
	{ "allow [example.com]:80", "not an IPv6 address in brackets", "" },
	{ "allow [::1]80", "80: unknown behind the bracket", ":PORTS" },
	{ "allow [fd00::/8]:443", "in the brackets", "[fd00::]/8" },
	{ "allow [fd00::g]", "not an IP address", "" },
	/* ports */
	{ "allow :80", "nothing in front of the ports", "\"any\"" },
	{ "allow any:", "ports \"\": not a port", "1 to 65535" },
	{ "allow any:0", "ports \"0\": not a port", "1 to 65535" },
	{ "allow any:65536", "ports \"65536\": not a port", "" },
	{ "allow any:http", "ports \"http\": not a port", "\"443\"" },
	{ "allow any:-80", "ports \"-80\": not a port", "" },
	{ "allow any:80-", "ports \"80-\": not a port", "" },
	{ "allow any:80,", "ports \"\": not a port", "" },
	{ "allow any:80,,443", "ports \"\": not a port", "" },
	{ "allow any:1-2-3", "ports \"1-2-3\": not a port", "" },
	{ "allow any:90-80", "ports 90-80: the first is above the last",
	  "80-90" },
	{ "allow any:+80", "ports \"+80\": not a port", "" },
	{ "allow [::1]:", "ports \"\": not a port", "" },
	{ "allow any:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,"
	  "23,24,25,26,27,28,29,30,31,32,33",
	  "more than 32 ports", "two rules" },
};

static void test_what_is_doubtful_is_refused_with_a_way_to_mend_it(void **s)
{
	struct policy_rule r;
	mv_error e;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		int rc = rule_parse(&r, bad[i].rule, &e);

		assert_int_equal(rule_parse(&r, bad[i].rule, NULL), rc);
		if (rc != -MICROVM_EINVAL || !strstr(e.msg, bad[i].msg) ||
		    !strstr(e.hint, bad[i].hint))
			print_error("%s: %s; %s\n", bad[i].rule, e.msg, e.hint);
		assert_int_equal(rc, -MICROVM_EINVAL);
		assert_non_null(strstr(e.msg, bad[i].msg));
		assert_non_null(strstr(e.hint, bad[i].hint));
	}
}

static void test_the_message_names_the_rule(void **s)
{
	struct policy_rule r;
	mv_error e;

	(void)s;
	assert_int_equal(rule_parse(&r, "Allow Example.COM:99999", &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "rule \"Allow Example.COM:99999\": ports "
				   "\"99999\": not a port");
}

static void test_lengths_have_their_limits(void **s)
{
	char label[80] = "allow ", *text;
	struct policy_rule r;
	mv_error e;
	size_t i;

	(void)s;
	memset(label + 6, 'a', 64);
	assert_int_equal(rule_parse(&r, label, &e), -MICROVM_EINVAL);
	label[6 + 63] = '\0';
	assert_int_equal(rule_parse(&r, label, &e), 0);

	text = calloc(1, RULE_TEXT_MAX + 2);
	assert_non_null(text);
	memcpy(text, "allow ", 6);
	for (i = 0; i < RULE_NAME_MAX; i++)
		text[6 + i] = i % 2 ? '.' : 'a';
	assert_int_equal(rule_parse(&r, text, &e), 0);
	assert_int_equal(strlen(r.name), RULE_NAME_MAX);
	memcpy(text + 6 + RULE_NAME_MAX, ".a", 2);
	assert_int_equal(rule_parse(&r, text, &e), -MICROVM_EINVAL);
	assert_non_null(strstr(e.msg, "253 is the most"));
	memset(text, ' ', RULE_TEXT_MAX + 1);
	memcpy(text, "allow any", 9);
	assert_int_equal(rule_parse(&r, text, &e), -MICROVM_EINVAL);
	text[RULE_TEXT_MAX] = '\0';
	assert_int_equal(rule_parse(&r, text, &e), 0);
	free(text);
}

/* ---- what is understood ------------------------------------------------- */

static struct policy_rule parsed(const char *text)
{
	struct policy_rule r;
	mv_error e = { .code = 0 };

	if (rule_parse(&r, text, &e))
		print_error("%s\n", e.msg);
	assert_int_equal(e.code, 0);
	return r;
}

static void test_blanks_and_large_letters_do_not_matter(void **s)
{
	struct policy_rule r = parsed("\t ALLOW \t *.Example.COM.:80 ");

	(void)s;
	assert_int_equal(r.verdict, POLICY_ALLOW);
	assert_int_equal(r.who, RULE_NAME);
	assert_true(r.below);
	assert_string_equal(r.name, "example.com");
	assert_int_equal(r.ports, 1);
	assert_int_equal(parsed("Deny PUBLIC").group, GROUP_PUBLIC);
}

static void test_a_dot_behind_a_word_makes_it_a_name(void **s)
{
	struct policy_rule r = parsed("deny private.");

	(void)s;
	assert_int_equal(r.who, RULE_NAME);
	assert_string_equal(r.name, "private");
	assert_int_equal(parsed("deny private").who, RULE_GROUP);
	assert_int_equal(parsed("allow nas").who, RULE_NAME);
	assert_int_equal(parsed("allow hots").who, RULE_NAME);
}

static void test_networks_are_written_with_and_without_brackets(void **s)
{
	static const struct {
		const char *text;
		uint8_t family;
		unsigned bits, ports;
	} rows[] = {
		{ "allow 10.0.0.0/8", ADDR_IPV4, 8, 0 },
		{ "allow 10.0.0.0/8:80,443", ADDR_IPV4, 8, 2 },
		{ "allow 0.0.0.0/0", ADDR_IPV4, 0, 0 },
		{ "allow 1.2.3.4", ADDR_IPV4, 32, 0 },
		{ "allow fd00::/8", ADDR_IPV6, 8, 0 },
		{ "allow ::/0", ADDR_IPV6, 0, 0 },
		{ "allow ::1", ADDR_IPV6, 128, 0 },
		{ "allow [fd00::]/8", ADDR_IPV6, 8, 0 },
		{ "allow [fd00::]/8:1-65535", ADDR_IPV6, 8, 1 },
		{ "allow [::1]:80", ADDR_IPV6, 128, 1 },
		/* an IPv4-mapped network is the IPv4 network */
		{ "allow ::ffff:10.0.0.0/104", ADDR_IPV4, 8, 0 },
		{ "allow [::ffff:1.2.3.4]:80", ADDR_IPV4, 32, 1 },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct policy_rule r = parsed(rows[i].text);

		assert_int_equal(r.who, RULE_NET);
		assert_int_equal(r.net.family, rows[i].family);
		assert_int_equal(r.bits, rows[i].bits);
		assert_int_equal(r.ports, rows[i].ports);
	}
}

static void test_names_fit_whole_labels_only(void **s)
{
	(void)s;
	assert_true(rule_name_is("example.com", "example.com", false));
	assert_true(rule_name_is("EXAMPLE.com.", "example.com", false));
	assert_false(rule_name_is("www.example.com", "example.com", false));
	assert_false(rule_name_is("xexample.com", "example.com", false));
	assert_false(rule_name_is("example.co", "example.com", false));
	assert_true(rule_name_is("www.example.com", "example.com", true));
	assert_true(rule_name_is("a.b.Example.Com.", "example.com", true));
	assert_false(rule_name_is("example.com", "example.com", true));
	assert_false(rule_name_is(".example.com", "example.com", true));
	assert_false(rule_name_is("xexample.com", "example.com", true));
	assert_false(rule_name_is("", "example.com", true));
	assert_false(rule_name_is(".", "example.com", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_is_doubtful_is_refused_with_a_way_to_mend_it),
		cmocka_unit_test(test_the_message_names_the_rule),
		cmocka_unit_test(test_lengths_have_their_limits),
		cmocka_unit_test(test_blanks_and_large_letters_do_not_matter),
		cmocka_unit_test(test_a_dot_behind_a_word_makes_it_a_name),
		cmocka_unit_test(
			test_networks_are_written_with_and_without_brackets),
		cmocka_unit_test(test_names_fit_whole_labels_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
