/* SPDX-License-Identifier: MIT */
/*
 * Random scripts on both sides against a simple model of what must hold.
 *
 *	test-vsock-model [-runs N] [-seed S]
 *
 * Always: every byte comes out once and in its order; neither side sends more
 * than it has credit for; a stream is closed once, for a reason that there
 * was.  When both readers read, nothing stays where it is.  And in the end
 * nothing is left.
 *
 * The guest keeps its accounts as Linux does: it tells its credit with every
 * packet, when it is asked, and when more than all but 64 KiB of its window
 * were read since it last told.
 */
#include "vsock/vsock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"
#include "world.h"

#include "../check.h"

enum {
	LINKS = 24,   /* streams at once, with those that outlive the guest's
		       * end */
	PORTS = 6,    /* few, so that they are used again and again */
	STEPS = 400,  /* of a script */
	REST = 100,   /* ... until everything has to come to rest */
	LAZY = 65536, /* bytes of its window a Linux guest is sure of */
	CLOSE_MS = 8000,
};

/* The guest's end. */
enum guest {
	GUEST_NONE,
	GUEST_ASKED, /* it sent REQUEST */
	GUEST_OPEN,
	GUEST_CLOSING, /* it sent SHUTDOWN of both, and waits for RST */
};

struct link {
	struct fake f; /* used while `used`; its close ends it */
	struct peer p;
	enum guest guest;
	bool used, by_host;
	size_t want;              /* bytes the guest would like to send */
	uint32_t told;            /* bytes taken, as the host knows */
	uint64_t deadline;        /* of GUEST_CLOSING */
	bool shut_send, shut_rcv; /* said by the guest */
	bool host_send, host_rcv; /* ... by the host */
	bool deaf;                /* the stream says so */
	bool may_reset;           /* there was a reason for it */
};

struct model {
	struct world w;
	struct link link[LINKS];
	uint64_t rng;
	uint32_t dialed; /* connections by the host */
	bool listening;  /* the guest accepts */
	bool went_down;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct model *m)
{
	uint64_t z = m->rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t below(struct model *m, size_t n)
{
	return (size_t)(next(m) % n);
}

/* Often small, sometimes large. */
static size_t amount(struct model *m)
{
	return 1 + below(m, (size_t)1 << below(m, 18));
}

/* ---- the guest -------------------------------------------------------- */

static struct link *link_of(struct peer *p)
{
	return container_of(p, struct link, p);
}

static void guest_say(struct link *l, unsigned op, unsigned flags)
{
	l->told = l->p.taken;
	peer_say(&l->p, op, flags);
}

static void guest_leave(struct link *l)
{
	if (l->guest == GUEST_NONE)
		return;
	l->guest = GUEST_NONE;
	peer_leave(&l->p);
}

static void guest_check_end(const struct link *l)
{
	/* What the stream sent before its end was there before that. */
	if (l->host_send && !l->shut_rcv)
		assert_int_equal(l->p.got, l->f.given);
}

static void guest_heard(struct peer *p, const struct vsock_hdr *h)
{
	struct link *l = link_of(p);

	if (l->guest == GUEST_ASKED)
		assert_true(h->op == VSOCK_OP_RESPONSE ||
			    h->op == VSOCK_OP_RST);
	switch (h->op) {
	case VSOCK_OP_RESPONSE:
		assert_int_equal(l->guest, GUEST_ASKED);
		l->guest = GUEST_OPEN;
		break;
	case VSOCK_OP_RST:
		guest_check_end(l);
		guest_leave(l);
		break;
	case VSOCK_OP_SHUTDOWN:
		l->host_send |= h->flags & VSOCK_SHUTDOWN_SEND;
		l->host_rcv |= h->flags & VSOCK_SHUTDOWN_RCV;
		guest_check_end(l);
		break;
	case VSOCK_OP_CREDIT_REQUEST:
		if (l->guest != GUEST_NONE)
			guest_say(l, VSOCK_OP_CREDIT_UPDATE, 0);
		break;
	case VSOCK_OP_RW: assert_false(l->host_send); break;
	default: break;
	}
}

/* Linux answers what is for no socket with a reset. */
static void guest_stranger(struct world *w, const struct vsock_hdr *h)
{
	struct model *m = container_of(w, struct model, w);
	struct peer p = { .w = w,
			  .host_port = h->src_port,
			  .guest_port = h->dst_port };
	unsigned i;

	if (h->op == VSOCK_OP_RST)
		return;
	for (i = 0; i < LINKS && h->op == VSOCK_OP_REQUEST && m->listening;
	     i++) {
		struct link *l = &m->link[i];

		/* Its guest port is no other's. */
		if (!l->used || !l->by_host || l->guest != GUEST_NONE ||
		    l->p.guest_port != h->dst_port || l->f.closes ||
		    strchr(l->f.log, 'o'))
			continue;
		peer_init(&l->p, w, h->src_port, h->dst_port);
		l->p.stalled = true;
		l->p.host_alloc = h->buf_alloc;
		l->p.host_taken = h->fwd_cnt;
		l->guest = GUEST_OPEN;
		guest_say(l, VSOCK_OP_RESPONSE, 0);
		return;
	}
	peer_say(&p, VSOCK_OP_RST, 0);
}

static void guest_read(struct link *l, size_t len)
{
	if (l->guest != GUEST_OPEN || l->shut_rcv)
		return;
	l->p.taken += (uint32_t)min_u64(len, (uint32_t)l->p.got - l->p.taken);
	if (l->p.alloc - (l->p.taken - l->told) < LAZY && l->p.taken != l->told)
		guest_say(l, VSOCK_OP_CREDIT_UPDATE, 0);
}

static void guest_send(struct model *m, struct link *l)
{
	size_t len = min_u64(l->want, peer_credit(&l->p));

	if (l->guest != GUEST_OPEN || l->shut_send || l->host_rcv || !len)
		return;
	len = 1 + below(m, min_u64(len, LAZY));
	l->want -= len;
	l->told = l->p.taken;
	peer_send(&l->p, len);
}

static void guest_shutdown(struct model *m, struct link *l, unsigned flags)
{
	if (l->guest != GUEST_OPEN)
		return;
	l->shut_send |= flags & VSOCK_SHUTDOWN_SEND;
	l->shut_rcv |= flags & VSOCK_SHUTDOWN_RCV;
	if (l->shut_send && l->shut_rcv) {
		l->guest = GUEST_CLOSING;
		l->deadline = m->w.now + CLOSE_MS * UINT64_C(1000000);
	}
	guest_say(l, VSOCK_OP_SHUTDOWN, flags);
}

/* close(): as Linux, by shutdown or, where that was agreed upon, by RST. */
static void guest_close(struct model *m, struct link *l)
{
	if (l->guest == GUEST_OPEN && l->host_send && l->host_rcv) {
		if (!l->shut_send)
			l->may_reset = true;
		guest_say(l, VSOCK_OP_RST, 0);
		guest_leave(l);
	} else {
		guest_shutdown(m, l, 3);
	}
}

static void guest_abort(struct link *l)
{
	if (l->guest == GUEST_NONE)
		return;
	l->may_reset = true;
	guest_say(l, VSOCK_OP_RST, 0);
	guest_leave(l);
}

static struct link *free_link(struct model *m)
{
	unsigned i;

	for (i = 0; i < LINKS; i++)
		if (!m->link[i].used)
			return &m->link[i];
	return NULL;
}

static void link_init(struct model *m, struct link *l)
{
	*l = (struct link){ .used = true };
	fake_init(&l->f);
	l->f.chunk = below(m, 3) ? 0 : amount(m);
	l->f.no_deaf = !below(m, 4);
}

/* Few ports: but the guest never uses a pair it has in use. */
static void guest_connect(struct model *m)
{
	struct link *l = free_link(m);
	uint32_t port = 100 + (uint32_t)below(m, PORTS);
	const struct peer *p;

	for (p = m->w.peers; p; p = p->next)
		if (p->guest_port == port)
			return;
	if (!l)
		return;
	link_init(m, l);
	l->f.opening = !below(m, 3);
	peer_init(&l->p, &m->w, 80, port);
	l->p.alloc = 1000 + (uint32_t)amount(m) * 2;
	l->p.stalled = true;
	l->guest = GUEST_ASKED;
	m->w.next = below(m, 8) ? &l->f : NULL;
	guest_say(l, VSOCK_OP_REQUEST, 0);
	if (!l->f.carried) {
		fake_drop(&l->f);
		l->used = false;
		world_run(&m->w); /* the reset */
		guest_leave(l);
	}
}

/* ---- the host --------------------------------------------------------- */

static void host_connect(struct model *m)
{
	static const unsigned ms[] = { 0, 5, 300, 20000 };
	struct link *l = free_link(m);
	unsigned wait = ms[below(m, 4)];

	if (!l)
		return;
	link_init(m, l);
	l->by_host = true;
	l->p.guest_port = 2000 + m->dialed++;
	assert_int_equal(
		vsock_connect(m->w.v, l->p.guest_port, fake_stream(&l->f),
			      wait ? m->w.now + wait * 1000000u : 0, NULL),
		0);
}

static void host_break(struct link *l, bool call)
{
	l->may_reset = true;
	if (call) {
		l->f.broken = true;
		fake_says(&l->f, STREAM_READ | STREAM_WRITE);
	} else {
		fake_says(&l->f, STREAM_BROKEN);
	}
}

/* A stream was closed: for a reason, and with all it was to get? */
static void check_close(struct model *m, struct link *l)
{
	size_t len = strlen(l->f.log);
	char why = l->f.log[len - 1];
	const char *end = strchr(l->f.log, 'e');

	assert_int_equal(l->f.closes, 1);
	assert_true(!end || !strchr(end + 1, 'e'));
	assert_true(l->f.taken <= l->p.sent);
	if (end)
		assert_int_equal(l->f.taken, l->p.sent);
	switch (why) {
	case 'D':
		assert_true(end || l->deaf);
		assert_true(l->shut_send || l->deaf);
		break;
	case 'R': assert_true(l->may_reset); break;
	case 'G': assert_true(m->went_down); break;
	default: assert_true(l->by_host && !l->f.taken && !l->f.given); break;
	}
	l->may_reset = true; /* the guest may still get one */
	if (l->guest == GUEST_NONE)
		l->used = false;
}

static void check_all(struct model *m)
{
	struct vsock_stats st;
	unsigned i;

	assert_false(m->w.wrong);
	vsock_stats(m->w.v, &st);
	assert_int_equal(st.bad, 0);
	for (i = 0; i < LINKS; i++) {
		struct link *l = &m->link[i];

		if (!l->used)
			continue;
		assert_false(l->p.wrong || l->f.wrong);
		if (l->f.closes)
			check_close(m, l);
	}
}

/* ---- scripts ---------------------------------------------------------- */

static void driver_leaves(struct model *m)
{
	unsigned i;

	m->went_down = true;
	vsock_online(m->w.v, false);
	for (i = 0; i < LINKS; i++)
		guest_leave(&m->link[i]);
	world_run(&m->w);
	if (below(m, 2))
		world_sleep(&m->w, below(m, 400));
	vsock_online(m->w.v, true);
}

static void world_turn(struct model *m)
{
	unsigned i;

	switch (below(m, 12)) {
	case 0: guest_connect(m); break;
	case 1: host_connect(m); break;
	case 2: m->listening = below(m, 4); break;
	case 3: world_sleep(&m->w, below(m, 300)); break;
	case 4:
		if (!below(m, 40))
			driver_leaves(m);
		break;
	case 5: world_run(&m->w); break;
	default: (void)world_step(&m->w, (unsigned)below(m, 6)); break;
	}
	for (i = 0; i < LINKS; i++)
		if (m->link[i].guest == GUEST_CLOSING &&
		    m->link[i].deadline <= m->w.now)
			guest_abort(&m->link[i]);
}

static void guest_turn(struct model *m, struct link *l)
{
	switch (below(m, 12)) {
	case 0: guest_shutdown(m, l, VSOCK_SHUTDOWN_SEND); break;
	case 1:
		if (!below(m, 3))
			guest_shutdown(m, l, VSOCK_SHUTDOWN_RCV);
		break;
	case 2:
		if (!below(m, 3))
			guest_close(m, l);
		break;
	case 3:
		if (!below(m, 6))
			guest_abort(l);
		break;
	case 4:
		if (l->guest == GUEST_OPEN)
			guest_say(l, VSOCK_OP_CREDIT_REQUEST, 0);
		break;
	case 5:
	case 6:
	case 7: guest_read(l, amount(m)); break;
	case 8: l->want += amount(m) << below(m, 5); break;
	default: guest_send(m, l); break;
	}
}

static void host_turn(struct model *m, struct link *l)
{
	switch (below(m, 14)) {
	case 0: fake_eof(&l->f); break;
	case 1:
		if (!below(m, 3)) {
			l->deaf = true;
			fake_says(&l->f, STREAM_DEAF);
		}
		break;
	case 2:
		if (!below(m, 8))
			host_break(l, below(m, 2));
		break;
	case 3: l->f.sloppy = (unsigned)below(m, 20); break;
	case 4: fake_says(&l->f, (unsigned)below(m, 4)); break;
	case 5:
		if (l->f.opening && l->f.in) {
			l->f.opening = false;
			fake_says(&l->f, STREAM_OPEN);
		}
		break;
	case 6:
	case 7:
	case 8:
		if (!l->f.eof)
			fake_give(&l->f, amount(m));
		break;
	default: fake_room(&l->f, amount(m)); break;
	}
}

/* Both readers read: then everything that was sent comes through. */
static void come_to_rest(struct model *m)
{
	unsigned i, round;

	for (i = 0; i < LINKS; i++) {
		struct link *l = &m->link[i];

		if (!l->used || !l->f.in)
			continue;
		if (l->f.opening && l->f.carried) {
			l->f.opening = false;
			fake_says(&l->f, STREAM_OPEN);
		}
		fake_room(&l->f, (size_t)1 << 40);
	}
	for (round = 0; round < 20000; round++) {
		uint64_t before = m->w.packets;

		world_run(&m->w);
		for (i = 0; i < LINKS; i++) {
			guest_read(&m->link[i], SIZE_MAX);
			guest_send(m, &m->link[i]);
			if (m->link[i].guest == GUEST_OPEN && m->link[i].want &&
			    peer_credit(&m->link[i].p))
				before--; /* not yet */
		}
		world_run(&m->w);
		if (m->w.packets == before)
			break;
	}
	check_all(m);
	for (i = 0; i < LINKS; i++) {
		struct link *l = &m->link[i];

		if (!l->used || l->guest != GUEST_OPEN || !l->f.in)
			continue;
		assert_true(!l->want || l->shut_send || l->host_rcv);
		assert_true(!l->f.give || l->shut_rcv);
		if (!l->deaf)
			assert_int_equal(l->f.taken, l->p.sent);
		l->f.room = amount(m);
	}
}

/* Everybody closes. */
static void end(struct model *m)
{
	struct vsock_stats st;
	unsigned i;

	m->listening = false;
	come_to_rest(m);
	for (i = 0; i < LINKS; i++) {
		if (!m->link[i].used)
			continue;
		m->link[i].f.room = (size_t)1 << 40;
		fake_eof(&m->link[i].f);
		guest_close(m, &m->link[i]);
	}
	world_sleep(&m->w, 30000);
	check_all(m);
	for (i = 0; i < LINKS; i++) {
		struct link *l = &m->link[i];

		assert_true(!l->used || l->f.closes == 1);
	}
	vsock_stats(m->w.v, &st);
	assert_int_equal(st.open, 0);
	assert_int_equal(st.buffered, 0);
	world_fini(&m->w);
}

static void script(uint64_t seed)
{
	static struct model m;
	unsigned i;

	memset(&m, 0, sizeof(m));
	m.rng = seed;
	m.listening = true;
	world_init(&m.w);
	m.w.heard = guest_heard;
	m.w.stranger = guest_stranger;
	for (i = 0; i < STEPS; i++) {
		struct link *l = &m.link[below(&m, LINKS)];

		world_turn(&m);
		if (l->used && l->guest != GUEST_NONE)
			guest_turn(&m, l);
		if (l->used && l->f.in)
			host_turn(&m, l);
		if (i % REST == REST - 1)
			come_to_rest(&m);
		check_all(&m);
	}
	end(&m);
}

struct options {
	unsigned long runs, seed;
	unsigned long now; /* the seed of the script that is played */
};

static int say_which(void **s)
{
	const struct options *o = *s;

	if (o->now != o->seed + o->runs)
		print_error("again: -runs 1 -seed %lu\n", o->now);
	return 0;
}

static void test_any_script_keeps_what_the_model_says(void **s)
{
	struct options *o = *s;

	for (o->now = o->seed; o->now != o->seed + o->runs; o->now++)
		script(o->now);
}

int main(int argc, char **argv)
{
	struct options o = { 100, 1, 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate_setup_teardown(
			test_any_script_keeps_what_the_model_says, NULL,
			say_which, &o),
	};
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "-runs"))
			o.runs = strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "-seed"))
			o.seed = strtoul(argv[i + 1], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
