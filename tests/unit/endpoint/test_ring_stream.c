/* SPDX-License-Identifier: MIT */
#include "endpoint/ring_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "base/container.h"
#include "vm/loop.h"

#define LONG_NS (UINT64_C(60) * 1000000000) /* for what must happen */

enum { LONG_MS = 60000 };

/* ---- a carrier, and what it heard ------------------------------------- */

struct bench {
	struct loop loop;
	struct ring_stream *r;
	struct stream *s; /* NULL: closed */
	struct mutex mu;
	struct cond cond;

	/* under mu */
	unsigned news;
	unsigned gone;
	bool gone_on_loop;

	/* the embedder's function */
	unsigned heard, calls;
	unsigned last;
	bool hold, held; /* keep it inside */
};

static void post(void *ctx, struct task *t)
{
	loop_post(&((struct bench *)ctx)->loop, t);
}

static bool is_self(void *ctx)
{
	return loop_is_self(&((struct bench *)ctx)->loop);
}

static void on_gone(void *ctx, struct ring_stream *r)
{
	struct bench *b = ctx;

	mutex_lock(&b->mu);
	assert_ptr_equal(r, b->r);
	b->gone++;
	b->gone_on_loop = is_self(b);
	cond_broadcast(&b->cond);
	mutex_unlock(&b->mu);
}

static void on_news(struct stream *s, unsigned news)
{
	struct bench *b = s->carrier;

	mutex_lock(&b->mu);
	b->news |= news;
	cond_broadcast(&b->cond);
	mutex_unlock(&b->mu);
}

static void setup(struct bench *b, bool opened)
{
	struct ring_stream_loop loop = { post, is_self, on_gone, NULL, b };

	*b = (struct bench){ 0 };
	assert_int_equal(mutex_init(&b->mu, NULL), 0);
	assert_int_equal(cond_init(&b->cond, NULL), 0);
	assert_int_equal(loop_init(&b->loop, NULL), 0);
	loop.uv = &b->loop.uv;
	assert_int_equal(ring_stream_new(&loop, opened, &b->r, NULL), 0);
	b->s = ring_stream_stream(b->r);
	b->s->carrier = b;
	b->s->ready = on_news;
}

/* Wait until a field of the bench has bits of `mask`; which it has. */
static unsigned await(struct bench *b, const unsigned *field, unsigned mask)
{
	unsigned v;

	mutex_lock(&b->mu);
	while (!(*field & mask))
		assert_true(cond_wait_for(&b->cond, &b->mu, LONG_NS));
	v = *field;
	mutex_unlock(&b->mu);
	return v;
}

/* All that was posted has run. */
static void nothing(void *arg)
{
	(void)arg;
}

static void settle(struct bench *b)
{
	loop_call(&b->loop, nothing, NULL);
}

struct op {
	struct bench *b;
	uint8_t *p;
	size_t len;
	ptrdiff_t rc;
	enum stream_why why;
};

static void do_read(void *arg)
{
	struct op *o = arg;
	/* In two pieces, as guests have many. */
	struct span v[2] = { { o->p, o->len / 2 },
			     { o->p + o->len / 2, o->len - o->len / 2 } };

	o->rc = o->b->s->ops->read(o->b->s, v, 2);
}

static ptrdiff_t carry_read(struct bench *b, void *p, size_t len)
{
	struct op o = { .b = b, .p = p, .len = len };

	loop_call(&b->loop, do_read, &o);
	return o.rc;
}

static void do_write(void *arg)
{
	struct op *o = arg;
	struct span v[2] = { { o->p, o->len / 3 },
			     { o->p + o->len / 3, o->len - o->len / 3 } };

	o->rc = o->b->s->ops->write(o->b->s, v, 2);
}

static ptrdiff_t carry_write(struct bench *b, const void *p, size_t len)
{
	struct op o = { .b = b, .p = malloc(len), .len = len };

	assert_non_null(o.p);
	memcpy(o.p, p, len);
	loop_call(&b->loop, do_write, &o);
	free(o.p);
	return o.rc;
}

static void do_end(void *arg)
{
	struct op *o = arg;

	o->b->s->ops->end(o->b->s);
}

static void carry_end(struct bench *b)
{
	struct op o = { .b = b };

	loop_call(&b->loop, do_end, &o);
}

static void do_deaf(void *arg)
{
	struct op *o = arg;

	o->b->s->ops->deaf(o->b->s);
}

static void carry_deaf(struct bench *b)
{
	struct op o = { .b = b };

	loop_call(&b->loop, do_deaf, &o);
}

static void do_opened(void *arg)
{
	struct op *o = arg;

	o->b->s->ops->opened(o->b->s);
}

static void carry_opened(struct bench *b)
{
	struct op o = { .b = b };

	loop_call(&b->loop, do_opened, &o);
}

static void do_close(void *arg)
{
	struct op *o = arg;
	struct stream *s = o->b->s;

	o->b->s = NULL;
	s->ready = NULL;
	s->ops->close(s, o->why);
}

static void carry_close(struct bench *b, enum stream_why why)
{
	struct op o = { .b = b, .why = why };

	loop_call(&b->loop, do_close, &o);
}

/* Both sides let go of what they still have; it must be gone then. */
static void teardown(struct bench *b, bool close)
{
	settle(b); /* the stream may be closing there */
	if (b->s)
		carry_close(b, STREAM_GONE);
	if (close)
		ring_stream_close(b->r);
	settle(b);
	assert_int_equal(b->gone, 1);
	assert_true(b->gone_on_loop);
	loop_fini(&b->loop);
	cond_fini(&b->cond);
	mutex_fini(&b->mu);
}

static void listen_in(void *ctx, microvm_stream *stream, unsigned events)
{
	struct bench *b = ctx;

	assert_true(is_self(b));
	assert_ptr_equal(stream, b->r);
	mutex_lock(&b->mu);
	b->heard |= events;
	b->last = events;
	b->calls++;
	b->held = true;
	cond_broadcast(&b->cond);
	while (b->hold)
		cond_wait(&b->cond, &b->mu);
	b->held = false;
	mutex_unlock(&b->mu);
}

/* ---- bytes ------------------------------------------------------------ */

static void test_bytes_go_both_ways_in_order(void **s)
{
	static uint8_t in[3000], out[3000];
	struct bench b;
	size_t i;
	int turn;

	(void)s;
	setup(&b, true);
	for (turn = 0; turn < 100; turn++) {
		for (i = 0; i < sizeof(in); i++)
			in[i] = (uint8_t)(i * 7 + (size_t)turn);
		assert_int_equal(ring_stream_write(b.r, in, sizeof(in), 0),
				 sizeof(in));
		memset(out, 0, sizeof(out));
		assert_int_equal(carry_read(&b, out, sizeof(out)), sizeof(out));
		assert_memory_equal(in, out, sizeof(in));
		assert_int_equal(carry_write(&b, in, sizeof(in)), sizeof(in));
		memset(out, 0, sizeof(out));
		assert_int_equal(ring_stream_read(b.r, out, 1000, 0), 1000);
		assert_int_equal(ring_stream_read(b.r, out + 1000, 9000, 0),
				 2000);
		assert_memory_equal(in, out, sizeof(in));
	}
	teardown(&b, true);
}

static void test_nothing_there_is_again_or_a_time_out(void **s)
{
	struct bench b;
	char c;

	(void)s;
	setup(&b, true);
	assert_int_equal(ring_stream_read(b.r, &c, 1, 0), -MICROVM_EAGAIN);
	assert_int_equal(ring_stream_read(b.r, &c, 1, 1), -MICROVM_ETIMEDOUT);
	assert_int_equal(ring_stream_read(b.r, &c, 0, 0), 0);
	assert_int_equal(ring_stream_write(b.r, &c, 0, 0), 0);
	assert_int_equal(carry_read(&b, &c, 1), STREAM_AGAIN);
	/* It owes word of that, and says it once. */
	assert_int_equal(ring_stream_write(b.r, "x", 1, 0), 1);
	assert_int_equal(await(&b, &b.news, STREAM_READ), STREAM_READ);
	b.news = 0;
	assert_int_equal(ring_stream_write(b.r, "y", 1, 0), 1);
	settle(&b);
	assert_int_equal(b.news, 0);
	teardown(&b, true);
}

static void test_rings_are_bounded_and_tell_when_half_is_free(void **s)
{
	static uint8_t blob[2 * RING_STREAM_ROOM];
	struct bench b;

	(void)s;
	setup(&b, true);
	assert_int_equal(ring_stream_write(b.r, blob, sizeof(blob), 0),
			 RING_STREAM_ROOM);
	assert_int_equal(ring_stream_write(b.r, blob, 1, 0), -MICROVM_EAGAIN);
	assert_int_equal(ring_stream_write(b.r, blob, 1, 1),
			 -MICROVM_ETIMEDOUT);
	assert_int_equal(carry_write(&b, blob, sizeof(blob)), RING_STREAM_ROOM);
	assert_int_equal(carry_write(&b, blob, 1), STREAM_AGAIN);
	assert_int_equal(
		ring_stream_read(b.r, blob, RING_STREAM_ROOM / 2 - 1, 0),
		RING_STREAM_ROOM / 2 - 1);
	settle(&b);
	assert_int_equal(b.news, 0);
	assert_int_equal(ring_stream_read(b.r, blob, 1, 0), 1);
	assert_int_equal(await(&b, &b.news, STREAM_WRITE), STREAM_WRITE);
	teardown(&b, true);
}

static void test_each_direction_ends_by_itself(void **s)
{
	struct bench b;
	char buf[8];

	(void)s;
	setup(&b, true);
	assert_int_equal(ring_stream_write(b.r, "last", 4, 0), 4);
	assert_int_equal(ring_stream_shutdown(b.r), 0);
	assert_int_equal(ring_stream_shutdown(b.r), 0);
	assert_int_equal(ring_stream_write(b.r, "more", 4, LONG_MS),
			 -MICROVM_ESTATE);
	assert_int_equal(carry_read(&b, buf, 8), 4);
	assert_int_equal(carry_read(&b, buf, 8), 0);
	assert_int_equal(carry_write(&b, "still", 5), 5);
	carry_end(&b);
	assert_int_equal(ring_stream_read(b.r, buf, 8, 0), 5);
	assert_int_equal(ring_stream_read(b.r, buf, 8, 0), 0);
	carry_close(&b, STREAM_DONE);
	assert_int_equal(ring_stream_read(b.r, buf, 8, 0), 0);
	teardown(&b, true);
}

static void test_a_reset_leaves_what_had_come(void **s)
{
	struct bench b;
	char buf[8];

	(void)s;
	setup(&b, true);
	assert_int_equal(carry_write(&b, "late", 4), 4);
	carry_close(&b, STREAM_RESET);
	assert_int_equal(ring_stream_write(b.r, "x", 1, LONG_MS),
			 -MICROVM_ERESET);
	assert_int_equal(ring_stream_shutdown(b.r), -MICROVM_ERESET);
	assert_int_equal(ring_stream_read(b.r, buf, 8, LONG_MS), 4);
	assert_memory_equal(buf, "late", 4);
	assert_int_equal(ring_stream_read(b.r, buf, 8, LONG_MS),
			 -MICROVM_ERESET);
	teardown(&b, true);
}

static void test_a_deaf_guest_fails_writes_and_not_reads(void **s)
{
	struct bench b;
	char buf[8];

	(void)s;
	setup(&b, true);
	carry_deaf(&b);
	assert_int_equal(ring_stream_write(b.r, "x", 1, LONG_MS),
			 -MICROVM_ERESET);
	assert_int_equal(carry_write(&b, "hear", 4), 4);
	assert_int_equal(ring_stream_read(b.r, buf, 8, 0), 4);
	teardown(&b, true);
}

/* ---- opening ---------------------------------------------------------- */

static void test_how_opening_ended_is_said_with_its_cause(void **s)
{
	static const struct {
		enum stream_why why;
		int code;
		const char *msg;
	} rows[] = {
		{ STREAM_REFUSED, MICROVM_EREFUSED,
		  "nobody in the guest listens there" },
		{ STREAM_TIMEOUT, MICROVM_ETIMEDOUT,
		  "the guest did not answer in time" },
		{ STREAM_RESET, MICROVM_ERESET,
		  "the guest reset the connection" },
		{ STREAM_GONE, MICROVM_ERESET,
		  "the VM or its vsock driver went away" },
	};
	struct bench b;
	mv_error err;
	size_t i;
	char c;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		setup(&b, false);
		assert_int_equal(ring_stream_wait_open(b.r, 1, &err),
				 -MICROVM_ETIMEDOUT);
		carry_close(&b, rows[i].why);
		assert_int_equal(
			ring_stream_wait_open(b.r, MICROVM_FOREVER, &err),
			-rows[i].code);
		assert_string_equal(err.msg, rows[i].msg);
		assert_int_equal(ring_stream_read(b.r, &c, 1, 0),
				 -rows[i].code);
		assert_int_equal(ring_stream_write(b.r, &c, 1, 0),
				 -rows[i].code);
		teardown(&b, true);
	}
}

static void test_what_is_written_before_the_guest_accepts_waits(void **s)
{
	struct bench b;
	char buf[8];

	(void)s;
	setup(&b, false);
	assert_int_equal(ring_stream_write(b.r, "early", 5, 0), 5);
	carry_opened(&b);
	assert_int_equal(ring_stream_wait_open(b.r, 0, NULL), 0);
	assert_int_equal(carry_read(&b, buf, 8), 5);
	teardown(&b, true);
}

static void test_closing_before_the_guest_accepted_gives_up(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, false);
	ring_stream_close(b.r);
	assert_int_equal(await(&b, &b.news, STREAM_BROKEN), STREAM_BROKEN);
	teardown(&b, false);
}

static void test_words_written_before_closing_are_worth_the_wait(void **s)
{
	struct bench b;
	char buf[8];

	(void)s;
	setup(&b, false);
	assert_int_equal(ring_stream_write(b.r, "will", 4, 0), 4);
	ring_stream_close(b.r);
	settle(&b);
	assert_false(b.news & STREAM_BROKEN);
	carry_opened(&b);
	assert_int_equal(carry_read(&b, buf, 8), 4);
	assert_int_equal(carry_read(&b, buf, 8), 0);
	teardown(&b, false);
}

/* ---- events ----------------------------------------------------------- */

static void test_the_function_hears_of_each_change(void **s)
{
	static uint8_t blob[RING_STREAM_ROOM];
	struct bench b;

	(void)s;
	setup(&b, false);
	ring_stream_set_events(b.r, listen_in, &b);
	settle(&b);
	assert_int_equal(b.calls, 0);
	carry_opened(&b);
	assert_int_equal(await(&b, &b.heard, ~0u),
			 MICROVM_STREAM_OPENED | MICROVM_STREAM_WRITABLE);
	b.heard = 0;
	assert_int_equal(carry_write(&b, "a", 1), 1);
	assert_int_equal(await(&b, &b.heard, ~0u), MICROVM_STREAM_READABLE);
	/* More of what it knows is no news. */
	b.heard = 0;
	assert_int_equal(carry_write(&b, "b", 1), 1);
	settle(&b);
	assert_int_equal(b.heard, 0);
	assert_int_equal(ring_stream_write(b.r, blob, sizeof(blob), 0),
			 sizeof(blob));
	assert_int_equal(ring_stream_write(b.r, blob, 1, 0), -MICROVM_EAGAIN);
	assert_int_equal(carry_read(&b, blob, sizeof(blob)), sizeof(blob));
	assert_int_equal(await(&b, &b.heard, ~0u), MICROVM_STREAM_WRITABLE);
	b.heard = 0;
	carry_close(&b, STREAM_RESET);
	assert_int_equal(await(&b, &b.heard, ~0u),
			 MICROVM_STREAM_CLOSED | MICROVM_STREAM_READABLE);
	teardown(&b, true);
}

static void test_who_waits_for_room_hears_that_none_will_come(void **s)
{
	static uint8_t blob[RING_STREAM_ROOM];
	struct bench b;

	(void)s;
	setup(&b, true);
	ring_stream_set_events(b.r, listen_in, &b);
	assert_int_equal(await(&b, &b.heard, ~0u), MICROVM_STREAM_WRITABLE);
	b.heard = 0;
	assert_int_equal(ring_stream_write(b.r, blob, sizeof(blob), 0),
			 sizeof(blob));
	assert_int_equal(ring_stream_write(b.r, blob, 1, 0), -MICROVM_EAGAIN);
	carry_deaf(&b);
	assert_int_equal(await(&b, &b.heard, ~0u), MICROVM_STREAM_WRITABLE);
	assert_int_equal(ring_stream_write(b.r, blob, 1, 0), -MICROVM_ERESET);
	teardown(&b, true);
}

static void test_a_new_function_hears_what_holds_already(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, false);
	carry_opened(&b); /* nobody listened */
	assert_int_equal(carry_write(&b, "x", 1), 1);
	ring_stream_set_events(b.r, listen_in, &b);
	assert_int_equal(await(&b, &b.heard, ~0u),
			 MICROVM_STREAM_OPENED | MICROVM_STREAM_READABLE |
				 MICROVM_STREAM_WRITABLE);
	b.heard = 0;
	carry_close(&b, STREAM_GONE);
	(void)await(&b, &b.heard, MICROVM_STREAM_CLOSED);
	b.heard = 0;
	ring_stream_set_events(b.r, listen_in, &b);
	assert_int_equal(await(&b, &b.heard, ~0u),
			 MICROVM_STREAM_CLOSED | MICROVM_STREAM_READABLE);
	teardown(&b, true);
}

static void let_go(void *arg)
{
	struct bench *b = arg;

	mutex_lock(&b->mu);
	b->hold = false;
	cond_broadcast(&b->cond);
	mutex_unlock(&b->mu);
}

static void test_no_call_is_left_when_the_function_was_replaced(void **s)
{
	struct bench b;
	struct thread t;
	unsigned calls;

	(void)s;
	setup(&b, true);
	b.hold = true;
	ring_stream_set_events(b.r, listen_in, &b);
	(void)await(&b, &b.heard, ~0u); /* it is inside now */
	assert_int_equal(thread_start(&t, let_go, &b, NULL), 0);
	ring_stream_set_events(b.r, NULL, NULL);
	mutex_lock(&b.mu);
	assert_false(b.held);
	calls = b.calls;
	mutex_unlock(&b.mu);
	thread_join(&t);
	assert_int_equal(carry_write(&b, "x", 1), 1);
	settle(&b);
	assert_int_equal(b.calls, calls);
	teardown(&b, true);
}

static void inside(void *ctx, microvm_stream *stream, unsigned events)
{
	struct ring_stream *r = (struct ring_stream *)stream;
	struct bench *b = ctx;
	mv_error err;
	char c = 0;
	int fd;

	(void)events;
	assert_int_equal(ring_stream_read(r, &c, 1, 0), 1);
	assert_int_equal(ring_stream_read(r, &c, 1, 0), -MICROVM_EAGAIN);
	assert_int_equal(ring_stream_read(r, &c, 1, 10), -MICROVM_ESTATE);
	assert_int_equal(ring_stream_write(r, "y", 1, 10), 1);
	assert_int_equal(ring_stream_detach(r, &fd, &err), -MICROVM_ESTATE);
	assert_string_equal(err.hint, "detach it on another thread");
	assert_int_equal(ring_stream_shutdown(r), 0);
	ring_stream_close(r);
	mutex_lock(&b->mu);
	b->heard = 1;
	cond_broadcast(&b->cond);
	mutex_unlock(&b->mu);
}

static void test_a_callback_may_do_all_but_wait(void **s)
{
	struct bench b;
	char buf[4];

	(void)s;
	setup(&b, true);
	assert_int_equal(carry_write(&b, "x", 1), 1);
	ring_stream_set_events(b.r, inside, &b);
	(void)await(&b, &b.heard, 1);
	assert_int_equal(carry_read(&b, buf, 4), 1);
	assert_int_equal(carry_read(&b, buf, 4), 0);
	teardown(&b, false);
}

static void wait_inside(void *arg)
{
	struct bench *b = arg;
	mv_error err;

	assert_int_equal(ring_stream_wait_open(b->r, 5, &err), -MICROVM_ESTATE);
	assert_string_equal(err.msg, "waiting for a connection in a callback");
}

static void test_nobody_waits_on_the_loop_thread_for_the_guest(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, false);
	loop_call(&b.loop, wait_inside, &b);
	teardown(&b, true);
}

/* ---- the end ---------------------------------------------------------- */

static void test_what_was_written_goes_out_after_close(void **s)
{
	struct bench b;
	char buf[16];

	(void)s;
	setup(&b, true);
	assert_int_equal(carry_read(&b, buf, 8), STREAM_AGAIN);
	assert_int_equal(ring_stream_write(b.r, "farewell", 8, 0), 8);
	ring_stream_close(b.r);
	assert_int_equal(await(&b, &b.news, STREAM_DEAF),
			 STREAM_DEAF | STREAM_READ);
	/* The guest's bytes are nobody's now, but must not cost it ours. */
	assert_int_equal(carry_write(&b, "answer", 6), 6);
	assert_int_equal(carry_read(&b, buf, 16), 8);
	assert_memory_equal(buf, "farewell", 8);
	assert_int_equal(carry_write(&b, "answer", 6), STREAM_ERROR);
	assert_int_equal(carry_read(&b, buf, 16), 0);
	teardown(&b, false);
}

struct reader {
	struct bench *b;
	ptrdiff_t got[3];
	atomic_bool begun;
};

static void read_until_it_ends(void *arg)
{
	struct reader *t = arg;
	char buf[8];

	atomic_store_explicit(&t->begun, true, memory_order_relaxed);
	t->got[0] = ring_stream_read(t->b->r, buf, 8, MICROVM_FOREVER);
	t->got[1] = ring_stream_read(t->b->r, buf, 8, MICROVM_FOREVER);
	t->got[2] = ring_stream_read(t->b->r, buf, 8, LONG_MS);
}

static void test_a_blocked_reader_hears_of_the_end_of_the_vm(void **s)
{
	struct bench b;
	struct reader t = { .b = &b };
	struct thread thread;

	(void)s;
	setup(&b, true);
	assert_int_equal(thread_start(&thread, read_until_it_ends, &t, NULL),
			 0);
	assert_int_equal(carry_write(&b, "last", 4), 4);
	ring_stream_orphan(b.r);
	thread_join(&thread);
	assert_int_equal(t.got[0], 4);
	assert_int_equal(t.got[1], -MICROVM_ERESET);
	assert_int_equal(t.got[2], -MICROVM_ERESET);
	/* The loop may go now; the stream is still there. */
	carry_close(&b, STREAM_GONE);
	loop_fini(&b.loop);
	memset(&b.loop, 0xff, sizeof(b.loop));
	assert_int_equal(ring_stream_read(b.r, t.got, 1, MICROVM_FOREVER),
			 -MICROVM_ERESET);
	assert_int_equal(ring_stream_write(b.r, "x", 1, MICROVM_FOREVER),
			 -MICROVM_ERESET);
	ring_stream_set_events(b.r, listen_in, &b);
	ring_stream_close(b.r);
	assert_int_equal(b.gone, 0); /* nobody may be told any more */
	assert_int_equal(b.calls, 0);
	cond_fini(&b.cond);
	mutex_fini(&b.mu);
}

static void test_an_orphan_tells_its_function_a_last_time(void **s)
{
	struct bench b;

	(void)s;
	setup(&b, true);
	ring_stream_set_events(b.r, listen_in, &b);
	settle(&b);
	ring_stream_orphan(b.r);
	loop_stop(&b.loop); /* runs what was posted */
	assert_true(b.last & MICROVM_STREAM_CLOSED);
	loop_fini(&b.loop);
	b.s->ops->close(b.s, STREAM_GONE); /* the other way round is fine */
	ring_stream_close(b.r);
	cond_fini(&b.cond);
	mutex_fini(&b.mu);
}

/* ---- two threads and an echo ------------------------------------------ */

enum { ECHO_BYTES = 8 << 20, ECHO_ROOM = 5000 };

/* A guest that sends everything back, in pieces of odd sizes. */
struct echo {
	struct bench *b;
	struct task work;
	atomic_uint news;
	uint8_t buf[ECHO_ROOM];
	size_t len, at;
	bool readable, writable, over;
	uint32_t seed;
};

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void echo_news(struct stream *s, unsigned news)
{
	struct echo *e = s->carrier;

	(void)atomic_fetch_or_explicit(&e->news, news, memory_order_relaxed);
	loop_post(&e->b->loop, &e->work);
}

static bool echo_in(struct echo *e)
{
	struct span v = { e->buf, 1 + next(&e->seed) % ECHO_ROOM };
	ptrdiff_t n;

	if (e->at < e->len || e->over || !e->readable)
		return false;
	n = e->b->s->ops->read(e->b->s, &v, 1);
	assert_true(n >= 0 || n == STREAM_AGAIN);
	e->readable = n != STREAM_AGAIN;
	e->over = n == 0;
	e->at = 0;
	e->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool echo_out(struct echo *e)
{
	struct span v = { e->buf + e->at, e->len - e->at };
	ptrdiff_t n;

	if (!v.len || !e->writable)
		return false;
	n = e->b->s->ops->write(e->b->s, &v, 1);
	assert_true(n > 0 || n == STREAM_AGAIN);
	e->writable = n != STREAM_AGAIN;
	if (n > 0)
		e->at += (size_t)n;
	return n > 0;
}

static void echo_work(struct task *t)
{
	struct echo *e = container_of(t, struct echo, work);
	unsigned news =
		atomic_exchange_explicit(&e->news, 0, memory_order_relaxed);

	if (!e->b->s)
		return;
	e->readable = e->readable || news & STREAM_READ;
	e->writable = e->writable || news & STREAM_WRITE;
	while (echo_in(e) || echo_out(e))
		;
	if (e->over && e->at == e->len) {
		struct op o = { .b = e->b, .why = STREAM_DONE };

		do_end(&o);
		do_close(&o);
	}
}

static void take_over(void *arg)
{
	struct echo *e = arg;

	e->b->s->carrier = e;
	e->b->s->ready = echo_news;
	echo_work(&e->work);
}

static void echo_start(struct bench *b, struct echo *e)
{
	*e = (struct echo){ .b = b,
			    .work.run = echo_work,
			    .news = STREAM_READ | STREAM_WRITE,
			    .seed = 5 };
	loop_call(&b->loop, take_over, e);
}

/* FNV-1a: order matters. */
static uint64_t hash(uint64_t h, const uint8_t *p, size_t len)
{
	for (; len; len--, p++)
		h = (h ^ *p) * UINT64_C(0x100000001b3);
	return h;
}

struct writer {
	struct ring_stream *r;
	uint64_t hash;
};

static void write_all(void *arg)
{
	static uint8_t buf[100000];
	struct writer *w = arg;
	uint32_t seed = 11;
	size_t left = ECHO_BYTES;

	while (left) {
		size_t i, len = 1 + next(&seed) % sizeof(buf), at = 0;

		len = len < left ? len : left;
		for (i = 0; i < len; i++)
			buf[i] = (uint8_t)next(&seed);
		w->hash = hash(w->hash, buf, len);
		while (at < len) {
			ptrdiff_t n = ring_stream_write(
				w->r, buf + at, len - at, MICROVM_FOREVER);

			assert_true(n > 0);
			at += (size_t)n;
		}
		left -= len;
	}
	assert_int_equal(ring_stream_shutdown(w->r), 0);
}

static void test_two_threads_pump_and_nothing_is_lost(void **s)
{
	static uint8_t buf[70000];
	struct bench b;
	struct echo e;
	struct writer w;
	struct thread t;
	uint64_t got = 0;
	uint32_t seed = 3;
	size_t total = 0;
	ptrdiff_t n;

	(void)s;
	setup(&b, true);
	w = (struct writer){ .r = b.r };
	echo_start(&b, &e);
	assert_int_equal(thread_start(&t, write_all, &w, NULL), 0);
	for (;;) {
		n = ring_stream_read(b.r, buf, 1 + next(&seed) % sizeof(buf),
				     LONG_MS);
		assert_true(n >= 0);
		if (!n)
			break;
		got = hash(got, buf, (size_t)n);
		total += (size_t)n;
	}
	thread_join(&t);
	assert_int_equal(total, ECHO_BYTES);
	assert_true(got == w.hash);
	teardown(&b, true);
}

/* ---- becoming a socket ------------------------------------------------ */

/* Read `len` bytes, waiting for them; how many came before the end. */
static size_t read_fd(int fd, uint8_t *p, size_t len)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = read(fd, p + got, len - got);
		if (n < 0 && errno == EAGAIN) {
			assert_int_equal(poll(&wait, 1, LONG_MS), 1);
			continue;
		}
		assert_true(n >= 0);
		if (!n)
			break;
		got += (size_t)n;
	}
	return got;
}

static void test_a_detached_stream_keeps_the_bytes_of_both_ways(void **s)
{
	static uint8_t from[RING_STREAM_ROOM], to[RING_STREAM_ROOM], got[70000];
	struct bench b;
	struct echo e;
	uint32_t seed = 1;
	size_t i;
	int fd;

	(void)s;
	setup(&b, true);
	for (i = 0; i < sizeof(from); i++) {
		from[i] = (uint8_t)next(&seed);
		to[i] = (uint8_t)next(&seed);
	}
	/* Both rings are full, and have wrapped. */
	assert_int_equal(carry_write(&b, got, 1000), 1000);
	assert_int_equal(ring_stream_read(b.r, got, 999, 0), 999);
	assert_int_equal(carry_write(&b, from, sizeof(from)), sizeof(from) - 1);
	assert_int_equal(ring_stream_read(b.r, got, 1, 0), 1);
	assert_int_equal(carry_write(&b, from + sizeof(from) - 1, 1), 1);
	assert_int_equal(ring_stream_write(b.r, to, sizeof(to), 0), sizeof(to));
	assert_int_equal(ring_stream_detach(b.r, &fd, NULL), 0);
	assert_int_equal(read_fd(fd, got, sizeof(from)), sizeof(from));
	assert_memory_equal(got, from, sizeof(from));
	/* What comes by the socket is behind what was written before. */
	assert_int_equal(write(fd, "behind", 6), 6);
	echo_start(&b, &e);
	assert_int_equal(read_fd(fd, got, sizeof(to) + 6), sizeof(to) + 6);
	assert_memory_equal(got, to, sizeof(to));
	assert_memory_equal(got + sizeof(to), "behind", 6);
	assert_int_equal(close(fd), 0);
	mutex_lock(&b.mu);
	while (!b.gone)
		assert_true(cond_wait_for(&b.cond, &b.mu, LONG_NS));
	mutex_unlock(&b.mu);
	teardown(&b, false);
}

static void test_ends_from_before_are_ends_of_the_socket(void **s)
{
	struct bench b;
	uint8_t buf[8];
	int fd;

	(void)s;
	setup(&b, true);
	assert_int_equal(carry_write(&b, "end", 3), 3);
	carry_end(&b);
	assert_int_equal(ring_stream_write(b.r, "fin", 3, 0), 3);
	assert_int_equal(ring_stream_shutdown(b.r), 0);
	assert_int_equal(ring_stream_detach(b.r, &fd, NULL), 0);
	assert_int_equal(read_fd(fd, buf, 8), 3);
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(carry_read(&b, buf, 8), 3);
	assert_memory_equal(buf, "fin", 3);
	assert_int_equal(carry_read(&b, buf, 8), 0);
	carry_close(&b, STREAM_DONE);
	assert_int_equal(close(fd), 0);
	teardown(&b, false);
}

static void test_the_socket_ends_with_the_vm(void **s)
{
	struct bench b;
	uint8_t c;
	int fd;

	(void)s;
	setup(&b, true);
	assert_int_equal(ring_stream_detach(b.r, &fd, NULL), 0);
	carry_close(&b, STREAM_GONE);
	assert_int_equal(read_fd(fd, &c, 1), 0);
	assert_int_equal(close(fd), 0);
	teardown(&b, false);
}

static void test_what_cannot_be_detached_stays_a_stream(void **s)
{
	struct bench b;
	mv_error err;
	char buf[8];
	int fd;

	(void)s;
	setup(&b, false);
	assert_int_equal(ring_stream_detach(b.r, &fd, &err), -MICROVM_ESTATE);
	assert_string_equal(err.msg, "the guest has not accepted yet");
	carry_opened(&b);
	assert_int_equal(carry_write(&b, "rest", 4), 4);
	carry_close(&b, STREAM_RESET);
	assert_int_equal(ring_stream_detach(b.r, &fd, &err), -MICROVM_ERESET);
	assert_string_equal(err.hint, "read from the stream what is left");
	assert_int_equal(ring_stream_read(b.r, buf, 8, 0), 4);
	teardown(&b, true);
}

static void test_one_that_ended_in_order_gives_its_last_bytes(void **s)
{
	struct bench b;
	uint8_t buf[8];
	int fd;

	(void)s;
	setup(&b, true);
	assert_int_equal(carry_write(&b, "rest", 4), 4);
	carry_end(&b);
	carry_close(&b, STREAM_DONE);
	assert_int_equal(ring_stream_detach(b.r, &fd, NULL), 0);
	assert_int_equal(read_fd(fd, buf, 8), 4);
	assert_memory_equal(buf, "rest", 4);
	assert_int_equal(close(fd), 0);
	teardown(&b, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_go_both_ways_in_order),
		cmocka_unit_test(test_nothing_there_is_again_or_a_time_out),
		cmocka_unit_test(
			test_rings_are_bounded_and_tell_when_half_is_free),
		cmocka_unit_test(test_each_direction_ends_by_itself),
		cmocka_unit_test(test_a_reset_leaves_what_had_come),
		cmocka_unit_test(test_a_deaf_guest_fails_writes_and_not_reads),
		cmocka_unit_test(test_how_opening_ended_is_said_with_its_cause),
		cmocka_unit_test(
			test_what_is_written_before_the_guest_accepts_waits),
		cmocka_unit_test(
			test_closing_before_the_guest_accepted_gives_up),
		cmocka_unit_test(
			test_words_written_before_closing_are_worth_the_wait),
		cmocka_unit_test(test_the_function_hears_of_each_change),
		cmocka_unit_test(
			test_who_waits_for_room_hears_that_none_will_come),
		cmocka_unit_test(test_a_new_function_hears_what_holds_already),
		cmocka_unit_test(
			test_no_call_is_left_when_the_function_was_replaced),
		cmocka_unit_test(test_a_callback_may_do_all_but_wait),
		cmocka_unit_test(
			test_nobody_waits_on_the_loop_thread_for_the_guest),
		cmocka_unit_test(test_what_was_written_goes_out_after_close),
		cmocka_unit_test(
			test_a_blocked_reader_hears_of_the_end_of_the_vm),
		cmocka_unit_test(test_an_orphan_tells_its_function_a_last_time),
		cmocka_unit_test(test_two_threads_pump_and_nothing_is_lost),
		cmocka_unit_test(
			test_a_detached_stream_keeps_the_bytes_of_both_ways),
		cmocka_unit_test(test_ends_from_before_are_ends_of_the_socket),
		cmocka_unit_test(test_the_socket_ends_with_the_vm),
		cmocka_unit_test(test_what_cannot_be_detached_stays_a_stream),
		cmocka_unit_test(
			test_one_that_ended_in_order_gives_its_last_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
