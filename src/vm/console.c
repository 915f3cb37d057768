/* SPDX-License-Identifier: MIT */
/* console.c - two rings between the UART and the embedder. */
#include "vm/console.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"

static size_t room(const struct ring *r)
{
	return CONSOLE_ROOM - r->len;
}

static size_t ring_put(struct ring *r, const uint8_t *p, size_t len)
{
	size_t n = (size_t)min_u64(len, room(r));
	size_t tail = (r->head + r->len) % CONSOLE_ROOM;
	size_t first = (size_t)min_u64(n, CONSOLE_ROOM - tail);

	memcpy(r->byte + tail, p, first);
	memcpy(r->byte, p + first, n - first);
	r->len += n;
	return n;
}

static size_t ring_get(struct ring *r, uint8_t *p, size_t len)
{
	size_t n = (size_t)min_u64(len, r->len);
	size_t first = (size_t)min_u64(n, CONSOLE_ROOM - r->head);

	memcpy(p, r->byte + r->head, first);
	memcpy(p + first, r->byte, n - first);
	r->head = (r->head + n) % CONSOLE_ROOM;
	r->len -= n;
	return n;
}

/* On the loop thread: several events of a kind may have become one. */
static void tell(struct task *t)
{
	struct console *c = container_of(t, struct console, task);
	bool readable, writable;

	mutex_lock(&c->mu);
	readable = c->readable;
	writable = c->writable;
	c->readable = c->writable = false;
	mutex_unlock(&c->mu);
	if (readable)
		c->user.event(c->user.ctx, MICROVM_EVENT_CONSOLE_READABLE);
	if (writable)
		c->user.event(c->user.ctx, MICROVM_EVENT_CONSOLE_WRITABLE);
}

static void post(struct console *c)
{
	if (c->user.event)
		loop_post(c->loop, &c->task);
}

static bool put(void *ctx, uint8_t byte)
{
	struct console *c = ctx;
	bool first = false, done = true;

	if (!atomic_exchange_explicit(&c->spoke, true, memory_order_relaxed))
		c->user.spoke(c->user.ctx);
	mutex_lock(&c->mu);
	if (c->out && !c->ended) {
		first = !c->out->len;
		done = ring_put(c->out, &byte, 1) == 1;
		c->readable |= first;
	}
	mutex_unlock(&c->mu);
	if (first)
		post(c);
	return done;
}

static void wait_for_room(void *ctx)
{
	struct console *c = ctx;

	mutex_lock(&c->mu);
	while (c->out && !c->ended && !room(c->out))
		cond_wait(&c->room, &c->mu);
	mutex_unlock(&c->mu);
}

/*
 * The UART's lock is held: nothing here may call back into it.  The writer is
 * told once there is room for more than a few bytes, or it would be woken for
 * each one.
 */
static int get(void *ctx)
{
	struct console *c = ctx;
	bool fed = false;
	uint8_t byte;
	int got = -1;

	mutex_lock(&c->mu);
	if (c->in && ring_get(c->in, &byte, 1)) {
		got = byte;
		fed = c->starved && room(c->in) >= CONSOLE_LOW;
	}
	if (fed) {
		c->starved = false;
		c->writable = true;
	}
	mutex_unlock(&c->mu);
	if (fed)
		post(c);
	return got;
}

static const struct chardev_ops ops = { put, wait_for_room, get };

static int make_rings(struct console *c, mv_error *err)
{
	c->out = calloc(1, sizeof(*c->out));
	c->in = calloc(1, sizeof(*c->in));
	if (c->out && c->in)
		return 0;
	free(c->in);
	free(c->out);
	return fail(err, MICROVM_ENOMEM, "no memory for the console");
}

int console_init(struct console *c, bool enabled, struct loop *loop,
		 const struct console_user *user, mv_error *err)
{
	int rc;

	*c = (struct console){
		.chr = { &ops, c },
		.user = *user,
		.loop = loop,
		.task = { .run = tell },
	};
	rc = enabled ? make_rings(c, err) : 0;
	if (rc)
		return rc;
	rc = mutex_init(&c->mu, err);
	if (rc)
		goto out_rings;
	rc = cond_init(&c->room, err);
	if (!rc)
		return 0;
	mutex_fini(&c->mu);
out_rings:
	free(c->in);
	free(c->out);
	return rc;
}

void console_fini(struct console *c)
{
	cond_fini(&c->room);
	mutex_fini(&c->mu);
	free(c->in);
	free(c->out);
}

size_t console_read(struct console *c, void *buf, size_t len)
{
	size_t n = 0;

	mutex_lock(&c->mu);
	if (c->out)
		n = ring_get(c->out, buf, len);
	if (n)
		cond_broadcast(&c->room);
	mutex_unlock(&c->mu);
	return n;
}

size_t console_write(struct console *c, const void *buf, size_t len)
{
	size_t n = 0;

	mutex_lock(&c->mu);
	if (c->in && !c->ended) {
		n = ring_put(c->in, buf, len);
		c->starved |= n < len;
	}
	mutex_unlock(&c->mu);
	if (n)
		c->user.input(c->user.ctx);
	return n;
}

void console_end(struct console *c)
{
	mutex_lock(&c->mu);
	c->ended = true;
	cond_broadcast(&c->room);
	mutex_unlock(&c->mu);
}
