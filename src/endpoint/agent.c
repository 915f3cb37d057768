/* SPDX-License-Identifier: MIT */
/*
 * agent.c - the host's end of the control line that init opens.
 *
 * Any program in the guest may connect and say anything.  So what is kept of
 * a connection is one line and two flags: what is to be said is written down
 * when the guest has room for it, and the time in it is the time of then.
 */
#include "endpoint/agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "endpoint/line.h"

enum {
	TALKS = 8, /* connections at once; then they are refused */
	STATUS_MAX = 255,
};

/* One connection. */
struct talk {
	struct stream stream;
	struct agent *agent; /* NULL: it has been closed */
	struct talk *next;
	struct line line;
	bool hello; /* was said */
	bool ended; /* the guest says no more */
	bool say_time, say_stop;
	size_t out_len, out_at;
	char out[LINE_MAX_LEN];
};

struct agent {
	const struct place *at;
	struct agent_user user;
	struct port port;
	struct talk *first;
	struct talk *speaker; /* who said hello last; NULL: nobody */
	unsigned talks;
	bool stop;   /* was asked for */
	bool status; /* was told */
};

static struct talk *of(struct stream *s)
{
	return container_of(s, struct talk, stream);
}

/* ---- to the guest ----------------------------------------------------- */

/* The next line that is to be said, if there is one. */
static void compose(struct talk *t)
{
	uint64_t now;
	int len = 0;

	if (t->say_time) {
		t->say_time = false;
		now = t->agent->user.wall(t->agent->user.ctx);
		len = snprintf(t->out, sizeof(t->out),
			       "time %" PRIu64 " %" PRIu64 "\n",
			       now / 1000000000, now % 1000000000);
	} else if (t->say_stop) {
		t->say_stop = false;
		len = snprintf(t->out, sizeof(t->out), "stop\n");
	}
	t->out_at = 0;
	t->out_len = (size_t)len;
}

static ptrdiff_t on_read(struct stream *s, const struct span *v, unsigned n)
{
	struct talk *t = of(s);
	size_t done;

	if (!t->agent)
		return STREAM_ERROR;
	if (t->out_at == t->out_len)
		compose(t);
	if (t->out_at == t->out_len)
		return t->ended ? 0 : STREAM_AGAIN;
	done = spans_put(v, n, 0, t->out + t->out_at, t->out_len - t->out_at);
	t->out_at += done;
	return (ptrdiff_t)done;
}

static void say(struct talk *t, bool time, bool stop)
{
	t->say_time = t->say_time || time;
	t->say_stop = t->say_stop || stop;
	stream_ready(&t->stream, STREAM_READ);
}

/* ---- from the guest --------------------------------------------------- */

static void greeted(struct talk *t)
{
	struct agent *a = t->agent;

	t->hello = true;
	a->speaker = t;
	say(t, true, a->stop);
	a->user.hello(a->user.ctx);
}

/* False: whoever that is, it does not speak as we do. */
static bool understand(struct talk *t)
{
	struct agent *a = t->agent;
	uint32_t number;

	if (!t->hello) {
		if (strcmp(t->line.text, "hello 1") != 0)
			return false;
		greeted(t);
		return true;
	}
	if (t == a->speaker && !a->status &&
	    line_number(&t->line, "exit", &number) && number <= STATUS_MAX) {
		a->status = true;
		a->user.status(a->user.ctx, (unsigned)number);
	}
	return true;
}

static bool take(struct talk *t, const struct span *v)
{
	size_t at = 0, used;

	while (at < v->len) {
		switch (line_feed(&t->line, v->p + at, v->len - at, &used)) {
		case LINE_MORE: break;
		case LINE_TOO_LONG: return false;
		case LINE_WHOLE:
			if (!understand(t))
				return false;
			line_next(&t->line);
			break;
		}
		at += used;
	}
	return true;
}

static ptrdiff_t on_write(struct stream *s, const struct span *v, unsigned n)
{
	struct talk *t = of(s);
	unsigned i;

	for (i = 0; i < n; i++)
		if (!t->agent || !take(t, &v[i]))
			return STREAM_ERROR;
	return (ptrdiff_t)spans_len(v, n);
}

static void on_end(struct stream *s)
{
	of(s)->ended = true;
	stream_ready(s, STREAM_READ);
}

static void on_close(struct stream *s, enum stream_why why)
{
	struct talk *t = of(s);
	struct agent *a = t->agent;
	struct talk **at;

	(void)why;
	if (a) {
		for (at = &a->first; *at != t; at = &(*at)->next)
			;
		*at = t->next;
		a->talks--;
		if (a->speaker == t)
			a->speaker = NULL;
	}
	free(t);
}

static const struct stream_ops ops = {
	.read = on_read,
	.write = on_write,
	.end = on_end,
	.close = on_close,
};

static struct stream *on_accept(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct agent *a = ctx;
	struct talk *t;

	(void)port;
	(void)guest_port;
	t = a->talks < TALKS ? calloc(1, sizeof(*t)) : NULL;
	if (!t)
		return NULL;
	t->stream.ops = &ops;
	t->agent = a;
	t->next = a->first;
	a->first = t;
	a->talks++;
	return &t->stream;
}

/* ---- the agent -------------------------------------------------------- */

int agent_new(const struct place *at, const struct agent_user *user,
	      struct agent **out, mv_error *err)
{
	struct agent *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return fail(err, MICROVM_ENOMEM, "no memory for the agent");
	a->at = at;
	a->user = *user;
	a->port = (struct port){ .number = PLACE_AGENT_PORT,
				 .accept = on_accept,
				 .ctx = a };
	rc = ports_bind(at->ports, &a->port, err);
	if (rc) {
		free(a);
		return rc;
	}
	*out = a;
	return 0;
}

void agent_close(struct agent *a)
{
	struct talk *t;

	if (!a)
		return;
	ports_unbind(a->at->ports, &a->port);
	while (a->first) {
		t = a->first;
		a->first = t->next;
		t->agent = NULL;
		stream_ready(&t->stream, STREAM_BROKEN); /* may free it */
	}
	free(a);
}

void agent_stop(struct agent *a)
{
	a->stop = true;
	if (a->speaker)
		say(a->speaker, false, true);
}

void agent_set_time(struct agent *a)
{
	if (a->speaker)
		say(a->speaker, true, false);
}
