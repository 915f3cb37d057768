/* SPDX-License-Identifier: MIT */
#include "proxy/socks5.h"

#include <errno.h>

#include "../check.h"
#include "base/container.h"
#include "wire.h"

static const struct socks5_login login = { "guest", "secret" };

/* ---- driving it --------------------------------------------------------- */

static void tell_target(struct story *s, const struct socks5_target *t)
{
	char text[ADDR_TEXT];

	if (t->name[0]) {
		story_add(s, t->name);
		(void)snprintf(text, sizeof(text), ":%u",
			       (unsigned)t->addr.port);
		story_add(s, text);
	} else {
		story_add(s, addr_text(&t->addr, text));
	}
}

/* What an event says.  False: it is the last. */
static bool tell(struct story *s, const struct socks5 *k, enum socks5_event e)
{
	char cmd[8];

	switch (e) {
	case SOCKS5_MORE: return true;
	case SOCKS5_ANSWER:
		story_add(s, "answer ");
		story_hex(s, k->out, k->out_len);
		story_add(s, "; ");
		return true;
	case SOCKS5_REQUEST:
		(void)snprintf(cmd, sizeof(cmd), "%02x ", k->cmd);
		story_add(s, "request ");
		story_add(s, cmd);
		tell_target(s, &k->target);
		return false;
	case SOCKS5_REFUSE:
		story_add(s, "refuse ");
		story_hex(s, k->out, k->out_len);
		return false;
	}
	return false;
}

/*
 * Feed all of it, `first` bytes and then `step` at a time.  Returns how many
 * bytes it ate.
 */
static size_t drive(struct story *s, const struct socks5_login *l,
		    const struct wire *w, size_t first, size_t step)
{
	size_t at = 0, n = first, used, off;
	struct socks5 k;
	bool more = true;

	*s = (struct story){ .len = 0 };
	socks5_init(&k, l);
	while (more && at < w->len) {
		uint8_t *piece;

		if (n > w->len - at)
			n = w->len - at;
		piece = wire_copy(w->p + at, n);
		for (off = 0; more && off < n; off += used) {
			enum socks5_event e =
				socks5_feed(&k, piece + off, n - off, &used);

			assert_true(used <= n - off);
			assert_true(e != SOCKS5_MORE || used == n - off);
			assert_true(e != SOCKS5_MORE || k.out_len == 0);
			more = tell(s, &k, e);
		}
		free(piece);
		at += off;
		n = step;
	}
	return at;
}

/* However it is cut, the same happens, and as many bytes are left. */
static void same_in_all_pieces(const struct socks5_login *l,
			       const struct wire *w, const struct story *want,
			       size_t ate)
{
	struct story got;
	size_t first, step;

	for (step = 1; step < 8; step++) {
		assert_int_equal(drive(&got, l, w, step, step), ate);
		assert_string_equal(got.text, want->text);
	}
	for (first = 1; first < w->len; first++) {
		assert_int_equal(drive(&got, l, w, first, WIRE_MAX), ate);
		assert_string_equal(got.text, want->text);
	}
}

/* What is cut short asks for more, and has said nothing else. */
static void cut_asks_for_more(const struct socks5_login *l,
			      const struct wire *w, const struct story *want,
			      size_t ate)
{
	struct wire cut = *w;
	struct story got;

	for (cut.len = 0; cut.len < ate; cut.len++) {
		assert_int_equal(drive(&got, l, &cut, WIRE_MAX, WIRE_MAX),
				 cut.len);
		assert_memory_equal(got.text, want->text, got.len);
		assert_null(strstr(got.text, "refuse"));
		assert_null(strstr(got.text, "request"));
	}
}

static void check(const struct socks5_login *l, const struct wire *w,
		  const char *want, size_t left)
{
	struct story got;
	size_t ate = drive(&got, l, w, WIRE_MAX, WIRE_MAX);

	assert_string_equal(got.text, want);
	assert_int_equal(w->len - ate, left);
	same_in_all_pieces(l, w, &got, ate);
	cut_asks_for_more(l, w, &got, ate);
}

struct row {
	const char *in, *want;
	size_t left;
};

static void check_rows(const struct socks5_login *l, const char *before,
		       const char *answered, const struct row *row, size_t rows)
{
	char want[1024];
	size_t i;

	for (i = 0; i < rows; i++) {
		struct wire w = { .len = 0 };

		wire_hex(&w, before);
		wire_hex(&w, row[i].in);
		(void)snprintf(want, sizeof(want), "%s%s", answered,
			       row[i].want);
		check(l, &w, want, row[i].left);
	}
}

/* ---- greetings: RFC 1928, 3 --------------------------------------------- */

static void test_no_login_is_chosen_when_none_is_wanted(void **s)
{
	static const struct row rows[] = {
		{ "05 01 00", "answer 0500; ", 0 },
		{ "05 02 00 01", "answer 0500; ", 0 },    /* curl */
		{ "05 03 00 01 02", "answer 0500; ", 0 }, /* and a password */
		{ "05 02 02 00", "answer 0500; ", 0 },
		{ "05 00", "refuse 05ff", 0 },
		{ "05 01 02", "refuse 05ff", 0 },
		{ "05 01 01", "refuse 05ff", 0 },
		{ "05 02 ff 80", "refuse 05ff", 0 },
		{ "05 00 00", "refuse 05ff", 1 }, /* no method: not the 00 */
		{ "05 01 02 05 01 00", "refuse 05ff", 3 },
	};

	(void)s;
	check_rows(NULL, "", "", rows, LEN(rows));
}

static void test_only_a_login_will_do_when_one_is_wanted(void **s)
{
	static const struct row rows[] = {
		{ "05 01 02", "answer 0502; ", 0 },
		{ "05 02 00 02", "answer 0502; ", 0 },
		{ "05 03 02 01 00", "answer 0502; ", 0 },
		{ "05 00", "refuse 05ff", 0 },
		{ "05 01 00", "refuse 05ff", 0 },
		{ "05 02 00 01", "refuse 05ff", 0 },
	};

	(void)s;
	check_rows(&login, "", "", rows, LEN(rows));
}

static void test_another_protocol_is_closed_without_a_word(void **s)
{
	static const struct row rows[] = {
		{ "04 01 00 50 01020304 00", "refuse ", 8 }, /* SOCKS4 */
		{ "47 45 54 20 2f", "refuse ", 4 },          /* "GET /" */
		{ "16 03 01", "refuse ", 2 },                /* TLS */
		{ "00", "refuse ", 0 },
		{ "06 01 00", "refuse ", 2 },
	};

	(void)s;
	check_rows(NULL, "", "", rows, LEN(rows));
	check_rows(&login, "", "", rows, LEN(rows));
}

static void test_255_methods_are_looked_through(void **s)
{
	struct wire w = { .len = 0 };

	(void)s;
	wire_hex(&w, "05 ff");
	wire_fill(&w, 0x80, 254);
	wire_hex(&w, "00");
	check(NULL, &w, "answer 0500; ", 0);
	check(&login, &w, "refuse 05ff", 0);
	w.p[w.len - 1] = 0x81;
	check(NULL, &w, "refuse 05ff", 0);
}

/* ---- logins: RFC 1929 --------------------------------------------------- */

static void test_the_right_login_and_no_other_is_let_in(void **s)
{
	static const struct row rows[] = {
		{ "01 05 6775657374 06 736563726574", "answer 0100; ", 0 },
		/* another user, another password, cut, too long, empty */
		{ "01 05 6775657375 06 736563726574", "refuse 0101", 0 },
		{ "01 05 6775657374 06 736563726575", "refuse 0101", 0 },
		{ "01 04 67756573 06 736563726574", "refuse 0101", 0 },
		{ "01 05 6775657374 05 7365637265", "refuse 0101", 0 },
		{ "01 06 677565737400 06 736563726574", "refuse 0101", 0 },
		{ "01 05 6775657374 07 73656372657400", "refuse 0101", 0 },
		{ "01 00 00", "refuse 0101", 0 },
		{ "01 05 6775657374 00", "refuse 0101", 0 },
		{ "01 00 06 736563726574", "refuse 0101", 0 },
		{ "01 05 4755455354 06 736563726574", "refuse 0101", 0 },
		/* no login at all */
		{ "05 01 00 01", "refuse 0101", 3 },
		{ "00", "refuse 0101", 0 },
		/* what follows is not ours */
		{ "01 05 6775657374 06 736563726575 05 01", "refuse 0101", 2 },
	};

	(void)s;
	check_rows(&login, "05 01 02", "answer 0502; ", rows, LEN(rows));
}

static void test_logins_of_0_and_255_bytes_are_compared_whole(void **s)
{
	char user[256] = "", password[256] = "";
	const struct socks5_login empty = { "", "" }, user_only = { "u", NULL };
	const struct socks5_login full = { user, password };
	struct wire w = { .len = 0 };

	(void)s;
	wire_hex(&w, "05 01 02 01 00 00");
	check(&empty, &w, "answer 0502; answer 0100; ", 0);
	w.len = 0;
	wire_hex(&w, "05 01 02 01 01 75 00");
	check(&user_only, &w, "answer 0502; answer 0100; ", 0);

	memset(user, 'u', 255);
	memset(password, 'p', 255);
	w.len = 0;
	wire_hex(&w, "05 01 02 01 ff");
	wire_fill(&w, 'u', 255);
	wire_hex(&w, "ff");
	wire_fill(&w, 'p', 255);
	check(&full, &w, "answer 0502; answer 0100; ", 0);
	w.p[w.len - 1] = 'q';
	check(&full, &w, "answer 0502; refuse 0101", 0);
}

static void test_a_configured_login_too_long_for_the_wire_never_fits(void **s)
{
	char user[300] = "";
	const struct socks5_login l = { user, "" };
	struct wire w = { .len = 0 };

	(void)s;
	memset(user, 'u', sizeof(user) - 1);
	wire_hex(&w, "05 01 02 01 ff");
	wire_fill(&w, 'u', 255);
	wire_hex(&w, "00");
	check(&l, &w, "answer 0502; refuse 0101", 0);
}

/* ---- requests: RFC 1928, 4 and 5 ---------------------------------------- */

static void test_every_command_with_every_kind_of_address(void **s)
{
	static const struct row rows[] = {
		{ "05 01 00 01 01020304 0050", "request 01 1.2.3.4:80", 0 },
		{ "05 02 00 01 01020304 0050", "request 02 1.2.3.4:80", 0 },
		{ "05 03 00 01 00000000 0000", "request 03 0.0.0.0:0", 0 },
		{ "05 f0 00 03 01 61 0000", "request f0 a:0", 0 },
		{ "05 f1 00 01 08080808 0000", "request f1 8.8.8.8:0", 0 },
		{ "05 01 00 03 01 61 ffff", "request 01 a:65535", 0 },
		{ "05 02 00 03 03 612e62 0001", "request 02 a.b:1", 0 },
		{ "05 03 00 03 01 61 0035", "request 03 a:53", 0 },
		{ "05 f0 00 03 01 61 001c", "request f0 a:28", 0 },
		{ "05 01 00 04 20010db8000000000000000000000001 01bb",
		  "request 01 [2001:db8::1]:443", 0 },
		{ "05 03 00 04 00000000000000000000000000000000 0000",
		  "request 03 [::]:0", 0 },
		{ "05 f1 00 04 00000000000000000000000000000001 0000",
		  "request f1 [::1]:0", 0 },
		/* RSV is ignored */
		{ "05 01 5a 01 01020304 0050", "request 01 1.2.3.4:80", 0 },
		/* what the client sent ahead stays */
		{ "05 01 00 01 01020304 0050 47455420", "request 01 1.2.3.4:80",
		  4 },
		{ "05 01 00 03 01 61 0050 05", "request 01 a:80", 1 },
	};

	(void)s;
	check_rows(NULL, "05 01 00", "answer 0500; ", rows, LEN(rows));
	check_rows(&login, "05 01 02 01 05 6775657374 06 736563726574",
		   "answer 0502; answer 0100; ", rows, LEN(rows));
}

static void test_what_is_no_request_gets_the_reply_that_says_why(void **s)
{
	static const struct row rows[] = {
		/* unknown commands: 7, once all of it was read */
		{ "05 00 00 01 01020304 0050", "refuse 05070001000000000000",
		  0 },
		{ "05 04 00 03 01 61 0050", "refuse 05070001000000000000", 0 },
		{ "05 ff 00 04 20010db8000000000000000000000001 01bb 00",
		  "refuse 05070001000000000000", 1 },
		{ "05 f2 00 03 00 0050", "refuse 05070001000000000000", 0 },
		/* unknown kinds of address: 8, at once */
		{ "05 01 00 00", "refuse 05080001000000000000", 0 },
		{ "05 01 00 02 01020304", "refuse 05080001000000000000", 4 },
		{ "05 01 00 05", "refuse 05080001000000000000", 0 },
		{ "05 ff 00 ff", "refuse 05080001000000000000", 0 },
		/* another version: 1 */
		{ "04 01 00 01 01020304 0050", "refuse 05010001000000000000",
		  9 },
		{ "01", "refuse 05010001000000000000", 0 },
	};

	(void)s;
	check_rows(NULL, "05 01 00", "answer 0500; ", rows, LEN(rows));
}

static void test_what_cannot_be_a_name_gets_reply_1(void **s)
{
	static const struct row rows[] = {
		{ "05 01 00 03 00 0050", "refuse 05010001000000000000", 0 },
		{ "05 01 00 03 01 00 0050", "refuse 05010001000000000000", 0 },
		/* "a\0b", "a b", "a\n", "a<0x7f>", "a<e3 80 82>b" */
		{ "05 01 00 03 03 610062 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 03 612062 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 02 610a 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 02 617f 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 05 61e3808262 0050",
		  "refuse 05010001000000000000", 0 },
		/* "e\vil", "\101vil": a resolver may take both for "evil" */
		{ "05 01 00 03 05 655c76696c 0050",
		  "refuse 05010001000000000000", 0 },
		{ "05 01 00 03 07 5c31303176696c 0050",
		  "refuse 05010001000000000000", 0 },
		/* ".", ".a", "a..b", "a..", "[a]", "[1.2.3.4]", "[::1" */
		{ "05 01 00 03 01 2e 0050", "refuse 05010001000000000000", 0 },
		{ "05 01 00 03 02 2e61 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 04 612e2e62 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 03 612e2e 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 03 5b615d 0050", "refuse 05010001000000000000",
		  0 },
		{ "05 01 00 03 09 5b312e322e332e345d 0050",
		  "refuse 05010001000000000000", 0 },
		{ "05 01 00 03 04 5b3a3a31 0050", "refuse 05010001000000000000",
		  0 },
	};

	(void)s;
	check_rows(NULL, "05 01 00", "answer 0500; ", rows, LEN(rows));
}

/* A request by name, in letters. */
static void by_name(const char *name, const char *want)
{
	uint8_t len = (uint8_t)strlen(name);
	struct wire w = { .len = 0 };
	char text[400];

	wire_hex(&w, "05 01 00 05 01 00 03");
	wire_put(&w, &len, 1);
	wire_put(&w, name, len);
	wire_hex(&w, "0050");
	(void)snprintf(text, sizeof(text), "answer 0500; request 01 %s", want);
	check(NULL, &w, text, 0);
}

static void test_an_address_in_letters_is_an_address(void **s)
{
	(void)s;
	by_name("127.0.0.1", "127.0.0.1:80");
	by_name("127.0.0.1.", "127.0.0.1:80");
	by_name("::1", "[::1]:80");
	by_name("[::1]", "[::1]:80");
	by_name("2001:DB8::1", "[2001:db8::1]:80");
	by_name("::ffff:10.0.0.1", "[::ffff:10.0.0.1]:80");
	/* but these are for the resolver, and judged by what it says */
	by_name("127.1", "127.1:80");
	by_name("0x7f000001", "0x7f000001:80");
	by_name("1.2.3.4.5", "1.2.3.4.5:80");
	by_name("1.2.3.256", "1.2.3.256:80");
}

static void test_names_are_passed_on_as_they_came(void **s)
{
	(void)s;
	by_name("example.com", "example.com:80");
	by_name("example.com.", "example.com.:80");
	by_name("EXAMPLE.com", "EXAMPLE.com:80");
	by_name("xn--bcher-kva.example", "xn--bcher-kva.example:80");
	by_name("_dmarc.example.com", "_dmarc.example.com:80");
}

static void test_names_of_1_and_255_bytes_are_taken_whole(void **s)
{
	char name[256] = "", want[300];

	(void)s;
	by_name("a", "a:80");
	memset(name, 'a', 255);
	(void)snprintf(want, sizeof(want), "%s:80", name);
	by_name(name, want);
	name[254] = '\0';
	(void)snprintf(want, sizeof(want), "%s:80", name);
	by_name(name, want);
}

static void test_everything_in_one_piece_leaves_the_data(void **s)
{
	struct wire w = { .len = 0 };

	(void)s;
	wire_hex(&w, "05 01 02 01 05 6775657374 06 736563726574"
		     "05 01 00 03 01 61 0050");
	wire_fill(&w, 0x05, 700); /* looks like more of the same */
	check(&login, &w, "answer 0502; answer 0100; request 01 a:80", 700);
}

static void test_after_the_last_event_nothing_is_eaten(void **s)
{
	static const uint8_t good[] = { 5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 9 };
	struct socks5 k;
	size_t used;

	(void)s;
	socks5_init(&k, NULL);
	assert_int_equal(socks5_feed(&k, good, 13, &used), SOCKS5_ANSWER);
	assert_int_equal(socks5_feed(&k, good + 3, 10, &used), SOCKS5_REQUEST);
	assert_int_equal(socks5_feed(&k, good, 13, &used), SOCKS5_REQUEST);
	assert_int_equal(used, 0);
	assert_int_equal(k.out_len, 0);

	socks5_init(&k, &login);
	assert_int_equal(socks5_feed(&k, good, 13, &used), SOCKS5_REFUSE);
	assert_int_equal(k.out_len, 2);
	assert_int_equal(socks5_feed(&k, good, 13, &used), SOCKS5_REFUSE);
	assert_int_equal(used, 0);
	assert_int_equal(k.out_len, 0);
}

static void test_the_password_does_not_stay_in_memory(void **s)
{
	static const uint8_t in[] = "\5\1\2\1\5guest\6secret";
	struct socks5 k;
	size_t used, i;

	(void)s;
	socks5_init(&k, &login);
	assert_int_equal(socks5_feed(&k, in, 3, &used), SOCKS5_ANSWER);
	assert_int_equal(socks5_feed(&k, in + 3, 14, &used), SOCKS5_ANSWER);
	for (i = 0; i + 6 <= sizeof(k.in); i++)
		assert_memory_not_equal(k.in + i, "secret", 6);
}

/* ---- replies: RFC 1928, 6 ----------------------------------------------- */

static struct addr address(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static void check_reply(enum socks5_reply rep, const char *bound,
			const char *name, const char *want)
{
	uint8_t out[SOCKS5_OUT_MAX];
	struct story got = { .len = 0 };
	struct addr a = { 0 };
	size_t n;

	if (bound)
		a = address(bound);
	n = socks5_reply(out, rep, bound ? &a : NULL, name);
	story_hex(&got, out, n);
	assert_string_equal(got.text, want);
}

static void test_replies_tell_an_address_of_either_family_or_a_name(void **s)
{
	(void)s;
	check_reply(SOCKS5_SUCCEEDED, NULL, NULL, "05000001000000000000");
	check_reply(SOCKS5_SUCCEEDED, "10.0.2.15:4660", NULL,
		    "050000010a00020f1234");
	check_reply(SOCKS5_SUCCEEDED, "[2001:db8::1]:443", NULL,
		    "0500000420010db800000000000000000000000101bb");
	check_reply(SOCKS5_SUCCEEDED, NULL, "a.b", "0500000303612e620000");
	check_reply(SOCKS5_SUCCEEDED, NULL, "", "05000001000000000000");
	check_reply(SOCKS5_ADDRESS_NOT_SUPPORTED, NULL, NULL,
		    "05080001000000000000");
}

static void test_a_name_too_long_for_the_wire_is_a_failure(void **s)
{
	uint8_t out[SOCKS5_OUT_MAX];
	char name[257] = "";

	(void)s;
	memset(name, 'a', 255);
	assert_int_equal(socks5_reply(out, SOCKS5_SUCCEEDED, NULL, name),
			 4 + 1 + 255 + 2);
	assert_int_equal(out[1], SOCKS5_SUCCEEDED);
	assert_int_equal(out[4], 255);
	name[255] = 'a';
	assert_int_equal(socks5_reply(out, SOCKS5_SUCCEEDED, NULL, name), 10);
	assert_int_equal(out[1], SOCKS5_GENERAL_FAILURE);
}

static void test_an_address_without_a_family_is_told_as_zeros(void **s)
{
	const struct addr none = { .family = ADDR_NONE };
	uint8_t out[SOCKS5_OUT_MAX];

	(void)s;
	assert_int_equal(socks5_reply(out, SOCKS5_SUCCEEDED, &none, NULL), 10);
	assert_memory_equal(out, "\5\0\0\1\0\0\0\0\0\0", 10);
}

static void test_what_connect_says_has_its_reply(void **s)
{
	(void)s;
	assert_int_equal(socks5_reply_of(ENETUNREACH), 3);
	assert_int_equal(socks5_reply_of(EHOSTUNREACH), 4);
	assert_int_equal(socks5_reply_of(ECONNREFUSED), 5);
	assert_int_equal(socks5_reply_of(ETIMEDOUT), 6);
	assert_int_equal(socks5_reply_of(EAFNOSUPPORT), 8);
	assert_int_equal(socks5_reply_of(EACCES), 2);
	assert_int_equal(socks5_reply_of(EPERM), 2);
	assert_int_equal(socks5_reply_of(EMFILE), 1);
	assert_int_equal(socks5_reply_of(0), 1);
}

/* ---- datagrams: RFC 1928, 7 --------------------------------------------- */

static void check_udp(const char *hex, size_t want_len, uint8_t frag,
		      const char *want)
{
	struct story got = { .len = 0 };
	struct wire w = { .len = 0 };
	struct socks5_udp u;
	uint8_t *copy;
	size_t n;

	wire_hex(&w, hex);
	copy = wire_copy(w.p, w.len);
	assert_int_equal(socks5_udp_parse(&u, copy, w.len), want_len);
	free(copy);
	if (!want_len)
		return;
	tell_target(&got, &u.target);
	assert_string_equal(got.text, want);
	assert_int_equal(u.frag, frag);
	for (n = 0; n < want_len; n++) {
		copy = wire_copy(w.p, n);
		assert_int_equal(socks5_udp_parse(&u, copy, n), 0);
		free(copy);
	}
}

static void test_headers_of_datagrams_are_read_whole_or_not_at_all(void **s)
{
	(void)s;
	check_udp("0000 00 01 08080808 0035", 10, 0, "8.8.8.8:53");
	check_udp("0000 00 01 08080808 0035 616263", 10, 0, "8.8.8.8:53");
	check_udp("0000 00 03 03 612e62 0035 00", 10, 0, "a.b:53");
	check_udp("0000 00 03 01 61 0035", 8, 0, "a:53");
	check_udp("0000 00 03 07 312e322e332e34 0035", 14, 0, "1.2.3.4:53");
	check_udp("0000 00 04 20010db8000000000000000000000001 0035 ff", 22, 0,
		  "[2001:db8::1]:53");
	check_udp("0000 81 01 08080808 0035", 10, 0x81, "8.8.8.8:53");
	check_udp("abcd 00 01 08080808 0035", 10, 0, "8.8.8.8:53"); /* RSV */
	check_udp("0000 00 02 08080808 0035", 0, 0, NULL);
	check_udp("0000 00 03 00 0035", 0, 0, NULL);
	check_udp("0000 00 03 03 610062 0035", 0, 0, NULL);
	check_udp("", 0, 0, NULL);
}

static void test_a_name_of_255_bytes_fits_a_datagram(void **s)
{
	struct wire w = { .len = 0 };
	struct socks5_udp u;
	uint8_t *copy;

	(void)s;
	wire_hex(&w, "0000 00 03 ff");
	wire_fill(&w, 'a', 255);
	wire_hex(&w, "0035");
	copy = wire_copy(w.p, w.len);
	assert_int_equal(socks5_udp_parse(&u, copy, w.len), w.len);
	assert_int_equal(strlen(u.target.name), 255);
	assert_int_equal(socks5_udp_parse(&u, copy, w.len - 1), 0);
	free(copy);
}

static void test_a_written_header_reads_back(void **s)
{
	static const char *const text[] = { "8.8.8.8:53", "[2001:db8::1]:53",
					    "[::]:0", "255.255.255.255:65535" };
	uint8_t out[SOCKS5_OUT_MAX];
	struct socks5_udp u;
	size_t i, n;

	(void)s;
	for (i = 0; i < LEN(text); i++) {
		struct addr a = address(text[i]);

		n = socks5_udp_write(out, &a);
		assert_int_equal(n, a.family == ADDR_IPV4 ? 10 : 22);
		assert_int_equal(socks5_udp_parse(&u, out, n), n);
		assert_int_equal(u.frag, 0);
		assert_true(addr_equal(&u.target.addr, &a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_login_is_chosen_when_none_is_wanted),
		cmocka_unit_test(test_only_a_login_will_do_when_one_is_wanted),
		cmocka_unit_test(
			test_another_protocol_is_closed_without_a_word),
		cmocka_unit_test(test_255_methods_are_looked_through),
		cmocka_unit_test(test_the_right_login_and_no_other_is_let_in),
		cmocka_unit_test(
			test_logins_of_0_and_255_bytes_are_compared_whole),
		cmocka_unit_test(
			test_a_configured_login_too_long_for_the_wire_never_fits),
		cmocka_unit_test(test_every_command_with_every_kind_of_address),
		cmocka_unit_test(
			test_what_is_no_request_gets_the_reply_that_says_why),
		cmocka_unit_test(test_what_cannot_be_a_name_gets_reply_1),
		cmocka_unit_test(test_an_address_in_letters_is_an_address),
		cmocka_unit_test(test_names_are_passed_on_as_they_came),
		cmocka_unit_test(test_names_of_1_and_255_bytes_are_taken_whole),
		cmocka_unit_test(test_everything_in_one_piece_leaves_the_data),
		cmocka_unit_test(test_after_the_last_event_nothing_is_eaten),
		cmocka_unit_test(test_the_password_does_not_stay_in_memory),
		cmocka_unit_test(
			test_replies_tell_an_address_of_either_family_or_a_name),
		cmocka_unit_test(
			test_a_name_too_long_for_the_wire_is_a_failure),
		cmocka_unit_test(
			test_an_address_without_a_family_is_told_as_zeros),
		cmocka_unit_test(test_what_connect_says_has_its_reply),
		cmocka_unit_test(
			test_headers_of_datagrams_are_read_whole_or_not_at_all),
		cmocka_unit_test(test_a_name_of_255_bytes_fits_a_datagram),
		cmocka_unit_test(test_a_written_header_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
