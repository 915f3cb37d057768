/* SPDX-License-Identifier: MIT */
/*
 * Connections as scripts: what each side does, and what the other sees.
 *
 * The guest: Q q.. as in world.h (q REQUEST, r RESPONSE, x RST, d 100 bytes,
 * u, a, 1 2 3).  The stream: G gives 100 bytes, Z ends, W has room for 100,
 * S says it is deaf, B broken, O open; E fails its next call.  The world: N
 * driver up, M driver down, X the guest has ended, T 11 s pass, C the host
 * connects (c: one try), A the next stream answers later, - nobody listens.
 */
#include "vsock/vsock.h"

#include <string.h>

#include "base/container.h"

#include "world.h"

#include "../check.h"

struct row {
	const char *script;
	const char *guest;  /* packets it got */
	const char *stream; /* what the stream was told */
	unsigned open, bad; /* as the statistics say, in the end */
	size_t taken, got;  /* by the stream, by the guest */
};

struct stage {
	struct world w;
	struct peer p;
	struct fake f;
};

static void host_connects(struct stage *t, bool once)
{
	t->p.host_port = VSOCK_EPHEMERAL;
	assert_int_equal(vsock_connect(t->w.v, 7, fake_stream(&t->f),
				       once ? 0 : t->w.now + 60000000000, NULL),
			 0);
}

static void guest_does(struct stage *t, char what)
{
	static const char letter[] = "?qrx-dua";
	const char *op = strchr(letter, what);

	if (what == 'd')
		peer_send(&t->p, 100);
	else if (what >= '0' && what <= '3')
		peer_say(&t->p, VSOCK_OP_SHUTDOWN, (unsigned)(what - '0'));
	else
		peer_say(&t->p, (unsigned)(op - letter), 0);
}

static void step(struct stage *t, char what)
{
	switch (what) {
	case 'G': fake_give(&t->f, 100); break;
	case 'Z': fake_eof(&t->f); break;
	case 'W': fake_room(&t->f, 100); break;
	case 'S': fake_says(&t->f, STREAM_DEAF); break;
	case 'B': fake_says(&t->f, STREAM_BROKEN); break;
	case 'O': fake_says(&t->f, STREAM_OPEN); break;
	case 'E': t->f.broken = true; break;
	case 'N': vsock_online(t->w.v, true); break;
	case 'M': vsock_online(t->w.v, false); break;
	case 'X': vsock_end(t->w.v); break;
	case 'T': world_sleep(&t->w, 11000); break;
	case 'C':
	case 'c': host_connects(t, what == 'c'); break;
	case 'A': t->f.opening = true; break;
	case '-': t->w.next = NULL; break;
	default: guest_does(t, what); break;
	}
	world_run(&t->w);
}

/* Its end is as the row says; else say how it was. */
static bool as_told(const struct row *r, const struct stage *t, bool few)
{
	struct vsock_stats st;
	bool ok;

	vsock_stats(t->w.v, &st);
	ok = !strcmp(t->p.log, r->guest) &&
	     (few || !strcmp(t->f.log, r->stream)) && st.open == r->open &&
	     st.bad == r->bad && t->f.taken == r->taken && t->p.got == r->got &&
	     (st.open || !st.buffered) && !t->w.wrong && !t->p.wrong &&
	     !t->f.wrong && !t->w.strangers;
	if (!ok)
		print_error("%s: guest %s (%s), stream %s (%s), %u open, "
			    "%u bad, %zu taken, %zu got\n",
			    r->script, t->p.log, r->guest, t->f.log, r->stream,
			    st.open, (unsigned)st.bad, t->f.taken, t->p.got);
	return ok;
}

/* `few`: with a stream that has no deaf() and no opened(). */
static bool play(const struct row *r, bool few)
{
	struct stage t;
	const char *s;
	bool ok, carried;

	world_init(&t.w);
	peer_init(&t.p, &t.w, 80, 7);
	fake_init(&t.f);
	t.f.no_deaf = few;
	t.w.next = &t.f;
	for (s = r->script; *s; s++)
		step(&t, *s);
	ok = as_told(r, &t, few);
	carried = t.f.carried;
	world_fini(&t.w);
	if (!carried)
		fake_drop(&t.f);
	if (t.f.closes != carried)
		print_error("%s: closed %u times\n", r->script, t.f.closes);
	return ok && t.f.closes == carried;
}

static void play_all(const struct row *r, size_t n)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < n; i++) {
		ok &= play(&r[i], false);
		ok &= play(&r[i], true);
	}
	assert_true(ok);
}

static void test_the_guest_opens_and_both_send(void **s)
{
	static const struct row rows[] = {
		{ "q", "r", "", 1, 0, 0, 0 },
		{ "-q", "x", "", 0, 0, 0, 0 },
		{ "qWd", "r", "", 1, 0, 100, 0 },
		{ "qd", "r", "", 1, 0, 0, 0 },
		{ "qdW", "r", "", 1, 0, 100, 0 },
		{ "qddWW", "r", "", 1, 0, 200, 0 },
		{ "qG", "rd", "", 1, 0, 0, 100 },
		{ "qGGWd", "rd", "", 1, 0, 100, 200 },
		{ "qa", "ru", "", 1, 0, 0, 0 },
		{ "qu", "r", "", 1, 0, 0, 0 },
	};

	(void)s;
	play_all(rows, LEN(rows));
}

static void test_a_stream_may_answer_later(void **s)
{
	static const struct row rows[] = {
		{ "Aq", "", "", 1, 0, 0, 0 },
		{ "AqO", "r", "", 1, 0, 0, 0 },
		{ "AqGO", "rd", "", 1, 0, 0, 100 },
		{ "AqB", "x", "R", 0, 0, 0, 0 },
		{ "AqSO", "r1", "", 1, 0, 0, 0 },
		{ "AqaO", "r", "", 1, 0, 0, 0 }, /* no UPDATE before */
		{ "Aqd", "x", "R", 0, 1, 0, 0 },
		{ "Aqq", "x", "R", 0, 1, 0, 0 },
		{ "Aqr", "x", "R", 0, 1, 0, 0 },
		{ "Aqx", "", "R", 0, 0, 0, 0 },
		{ "Aq3", "x", "R", 0, 0, 0, 0 },
		{ "Aq2", "x", "R", 0, 0, 0, 0 },
		{ "AqM", "", "G", 0, 0, 0, 0 },
	};

	(void)s;
	play_all(rows, LEN(rows));
}

static void test_directions_end_by_themselves(void **s)
{
	static const struct row rows[] = {
		/* The guest's half, with the other going on. */
		{ "q2", "r", "e", 1, 0, 0, 0 },
		{ "q2G", "rd", "e", 1, 0, 0, 100 },
		{ "qd2", "r", "", 1, 0, 0, 0 },
		{ "qd2W", "r", "e", 1, 0, 100, 0 },
		{ "qd2GW", "rd", "e", 1, 0, 100, 100 },
		{ "q2d", "rx", "eR", 0, 1, 0, 0 },
		/* Ours. */
		{ "qZ", "r2", "", 1, 0, 0, 0 },
		{ "qGZ", "rd2", "", 1, 0, 0, 100 },
		{ "qZWd", "r2", "", 1, 0, 100, 0 },
		/* Both, in either order; the guest closes. */
		{ "q2Z", "r2", "eD", 1, 0, 0, 0 },
		{ "qZ2", "r2", "eD", 1, 0, 0, 0 },
		{ "q2Z3", "r2x", "eD", 0, 0, 0, 0 },
		{ "qZ21", "r2x", "eD", 0, 0, 0, 0 },
		{ "q2Zx", "r2", "eD", 0, 0, 0, 0 },
		{ "q2Za", "r2u", "eD", 1, 0, 0, 0 },
		{ "q2ZT", "r2", "eD", 1, 0, 0, 0 },
		{ "q2Zd", "r2x", "eD", 0, 1, 0, 0 },
		{ "q2Zq", "r2x", "eD", 0, 1, 0, 0 },
		{ "q2ZM", "r2", "eD", 0, 0, 0, 0 },
		{ "qd2ZW", "r2", "eD", 1, 0, 100, 0 },
		/* Deaf ends. */
		{ "q1", "r", "d", 1, 0, 0, 0 },
		{ "q11", "r", "d", 1, 0, 0, 0 },
		{ "q1G", "r", "d", 1, 0, 0, 0 },
		{ "q1Wd", "r", "d", 1, 0, 100, 0 },
		{ "q12", "rx", "deD", 0, 0, 0, 0 },
		{ "q21", "rx", "edD", 0, 0, 0, 0 },
		{ "qZ1", "r2", "", 1, 0, 0, 0 },
		{ "qS", "r1", "", 1, 0, 0, 0 },
		{ "qdS", "r1", "", 1, 0, 0, 0 },
		{ "qSd", "r1", "", 1, 0, 0, 0 },
		{ "qSG", "r1d", "", 1, 0, 0, 100 },
		{ "qSZ", "r13", "D", 1, 0, 0, 0 },
		{ "qZS", "r23", "D", 1, 0, 0, 0 },
		{ "qSZx", "r13", "D", 0, 0, 0, 0 },
		{ "qSZ3", "r13x", "D", 0, 0, 0, 0 },
		{ "qSZd3", "r13x", "D", 0, 0, 0, 0 },
		{ "qSZT", "r13x", "D", 0, 0, 0, 0 },
		{ "qS1", "r13", "dD", 1, 0, 0, 0 },
		{ "qS1T", "r13x", "dD", 0, 0, 0, 0 },
		{ "qS2", "r1", "", 1, 0, 0, 0 },
		{ "qS2Z", "r13", "D", 1, 0, 0, 0 },
		{ "q0", "r", "", 1, 0, 0, 0 },
	};

	(void)s;
	play_all(rows, LEN(rows));
}

static void test_what_a_closed_guest_sent_is_still_taken(void **s)
{
	static const struct row rows[] = {
		{ "q3", "rx", "deD", 0, 0, 0, 0 },
		{ "qd3", "rx", "d", 1, 0, 0, 0 },
		{ "qd3W", "rx", "deD", 0, 0, 100, 0 },
		{ "qd3TTTTTTW", "rx", "deD", 0, 0, 100, 0 },
		{ "qd3MW", "rx", "deD", 0, 0, 100, 0 },
		{ "qd3XW", "rx", "deD", 0, 0, 100, 0 },
		{ "qd3X", "rx", "d", 1, 0, 0, 0 },
		{ "qd2XW", "r", "deD", 0, 0, 100, 0 },
		{ "qd2X", "r", "d", 1, 0, 0, 0 },
		{ "qd1XW", "r", "dG", 0, 0, 0, 0 },
		{ "qd2MW", "r", "deD", 0, 0, 100, 0 },
		{ "qd3S", "rx", "dD", 0, 0, 0, 0 },
		{ "qd3B", "rx", "dR", 0, 0, 0, 0 },
		{ "qd3EW", "rx", "dR", 0, 0, 0, 0 },
		{ "qd3xW", "rx", "deD", 0, 0, 100, 0 },
		{ "qZd3W", "r2x", "eD", 0, 0, 100, 0 },
		{ "qd2xW", "r", "deD", 0, 0, 100, 0 },
		{ "qd2Zx", "r2", "", 1, 0, 0, 0 },
		{ "qd2ZxW", "r2", "eD", 0, 0, 100, 0 },
		/* Its ports are free: they are somebody else's then. */
		{ "qd3-qW", "rxx", "deD", 0, 0, 100, 0 },
	};

	(void)s;
	play_all(rows, LEN(rows));
}

static void test_resets_end_both_directions(void **s)
{
	static const struct row rows[] = {
		{ "qx", "r", "R", 0, 0, 0, 0 },
		{ "qdx", "r", "R", 0, 0, 0, 0 },
		{ "qdxW", "r", "R", 0, 0, 0, 0 },
		{ "q1x", "r", "dR", 0, 0, 0, 0 },
		{ "qB", "rx", "R", 0, 0, 0, 0 },
		{ "qdB", "rx", "R", 0, 0, 0, 0 },
		{ "q2B", "rx", "eR", 0, 0, 0, 0 },
		{ "qEG", "rx", "R", 0, 0, 0, 0 },
		{ "qEd", "rx", "R", 0, 0, 0, 0 },
		{ "qdEW", "rx", "R", 0, 0, 0, 0 },
		{ "qq", "rx", "R", 0, 1, 0, 0 },
		{ "qr", "rx", "R", 0, 1, 0, 0 },
		{ "q?", "rx", "R", 0, 1, 0, 0 },
		{ "qM", "r", "G", 0, 0, 0, 0 },
		{ "qX", "r", "G", 0, 0, 0, 0 },
		{ "qWWdX", "r", "G", 0, 0, 100, 0 },
		{ "qWWdM", "r", "G", 0, 0, 100, 0 },
		{ "x", "", "", 0, 0, 0, 0 },
		{ "d", "x", "", 0, 0, 0, 0 },
		{ "3", "x", "", 0, 0, 0, 0 },
		{ "u", "x", "", 0, 0, 0, 0 },
		{ "?", "x", "", 0, 0, 0, 0 },
		{ "r", "x", "", 0, 0, 0, 0 },
	};

	(void)s;
	play_all(rows, LEN(rows));
}

static void test_the_host_connects(void **s)
{
	static const struct row rows[] = {
		{ "C", "q", "", 1, 0, 0, 0 },
		{ "Cr", "q", "o", 1, 0, 0, 0 },
		{ "CGr", "qd", "o", 1, 0, 0, 100 },
		{ "CWrd", "q", "o", 1, 0, 100, 0 },
		{ "Cr2Z3", "q2x", "oeD", 0, 0, 0, 0 },
		{ "Crr", "qx", "oR", 0, 1, 0, 0 },
		{ "CSr", "q1", "o", 1, 0, 0, 0 },
		{ "Cd", "qx", "R", 0, 1, 0, 0 },
		{ "Cq", "qx", "R", 0, 1, 0, 0 },
		{ "C3", "qx", "R", 0, 1, 0, 0 },
		{ "CB", "qx", "R", 0, 0, 0, 0 },
		{ "Ca", "q", "", 1, 0, 0, 0 },
		{ "cx", "q", "F", 0, 0, 0, 0 },
		{ "cT", "q", "T", 0, 0, 0, 0 },
		{ "CTTTTT", "q", "", 1, 0, 0, 0 },
		{ "CTTTTTT", "q", "T", 0, 0, 0, 0 },
		/* An answer after that is to nobody. */
		{ "cTr", "qx", "T", 0, 0, 0, 0 },
		/* The driver comes later, or leaves. */
		{ "MC", "", "", 1, 0, 0, 0 },
		{ "MCN", "q", "", 1, 0, 0, 0 },
		{ "MCTNr", "q", "o", 1, 0, 0, 0 },
		{ "MCB", "", "R", 0, 0, 0, 0 },
		{ "Mc", "", "", 1, 0, 0, 0 },
		{ "McT", "", "T", 0, 0, 0, 0 },
		{ "CMN", "qq", "", 1, 0, 0, 0 },
		{ "CX", "q", "G", 0, 0, 0, 0 },
		{ "MCX", "", "G", 0, 0, 0, 0 },
		{ "CMTNr", "qq", "o", 1, 0, 0, 0 },
		{ "CrM", "q", "oG", 0, 0, 0, 0 },
		{ "CxMTNr", "qq", "o", 1, 0, 0, 0 },
		/* Late packets while nothing is asked. */
		{ "Cxu", "qx", "", 1, 0, 0, 0 },
		{ "Cxx", "q", "", 1, 0, 0, 0 },
	};

	(void)s;
	play_all(rows, LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_guest_opens_and_both_send),
		cmocka_unit_test(test_a_stream_may_answer_later),
		cmocka_unit_test(test_directions_end_by_themselves),
		cmocka_unit_test(test_what_a_closed_guest_sent_is_still_taken),
		cmocka_unit_test(test_resets_end_both_directions),
		cmocka_unit_test(test_the_host_connects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
