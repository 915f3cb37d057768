/* SPDX-License-Identifier: MIT */
/* echo.c - a stream that gives back what it takes. */
#include "echo.h"

#include <stdlib.h>

#include "base/container.h"

struct echo {
	struct stream stream;
	struct echo_home *home;
	uint8_t ring[ECHO_ROOM];
	size_t in, out; /* bytes ever taken and given */
	bool ended, owes_read, owes_write;
};

static struct echo *of(struct stream *s)
{
	return container_of(s, struct echo, stream);
}

static size_t at_most(const struct echo *e, size_t n)
{
	return e->home->step && n > e->home->step ? e->home->step : n;
}

static ptrdiff_t echo_read(struct stream *s, const struct span *v, unsigned n)
{
	struct echo *e = of(s);
	size_t len = at_most(e, e->in - e->out), done = 0;

	if (e->in == e->out) {
		e->owes_read = !e->ended;
		return e->ended ? 0 : STREAM_AGAIN;
	}
	while (done < len &&
	       spans_put(v, n, done, &e->ring[e->out % ECHO_ROOM], 1)) {
		e->out++;
		done++;
	}
	if (e->owes_write) {
		e->owes_write = false;
		stream_ready(s, STREAM_WRITE);
	}
	return (ptrdiff_t)done;
}

static ptrdiff_t echo_write(struct stream *s, const struct span *v, unsigned n)
{
	struct echo *e = of(s);
	size_t room = at_most(e, ECHO_ROOM - (e->in - e->out)), done = 0;

	if (!room) {
		e->owes_write = true;
		return STREAM_AGAIN;
	}
	while (done < room &&
	       spans_get(v, n, done, &e->ring[e->in % ECHO_ROOM], 1)) {
		e->in++;
		done++;
	}
	e->home->taken += done;
	if (e->owes_read) {
		e->owes_read = false;
		stream_ready(s, STREAM_READ);
	}
	return (ptrdiff_t)done;
}

static void echo_end(struct stream *s)
{
	of(s)->ended = true;
	stream_ready(s, STREAM_READ);
}

static void echo_close(struct stream *s, enum stream_why why)
{
	struct echo *e = of(s);

	e->home->live--;
	e->home->closed[why]++;
	free(e);
}

static const struct stream_ops echo_ops = {
	.read = echo_read,
	.write = echo_write,
	.end = echo_end,
	.close = echo_close,
};

struct stream *echo_new(struct echo_home *home)
{
	struct echo *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->stream.ops = &echo_ops;
	e->home = home;
	home->live++;
	return &e->stream;
}
