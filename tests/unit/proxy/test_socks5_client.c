/* SPDX-License-Identifier: MIT */
#include "proxy/socks5_client.h"

#include "../check.h"
#include "base/container.h"
#include "wire.h"

static const struct socks5_login login = { "guest", "secret" };

static struct socks5_target target(const char *name, const char *address)
{
	struct socks5_target t = { .name = "" };

	assert_true(addr_parse(address, &t.addr));
	(void)snprintf(t.name, sizeof(t.name), "%s", name);
	return t;
}

/* ---- driving it --------------------------------------------------------- */

/* What an event says.  False: it is the last. */
static bool tell(struct story *s, const struct socks5_client *c,
		 enum socks5_client_event e)
{
	char reply[16], text[ADDR_TEXT];

	switch (e) {
	case SOCKS5_CLIENT_MORE: return true;
	case SOCKS5_CLIENT_SEND:
		story_add(s, "send ");
		story_hex(s, c->out, c->out_len);
		story_add(s, "; ");
		return true;
	case SOCKS5_CLIENT_DONE:
		(void)snprintf(reply, sizeof(reply), "done %d ", c->reply);
		story_add(s, reply);
		story_add(s, addr_text(&c->bound, text));
		return false;
	case SOCKS5_CLIENT_BROKEN: story_add(s, "broken"); return false;
	}
	return false;
}

/* Feed all of it in pieces of `step`; how many bytes it ate. */
static size_t drive(struct story *s, const struct socks5_login *l,
		    const struct socks5_target *t, const struct wire *w,
		    size_t step)
{
	struct socks5_client c;
	size_t at = 0, n, used, off;
	bool more = true;

	*s = (struct story){ .len = 0 };
	socks5_client_init(&c, l, t);
	(void)tell(s, &c, SOCKS5_CLIENT_SEND);
	while (more && at < w->len) {
		uint8_t *piece;

		n = step < w->len - at ? step : w->len - at;
		piece = wire_copy(w->p + at, n);
		for (off = 0; more && off < n; off += used) {
			enum socks5_client_event e = socks5_client_feed(
				&c, piece + off, n - off, &used);

			assert_true(used <= n - off);
			assert_true(e != SOCKS5_CLIENT_MORE || used == n - off);
			more = tell(s, &c, e);
		}
		free(piece);
		at += off;
	}
	return at;
}

static void check(const struct socks5_login *l, const struct socks5_target *t,
		  const struct wire *w, const char *want, size_t left)
{
	struct wire cut = *w;
	struct story got;
	size_t step, ate = drive(&got, l, t, w, WIRE_MAX);

	assert_string_equal(got.text, want);
	assert_int_equal(w->len - ate, left);
	for (step = 1; step < w->len; step++) {
		assert_int_equal(drive(&got, l, t, w, step), ate);
		assert_string_equal(got.text, want);
	}
	for (cut.len = 0; cut.len < ate; cut.len++) {
		assert_int_equal(drive(&got, l, t, &cut, WIRE_MAX), cut.len);
		assert_memory_equal(got.text, want, got.len);
		assert_null(strstr(got.text, "done"));
		assert_null(strstr(got.text, "broken"));
	}
}

struct row {
	const char *in, *want;
	size_t left;
};

static void check_rows(const struct socks5_login *l, const char *before,
		       const char *said, const struct row *row, size_t rows)
{
	struct socks5_target t = target("", "1.2.3.4:80");
	char want[1024];
	size_t i;

	for (i = 0; i < rows; i++) {
		struct wire w = { .len = 0 };

		wire_hex(&w, before);
		wire_hex(&w, row[i].in);
		(void)snprintf(want, sizeof(want), "%s%s", said, row[i].want);
		check(l, &t, &w, want, row[i].left);
	}
}

#define REQUEST "send 05010001010203040050; "
#define LOGIN "send 0105677565737406736563726574; "

/* ---- tests -------------------------------------------------------------- */

static void test_it_takes_only_a_method_that_it_offered(void **s)
{
	static const struct row rows[] = {
		{ "05 00", "send 050100; " REQUEST, 0 },
		{ "05 02", "send 050100; broken", 0 },
		{ "05 01", "send 050100; broken", 0 },
		{ "05 ff", "send 050100; broken", 0 },
		{ "05 ff 00", "send 050100; broken", 1 },
		{ "04", "send 050100; broken", 0 },
		{ "48 54 54 50", "send 050100; broken", 3 }, /* "HTTP" */
	};
	static const struct row with[] = {
		{ "05 00", "send 05020002; " REQUEST, 0 },
		{ "05 02", "send 05020002; " LOGIN, 0 },
		{ "05 01", "send 05020002; broken", 0 },
		{ "05 ff", "send 05020002; broken", 0 },
	};

	(void)s;
	check_rows(NULL, "", "", rows, LEN(rows));
	check_rows(&login, "", "", with, LEN(with));
}

static void test_a_login_that_is_refused_is_the_end(void **s)
{
	static const struct row rows[] = {
		{ "01 00", REQUEST, 0 },
		{ "05 00", REQUEST, 0 }, /* some servers confuse the versions */
		{ "01 01", "broken", 0 },
		{ "01 ff 05", "broken", 1 },
	};

	(void)s;
	check_rows(&login, "05 02", "send 05020002; " LOGIN, rows, LEN(rows));
}

static void test_it_eats_the_reply_and_not_a_byte_more(void **s)
{
	static const struct row rows[] = {
		{ "05 00 00 01 0a00020f 1234", "done 0 10.0.2.15:4660", 0 },
		{ "05 00 00 01 00000000 0000 5353482d", "done 0 0.0.0.0:0", 4 },
		{ "05 00 00 04 20010db8000000000000000000000001 01bb 05",
		  "done 0 [2001:db8::1]:443", 1 },
		{ "05 00 00 03 03 612e62 0050 0500", "done 0 none:80", 2 },
		{ "05 00 00 03 00 0050 05", "done 0 none:0", 1 },
		{ "05 00 00 03 01 00 0050", "done 0 none:0", 0 },
		{ "05 00 ff 01 0a00020f 1234", "done 0 10.0.2.15:4660", 0 },
		{ "05 01 00 01 00000000 0000", "done 1 0.0.0.0:0", 0 },
		{ "05 02 00 01 00000000 0000", "done 2 0.0.0.0:0", 0 },
		{ "05 05 00 01 00000000 0000", "done 5 0.0.0.0:0", 0 },
		{ "05 08 00 01 00000000 0000", "done 8 0.0.0.0:0", 0 },
		{ "05 09 00 01 00000000 0000", "done 1 0.0.0.0:0", 0 },
		{ "05 f0 00 01 00000000 0000", "done 1 0.0.0.0:0", 0 },
		/* no such address: fatal only where it was to be used */
		{ "05 00 00 02", "broken", 0 },
		{ "05 05 00 00", "done 5 none:0", 0 },
		{ "04", "broken", 0 },
		{ "00 5a", "broken", 1 }, /* SOCKS4 */
	};

	(void)s;
	check_rows(NULL, "05 00", "send 050100; " REQUEST, rows, LEN(rows));
	check_rows(&login, "05 02 01 00", "send 05020002; " LOGIN REQUEST, rows,
		   LEN(rows));
}

static void test_a_reply_with_a_name_of_255_bytes_is_eaten_whole(void **s)
{
	struct socks5_target t = target("", "1.2.3.4:80");
	struct wire w = { .len = 0 };

	(void)s;
	wire_hex(&w, "05 00 05 00 00 03 ff");
	wire_fill(&w, 'a', 255);
	wire_hex(&w, "1234 53");
	check(NULL, &t, &w, "send 050100; " REQUEST "done 0 none:4660", 1);
}

static void asks_for(const char *name, const char *address, const char *want)
{
	struct socks5_target t = target(name, address);
	struct wire w = { .len = 0 };
	char text[1024];

	wire_hex(&w, "05 00");
	(void)snprintf(text, sizeof(text), "send 050100; send %s; ", want);
	check(NULL, &t, &w, text, 0);
}

static void test_it_asks_for_names_and_for_addresses_of_both_families(void **s)
{
	(void)s;
	asks_for("", "1.2.3.4:80", "05010001010203040050");
	asks_for("", "[2001:db8::1]:443",
		 "0501000420010db800000000000000000000000101bb");
	asks_for("a.b", "0.0.0.0:65535", "0501000303612e62ffff");
	/* the name is for the server to resolve, whatever is known here */
	asks_for("a.b", "1.2.3.4:80", "0501000303612e620050");
}

static void test_names_and_logins_of_255_bytes_go_out_whole(void **s)
{
	struct socks5_target t = target("", "1.2.3.4:80");
	char user[257] = "", password[256] = "";
	struct socks5_login l = { user, password };
	struct socks5_client c;
	size_t used;

	(void)s;
	memset(t.name, 'n', 255);
	memset(user, 'u', 255);
	memset(password, 'p', 255);
	socks5_client_init(&c, &l, &t);
	assert_int_equal(
		socks5_client_feed(&c, (const uint8_t *)"\5\2", 2, &used),
		SOCKS5_CLIENT_SEND);
	assert_int_equal(c.out_len, 1 + 1 + 255 + 1 + 255);
	assert_int_equal(c.out[1], 255);
	assert_memory_equal(c.out + 2, user, 255);
	assert_int_equal(c.out[257], 255);
	assert_memory_equal(c.out + 258, password, 255);
	assert_int_equal(
		socks5_client_feed(&c, (const uint8_t *)"\1\0", 2, &used),
		SOCKS5_CLIENT_SEND);
	assert_int_equal(c.out_len, 3 + 1 + 1 + 255 + 2);
	assert_int_equal(c.out[4], 255);
	assert_memory_equal(c.out + 5, t.name, 255);
	assert_int_equal(c.out[300], 0); /* of the password nothing is left */

	user[255] = 'u'; /* too long to be said */
	socks5_client_init(&c, &l, &t);
	assert_int_equal(
		socks5_client_feed(&c, (const uint8_t *)"\5\2", 2, &used),
		SOCKS5_CLIENT_BROKEN);
}

static void test_a_user_without_a_password_sends_an_empty_one(void **s)
{
	const struct socks5_login l = { "u", NULL };
	struct socks5_target t = target("", "1.2.3.4:80");
	struct wire w = { .len = 0 };

	(void)s;
	wire_hex(&w, "05 02");
	check(&l, &t, &w, "send 05020002; send 01017500; ", 0);
}

static void test_after_the_last_event_nothing_is_eaten(void **s)
{
	static const uint8_t good[] = { 5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	struct socks5_target t = target("", "1.2.3.4:80");
	struct socks5_client c;
	size_t used;

	(void)s;
	socks5_client_init(&c, NULL, &t);
	assert_int_equal(socks5_client_feed(&c, good, 12, &used),
			 SOCKS5_CLIENT_SEND);
	assert_int_equal(used, 2);
	assert_int_equal(socks5_client_feed(&c, good + 2, 10, &used),
			 SOCKS5_CLIENT_DONE);
	assert_int_equal(used, 10);
	assert_int_equal(socks5_client_feed(&c, good, 12, &used),
			 SOCKS5_CLIENT_DONE);
	assert_int_equal(used, 0);
	socks5_client_init(&c, NULL, &t);
	assert_int_equal(socks5_client_feed(&c, good + 1, 11, &used),
			 SOCKS5_CLIENT_BROKEN);
	assert_int_equal(socks5_client_feed(&c, good, 12, &used),
			 SOCKS5_CLIENT_BROKEN);
	assert_int_equal(used, 0);
}

/* Both sides of ours understand each other. */
static void meet(const struct socks5_login *l, const struct socks5_target *t)
{
	enum socks5_client_event ce = SOCKS5_CLIENT_SEND;
	enum socks5_event se = SOCKS5_MORE;
	struct socks5_client c;
	struct socks5 k;
	size_t used;

	socks5_client_init(&c, l, t);
	socks5_init(&k, l);
	while (ce == SOCKS5_CLIENT_SEND) {
		se = socks5_feed(&k, c.out, c.out_len, &used);
		assert_int_equal(used, c.out_len);
		if (se == SOCKS5_REQUEST)
			k.out_len = socks5_reply(k.out, SOCKS5_SUCCEEDED,
						 &t->addr, NULL);
		ce = socks5_client_feed(&c, k.out, k.out_len, &used);
		assert_int_equal(used, k.out_len);
	}
	assert_int_equal(se, SOCKS5_REQUEST);
	assert_int_equal(ce, SOCKS5_CLIENT_DONE);
	assert_int_equal(c.reply, SOCKS5_SUCCEEDED);
	assert_int_equal(k.cmd, SOCKS5_CONNECT);
	assert_string_equal(k.target.name, t->name);
	assert_int_equal(k.target.addr.port, t->addr.port);
	assert_true(addr_equal(&c.bound, &t->addr));
}

static void test_client_and_server_understand_each_other(void **s)
{
	struct socks5_target name = target("example.com", "0.0.0.0:80");
	struct socks5_target ipv4 = target("", "1.2.3.4:80");
	struct socks5_target ipv6 = target("", "[2001:db8::1]:80");

	(void)s;
	meet(NULL, &name);
	meet(NULL, &ipv4);
	meet(NULL, &ipv6);
	meet(&login, &name);
	meet(&login, &ipv4);
	meet(&login, &ipv6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_takes_only_a_method_that_it_offered),
		cmocka_unit_test(test_a_login_that_is_refused_is_the_end),
		cmocka_unit_test(test_it_eats_the_reply_and_not_a_byte_more),
		cmocka_unit_test(
			test_a_reply_with_a_name_of_255_bytes_is_eaten_whole),
		cmocka_unit_test(
			test_it_asks_for_names_and_for_addresses_of_both_families),
		cmocka_unit_test(
			test_names_and_logins_of_255_bytes_go_out_whole),
		cmocka_unit_test(
			test_a_user_without_a_password_sends_an_empty_one),
		cmocka_unit_test(test_after_the_last_event_nothing_is_eaten),
		cmocka_unit_test(test_client_and_server_understand_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
