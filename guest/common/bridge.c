/* SPDX-License-Identifier: MIT */
/* bridge.c - carries bytes between two stream sockets, both ways. */
#include "guest/common/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURN = 4 }; /* reads at a time: others want to be served */

static struct bridge_end *other(struct bridge_end *e)
{
	return &e->bridge->end[e == &e->bridge->end[0]];
}

static bool is_gone(int os)
{
	return os == EPIPE || os == ECONNRESET || os == ENOTCONN;
}

static void forget_held(struct bridge_end *e)
{
	free(e->held);
	e->held = NULL;
	e->held_off = e->held_len = 0;
}

static void hold(struct bridge_end *e, const uint8_t *p, size_t len)
{
	size_t kept = e->held_len - e->held_off;
	uint8_t *q;

	if (len == 0)
		return;
	q = malloc(kept + len);
	if (!q) {
		e->bridge->failed = true;
		return;
	}
	if (e->held)
		memcpy(q, e->held + e->held_off, kept);
	memcpy(q + kept, p, len);
	forget_held(e);
	e->held = q;
	e->held_len = kept + len;
}

/* What came out of `e` to the other end; bytes taken, or -1: broken. */
static ssize_t deliver(struct bridge_end *e, const uint8_t *p, size_t len)
{
	ssize_t n;

	do
		n = send(other(e)->watch.fd, p, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EAGAIN)
		return 0;
	/* What the other end still has to say is carried to its end. */
	e->flow = FLOW_BROKEN;
	forget_held(e);
	return -1;
}

/* True when nothing is held any more. */
static bool deliver_held(struct bridge_end *e)
{
	ssize_t n =
		deliver(e, e->held + e->held_off, e->held_len - e->held_off);

	if (n < 0)
		return false;
	e->held_off += (size_t)n;
	if (e->held_off < e->held_len)
		return false;
	forget_held(e);
	return true;
}

/*
 * The end of what `e` says.  When its peer is entirely gone, nobody takes what
 * we say to it either.
 */
static void come_to_end(struct bridge_end *e)
{
	struct bridge_end *back = other(e);

	e->flow = FLOW_ENDING;
	if (back->flow != FLOW_OPEN)
		return;
	if (send(e->watch.fd, "", 0, MSG_NOSIGNAL) < 0 && is_gone(errno)) {
		back->flow = FLOW_BROKEN;
		forget_held(back);
	}
}

/* A reset is to come as such: not behind what looks like a good end. */
static void finish(struct bridge_end *e)
{
	if (other(e)->flow != FLOW_BROKEN || e->bridge->gentle)
		(void)shutdown(other(e)->watch.fd, SHUT_WR); /* or it is gone */
	e->flow = FLOW_ENDED;
}

static void carry(struct bridge_end *e, const uint8_t *p, size_t len)
{
	struct bridge *b = e->bridge;
	ssize_t n;

	if (b->user.tap) {
		b->taken = b->user.tap(b->user.ctx, e != &b->end[0], p, len);
		return;
	}
	if (len > e->left)
		len = (size_t)e->left;
	e->left -= e->left == UINT64_MAX ? 0 : len;
	n = len ? deliver(e, p, len) : 0;
	if (n >= 0)
		hold(e, p + n, len - (size_t)n);
}

/* Read once; true when another try may bring more. */
static bool read_some(struct bridge_end *e)
{
	struct bridge *b = e->bridge;
	uint8_t *p = b->loop->scratch;
	ssize_t n = recv(e->watch.fd, p, LOOP_SCRATCH, 0);

	if (n > 0) {
		carry(e, p, (size_t)n);
		return n == LOOP_SCRATCH || e->held;
	}
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n < 0 && !(b->gentle && e == &b->end[1]))
		b->failed = true;
	else
		come_to_end(e);
	return true;
}

/* Move what can be moved out of `e`. */
static void pump(struct bridge_end *e)
{
	struct bridge *b = e->bridge;
	int i;

	for (i = 0; i <= TURN && !b->failed && !b->taken; i++) {
		if (e->held && !deliver_held(e))
			return;
		if (e->flow == FLOW_ENDING)
			finish(e);
		if (e->flow != FLOW_OPEN || i == TURN || !read_some(e))
			return;
	}
}

static bool is_over(const struct bridge_end *e)
{
	return e->flow == FLOW_ENDED || e->flow == FLOW_BROKEN;
}

static unsigned wanted(struct bridge_end *e)
{
	return (e->flow == FLOW_OPEN && !e->held ? LOOP_IN : 0) |
	       (other(e)->held ? LOOP_OUT : 0);
}

/* A parked end stays so until something is wanted of it. */
static bool ask(struct bridge_end *e)
{
	unsigned events = wanted(e);

	if (!events && !e->watch.known)
		return true;
	return loop_want(e->bridge->loop, &e->watch, events);
}

/* Ask for what is needed now, or tell that it is over. */
static void settle(struct bridge *b)
{
	bool broken =
		b->end[0].flow == FLOW_BROKEN || b->end[1].flow == FLOW_BROKEN;
	enum bridge_why why = BRIDGE_DONE;

	if (b->taken) {
		b->user.over(b->user.ctx, BRIDGE_TAKEN);
		return;
	}
	if (!b->failed && !(is_over(&b->end[0]) && is_over(&b->end[1])) &&
	    ask(&b->end[0]) && ask(&b->end[1]))
		return;
	if (!is_over(&b->end[0]) || !is_over(&b->end[1]) ||
	    (broken && !b->gentle))
		why = BRIDGE_RESET;
	bridge_close(b, why == BRIDGE_RESET);
	b->user.over(b->user.ctx, why);
}

static void ready(void *ctx, unsigned events)
{
	struct bridge_end *e = ctx;
	struct bridge *b = e->bridge;
	unsigned gone = events & (LOOP_ERR | LOOP_HUP);

	if (wanted(e) & LOOP_OUT)
		pump(other(e));
	if (wanted(e) & LOOP_IN)
		pump(e);
	/* It has said everything and is gone: it hears nothing either. */
	if (gone && e->flow != FLOW_OPEN && !is_over(other(e))) {
		other(e)->flow = FLOW_BROKEN;
		forget_held(other(e));
	}
	/* Not to be told for ever what we do not ask about. */
	if (gone && !wanted(e))
		loop_park(b->loop, &e->watch);
	settle(b);
}

bool bridge_start(struct bridge *b, struct loop *loop, int fd0, int fd1,
		  const struct bridge_user *user)
{
	int fd[2] = { fd0, fd1 }, i;

	memset(b, 0, sizeof(*b));
	b->loop = loop;
	b->user = *user;
	for (i = 0; i < 2; i++) {
		b->end[i].bridge = b;
		b->end[i].left = UINT64_MAX;
		loop_watch_init(&b->end[i].watch, ready, &b->end[i]);
	}
	for (i = 0; i < 2; i++) {
		if (loop_add(loop, &b->end[i].watch, fd[i], LOOP_IN))
			continue;
		if (i == 1)
			(void)loop_remove(loop, &b->end[0].watch);
		(void)close(fd0);
		(void)close(fd1);
		return false;
	}
	return true;
}

void bridge_push(struct bridge *b, unsigned from, const uint8_t *p, size_t len)
{
	hold(&b->end[from], p, len); /* failed: settle() sees it */
}

void bridge_go(struct bridge *b)
{
	pump(&b->end[0]);
	pump(&b->end[1]);
	settle(b);
}

void bridge_detach(struct bridge *b, int fd[2])
{
	int i;

	for (i = 0; i < 2; i++)
		if (b->end[i].held && b->taken)
			(void)deliver_held(&b->end[i]);
	for (i = 0; i < 2; i++) {
		fd[i] = loop_remove(b->loop, &b->end[i].watch);
		forget_held(&b->end[i]);
	}
}

void bridge_close(struct bridge *b, bool reset)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	int fd[2], i;

	bridge_detach(b, fd);
	for (i = 0; i < 2; i++) {
		if (fd[i] < 0)
			continue;
		if (reset)
			(void)setsockopt(fd[i], SOL_SOCKET, SO_LINGER, &now,
					 sizeof(now));
		(void)close(fd[i]);
	}
}
