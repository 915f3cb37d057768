/* SPDX-License-Identifier: MIT */
/*
 * dial.c - connecting to the first of several addresses: RFC 8305, 5.
 *
 * Addresses wait in the order they were offered.  The next to be tried is the
 * first waiting one of the family that was not tried last, or of the other if
 * there is none: so the families alternate, however late one of them comes.
 * One timer tells when the next may begin; at 0 ms it also keeps done() out of
 * the user's own calls.
 */
#include "net/dial.h"

#include <errno.h>
#include <stdlib.h>

enum attempt_state { WAITING, TRYING, OVER };

struct attempt {
	struct dial *dial;
	struct addr to;
	enum attempt_state state;
	struct sock *sock; /* while TRYING */
};

struct dial {
	uv_timer_t next, limit;
	unsigned handles; /* that the loop still has */
	struct attempt attempts[DIAL_ADDRS];
	unsigned offered, trying;
	uint8_t last; /* family tried last */
	bool complete;
	int os; /* of the attempt that got furthest; 0: none */
	struct dial_user user;
};

static void on_next(uv_timer_t *timer);

static void on_closed(uv_handle_t *handle)
{
	struct dial *d = handle->data;

	if (!--d->handles)
		free(d);
}

/* Both timers fail only when they are closing. */
static void next_in(struct dial *d, unsigned ms)
{
	(void)uv_timer_start(&d->next, on_next, ms, 0);
}

static void stop(struct dial *d)
{
	unsigned i;

	for (i = 0; i < d->offered; i++)
		if (d->attempts[i].state == TRYING)
			sock_close(d->attempts[i].sock, false);
	uv_close((uv_handle_t *)&d->next, on_closed);
	uv_close((uv_handle_t *)&d->limit, on_closed);
}

static void finish(struct dial *d, struct attempt *winner, int os)
{
	struct sock *s = NULL;

	if (winner) {
		s = winner->sock;
		winner->state = OVER; /* not closed with the others */
		sock_listen_to(s, NULL, NULL);
	}
	stop(d);
	/* The memory is there until the loop has closed the timers. */
	d->user.done(d->user.ctx, s, winner ? &winner->to : NULL, os);
}

/* How far did it get? */
static int rank(int os)
{
	switch (os) {
	case 0: return 0;
	case ECONNREFUSED: return 4;
	case ETIMEDOUT: return 3;
	case ENETUNREACH:
	case EHOSTUNREACH: return 2;
	default: return 1;
	}
}

static void failed(struct dial *d, struct attempt *a, int os)
{
	a->state = OVER;
	if (rank(os) > rank(d->os))
		d->os = os;
}

/* One is over without success: the next need not wait. */
static void on_connected(void *ctx, unsigned what)
{
	struct attempt *a = ctx;
	struct dial *d = a->dial;
	int os = sock_error(a->sock);

	(void)what; /* SOCK_OUT is all that was asked for */
	if (!os) {
		finish(d, a, 0);
		return;
	}
	sock_close(a->sock, false);
	d->trying--;
	failed(d, a, os);
	on_next(&d->next);
}

/* 0, or an errno: it failed at once. */
static int try(struct dial *d, struct attempt *a)
{
	mv_error e = { 0 };

	if (sock_connect(d->next.loop, &a->to, d->user.hook, d->user.hook_ctx,
			 &a->sock, &e))
		return e.os ? (int)e.os : EIO;
	a->state = TRYING;
	d->trying++;
	d->last = a->to.family;
	sock_listen_to(a->sock, on_connected, a);
	sock_want(a->sock, SOCK_OUT);
	return 0;
}

static struct attempt *pick(struct dial *d)
{
	struct attempt *same = NULL;
	unsigned i;

	for (i = 0; i < d->offered; i++) {
		struct attempt *a = &d->attempts[i];

		if (a->state != WAITING)
			continue;
		if (a->to.family != d->last)
			return a;
		if (!same)
			same = a;
	}
	return same;
}

static void on_next(uv_timer_t *timer)
{
	struct dial *d = timer->data;
	struct attempt *a;
	int os;

	/* It may be early, after a failure: then it is to begin anew. */
	(void)uv_timer_stop(&d->next); /* cannot fail */
	while ((a = pick(d))) {
		os = try(d, a);
		if (!os) {
			next_in(d, DIAL_STAGGER_MS);
			return;
		}
		failed(d, a, os);
	}
	if (d->complete && !d->trying)
		finish(d, NULL, d->os ? d->os : EHOSTUNREACH);
}

static void on_limit(uv_timer_t *timer)
{
	finish(timer->data, NULL, ETIMEDOUT);
}

int dial_start(uv_loop_t *loop, const struct dial_user *user, uint32_t ms,
	       struct dial **out, mv_error *err)
{
	struct dial *d = calloc(1, sizeof(*d));

	if (!d)
		return fail(err, MICROVM_ENOMEM, "no memory for a connection");
	(void)uv_timer_init(loop, &d->next); /* neither can fail */
	(void)uv_timer_init(loop, &d->limit);
	d->next.data = d;
	d->limit.data = d;
	d->handles = 2;
	d->user = *user;
	(void)uv_timer_start(&d->limit, on_limit, ms, 0);
	*out = d;
	return 0;
}

void dial_offer(struct dial *d, const struct addr *a)
{
	unsigned i;

	for (i = 0; i < d->offered; i++)
		if (addr_equal(&d->attempts[i].to, a))
			return; /* resolvers repeat themselves */
	if (d->offered == DIAL_ADDRS)
		return;
	d->attempts[d->offered++] = (struct attempt){ .dial = d, .to = *a };
	if (!uv_is_active((uv_handle_t *)&d->next))
		next_in(d, 0);
}

void dial_complete(struct dial *d)
{
	d->complete = true;
	if (!d->trying && !pick(d))
		next_in(d, 0);
}

void dial_cancel(struct dial *d)
{
	stop(d);
}
