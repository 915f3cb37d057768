/* SPDX-License-Identifier: MIT */
#include "endpoint/forward.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "rig.h"

/* ---- what is written -------------------------------------------------- */

static void test_a_forward_is_two_ports_and_perhaps_an_address(void **s)
{
	static const struct {
		const char *text, *host;
		uint16_t guest;
	} rows[] = {
		{ "8080:80", "127.0.0.1:8080", 80 },
		{ "0:1", "127.0.0.1:0", 1 },
		{ "0.0.0.0:65535:65535", "0.0.0.0:65535", 65535 },
		{ "[::1]:8080:80", "[::1]:8080", 80 },
	};
	struct forward_spec spec;
	char text[ADDR_TEXT];
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		assert_int_equal(forward_parse(&spec, rows[i].text, NULL), 0);
		assert_string_equal(addr_text(&spec.host, text), rows[i].host);
		assert_int_equal(spec.guest, rows[i].guest);
	}
}

static void test_what_is_wrong_with_a_forward_is_named(void **s)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{ "8080", "forward \"8080\": no \":\" between the two ports" },
		{ "8080:0", "forward \"8080:0\": the guest's port is not a "
			    "number from 1 to 65535" },
		{ "8080:", "forward \"8080:\": the guest's port is not a "
			   "number from 1 to 65535" },
		{ "1:65536", "forward \"1:65536\": the guest's port is not a "
			     "number from 1 to 65535" },
		{ "1:-2", "forward \"1:-2\": the guest's port is not a number "
			  "from 1 to 65535" },
		{ ":80", "forward \":80\": the host's side is neither a port "
			 "nor IP:PORT" },
		{ "65536:80", "forward \"65536:80\": the host's side is "
			      "neither a port nor IP:PORT" },
		{ "localhost:80:80", "forward \"localhost:80:80\": the host's "
				     "side is neither a port nor IP:PORT" },
		{ "::1:80:80", "forward \"::1:80:80\": the host's side is "
			       "neither a port nor IP:PORT" },
	};
	struct forward_spec spec;
	mv_error err;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		assert_int_equal(forward_parse(&spec, rows[i].text, &err),
				 -MICROVM_EINVAL);
		assert_string_equal(err.msg, rows[i].msg);
		assert_string_equal(err.hint,
				    "write [IP:]HOST:GUEST, such as 8080:80 "
				    "or 0.0.0.0:8080:80");
	}
}

/* ---- what happens ----------------------------------------------------- */

struct bench {
	struct rig rig;
	struct forward *f;
	struct peer p;
};

/* A client whose connection the guest's program has taken. */
static struct gconn *setup(struct bench *b, const char *early)
{
	struct forward_spec spec;
	struct addr at;

	rig_init(&b->rig);
	rig_listen(&b->rig, PLACE_FORWARD_PORT);
	assert_int_equal(forward_parse(&spec, "0:80", NULL), 0);
	assert_int_equal(forward_new(&b->rig.place, &spec, &b->f, NULL), 0);
	assert_true(forward_addr(b->f, &at));
	peer_tcp(&b->rig, &b->p, &at);
	if (*early)
		peer_say(&b->p, early);
	RUN_UNTIL(&b->rig, b->rig.accepted && bytes_are(&rig_conn(&b->rig)->in,
							"CONNECT 80\n"));
	return rig_conn(&b->rig);
}

static void teardown(struct bench *b)
{
	peer_close(&b->p);
	forward_close(b->f);
	forward_close(NULL);
	rig_fini(&b->rig);
}

static void test_the_guest_is_asked_and_then_it_flows(void **s)
{
	struct bench b;
	struct gconn *c = setup(&b, "");

	(void)s;
	gconn_say(c, "OK 80\n");
	peer_say(&b.p, "GET");
	RUN_UNTIL(&b.rig, bytes_are(&c->in, "CONNECT 80\nGET"));
	gconn_say(c, "200");
	RUN_UNTIL(&b.rig, bytes_are(&b.p.in, "200"));
	peer_shut(&b.p);
	RUN_UNTIL(&b.rig, c->heard == VSOCK_SHUTDOWN_SEND);
	gconn_say(c, ".");
	RUN_UNTIL(&b.rig, c->sent == c->out.len);
	gconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
	RUN_UNTIL(&b.rig, b.p.end);
	assert_true(bytes_are(&b.p.in, "200."));
	teardown(&b);
}

static void test_early_bytes_wait_for_the_guests_word(void **s)
{
	static const char word[] = "OK 80\r\n";
	struct bench b;
	struct gconn *c = setup(&b, "early");
	size_t i;

	(void)s;
	for (i = 0; i + 2 < sizeof(word); i++) {
		gconn_send(c, word + i, 1);
		RUN_UNTIL(&b.rig, c->sent == i + 1);
		(void)uv_run(&b.rig.loop, UV_RUN_NOWAIT);
		assert_true(bytes_are(&c->in, "CONNECT 80\n"));
	}
	/* What the guest says behind its line is the client's. */
	gconn_say(c, "\nbanner");
	RUN_UNTIL(&b.rig, bytes_are(&c->in, "CONNECT 80\nearly") &&
				  bytes_are(&b.p.in, "banner"));
	teardown(&b);
}

static void test_a_guest_that_says_no_has_the_client_reset(void **s)
{
	static const char *const no[] = { "NO\n", "OKAY\n", "\n", "ok 80\n",
					  "FAIL connection refused\n" };
	struct bench b;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(no); i++) {
		struct gconn *c = setup(&b, "x");

		gconn_say(c, no[i]);
		RUN_UNTIL(&b.rig, peer_over(&b.p) && c->over);
		assert_int_equal(b.p.error, ECONNRESET);
		assert_int_equal(b.p.in.len, 0);
		teardown(&b);
	}
}

static void test_a_guest_that_babbles_has_the_client_reset(void **s)
{
	char flood[500];
	struct bench b;
	struct gconn *c = setup(&b, "");

	(void)s;
	memset(flood, 'O', sizeof(flood));
	gconn_send(c, flood, sizeof(flood));
	RUN_UNTIL(&b.rig, peer_over(&b.p) && c->over);
	assert_int_equal(b.p.error, ECONNRESET);
	teardown(&b);
}

static void test_a_guest_that_leaves_has_the_client_reset(void **s)
{
	struct bench b;
	struct gconn *c = setup(&b, "");

	(void)s;
	gconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
	RUN_UNTIL(&b.rig, peer_over(&b.p));
	assert_int_equal(b.p.error, ECONNRESET);
	teardown(&b);
}

static void test_without_the_guests_program_the_client_is_reset(void **s)
{
	struct forward_spec spec;
	struct bench b;
	struct addr at;

	(void)s;
	rig_init(&b.rig);
	assert_int_equal(forward_parse(&spec, "0:80", NULL), 0);
	assert_int_equal(forward_new(&b.rig.place, &spec, &b.f, NULL), 0);
	assert_true(forward_addr(b.f, &at));
	peer_tcp(&b.rig, &b.p, &at);
	RUN_UNTIL(&b.rig, peer_over(&b.p));
	assert_int_equal(b.p.error, ECONNRESET);
	teardown(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_forward_is_two_ports_and_perhaps_an_address),
		cmocka_unit_test(test_what_is_wrong_with_a_forward_is_named),
		cmocka_unit_test(test_the_guest_is_asked_and_then_it_flows),
		cmocka_unit_test(test_early_bytes_wait_for_the_guests_word),
		cmocka_unit_test(
			test_a_guest_that_says_no_has_the_client_reset),
		cmocka_unit_test(
			test_a_guest_that_babbles_has_the_client_reset),
		cmocka_unit_test(test_a_guest_that_leaves_has_the_client_reset),
		cmocka_unit_test(
			test_without_the_guests_program_the_client_is_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
