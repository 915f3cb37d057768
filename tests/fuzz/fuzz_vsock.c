/* SPDX-License-Identifier: MIT */
/*
 * fuzz_vsock.c - any packets of a guest, against streams that do anything
 * their contract allows.  A stream is closed once and never called after that,
 * or against the rules; before a connection is established the guest hears of
 * nothing but that; and no packet holds more than there was room for.
 */
#include <stdlib.h>
#include <string.h>

#include "vsock/vsock.h"

#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	CID = 3,
	STREAMS = 32,
	PORTS = 4, /* at either end */
	PAYLOAD = 5000,
	PACKETS = 8,
	CALLS = 4000, /* in one input: it has to end */
};

struct fuzz;

struct pipe {
	struct stream stream;
	struct fuzz *f;
	bool read_over, ended, deaf, opened;
};

struct fuzz {
	struct feed in;
	struct vsock *v;
	struct pipe *pipe[STREAMS];
	uint64_t now, alarm;
	unsigned calls;
	bool asked[PORTS][PORTS]; /* REQUEST was sent and not answered */
	uint8_t payload[PAYLOAD];
	uint8_t room[PACKETS][PAYLOAD];
};

static uint64_t take(struct fuzz *f, unsigned n)
{
	return f->calls++ < CALLS ? feed_take(&f->in, n) : 0;
}

/* ---- streams ---------------------------------------------------------- */

static void say_something(struct pipe *p)
{
	uint64_t news = take(p->f, 1);

	/* DEAF and BROKEN are rarer than the rest. */
	if (news & 0x80)
		stream_ready(&p->stream, news & 0x1f);
	else if (news)
		stream_ready(&p->stream, news & 7);
}

/* What read() and write() say about `len` bytes. */
static ptrdiff_t moved(struct pipe *p, size_t len)
{
	uint64_t how = take(p->f, 1);

	CHECK(len);
	if (how & 1)
		say_something(p);
	if (how < 0x20)
		return STREAM_AGAIN;
	if (how == 0x20 || how == 0x21)
		return STREAM_ERROR;
	if (how < 0x80)
		return (ptrdiff_t)(1 + take(p->f, 2) % len);
	return (ptrdiff_t)len;
}

static ptrdiff_t pipe_read(struct stream *s, const struct span *v, unsigned n)
{
	struct pipe *p = (struct pipe *)s;
	ptrdiff_t got;
	unsigned i;

	CHECK(!p->read_over && !p->deaf && !s->opening);
	if (take(p->f, 1) == 0x55) {
		p->read_over = true;
		return 0;
	}
	got = moved(p, spans_len(v, n));
	for (i = 0; i < n && got > 0; i++)
		memset(v[i].p, 0xa5, v[i].len);
	return got;
}

static ptrdiff_t pipe_write(struct stream *s, const struct span *v, unsigned n)
{
	struct pipe *p = (struct pipe *)s;
	unsigned i;

	CHECK(!p->ended && !s->opening);
	for (i = 0; i < n; i++)
		CHECK(v[i].len && (v[i].p[0] | v[i].p[v[i].len - 1]) == 0x5a);
	return moved(p, spans_len(v, n));
}

static void pipe_end(struct stream *s)
{
	struct pipe *p = (struct pipe *)s;

	CHECK(!p->ended);
	p->ended = true;
	say_something(p);
}

static void pipe_deaf(struct stream *s)
{
	struct pipe *p = (struct pipe *)s;

	CHECK(!p->deaf && !p->read_over);
	p->deaf = true;
	say_something(p);
}

static void pipe_opened(struct stream *s)
{
	struct pipe *p = (struct pipe *)s;

	CHECK(!p->opened);
	p->opened = true;
	say_something(p);
}

static void pipe_close(struct stream *s, enum stream_why why)
{
	struct pipe *p = (struct pipe *)s;
	unsigned i;

	CHECK(!s->ready);
	if (why == STREAM_REFUSED || why == STREAM_TIMEOUT)
		CHECK(!p->opened && !p->ended && !p->read_over);
	for (i = 0; p->f->pipe[i] != p; i++)
		CHECK(i < STREAMS - 1);
	p->f->pipe[i] = NULL;
	free(p);
}

static const struct stream_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.end = pipe_end,
	.deaf = pipe_deaf,
	.opened = pipe_opened,
	.close = pipe_close,
};

static struct pipe *pipe_new(struct fuzz *f)
{
	unsigned i;

	for (i = 0; i < STREAMS; i++) {
		if (f->pipe[i])
			continue;
		f->pipe[i] = calloc(1, sizeof(**f->pipe));
		CHECK(f->pipe[i]);
		f->pipe[i]->stream.ops = &pipe_ops;
		f->pipe[i]->f = f;
		return f->pipe[i];
	}
	return NULL;
}

/* ---- around it -------------------------------------------------------- */

static struct stream *on_accept(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct fuzz *f = ctx;
	uint64_t how = take(f, 1);
	struct pipe *p = how & 7 ? pipe_new(f) : NULL;

	CHECK(port >= PORTS || f->asked[port][guest_port]);
	if (!p)
		return NULL;
	p->stream.opening = how & 8;
	return &p->stream;
}

static void on_wake(void *ctx)
{
	(void)ctx;
}

static uint64_t on_now(void *ctx)
{
	return ((struct fuzz *)ctx)->now;
}

static void on_alarm(void *ctx, uint64_t ns)
{
	((struct fuzz *)ctx)->alarm = ns;
}

static struct vsock_hdr header(struct fuzz *f, uint64_t how)
{
	uint64_t ports = take(f, 1);
	struct vsock_hdr h = {
		.src_cid = CID,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = ports % PORTS,
		.dst_port = ports / PORTS % PORTS,
		.type = VSOCK_TYPE_STREAM,
		.op = how & 7,
		.flags = (uint32_t)take(f, 1),
		.buf_alloc = 4096,
		.fwd_cnt = (uint32_t)take(f, 2),
	};

	if (ports & 0x80) /* a port of ours; they are given out in order */
		h.dst_port = VSOCK_EPHEMERAL + (ports >> 2 & 0x1f);
	if (how & 8)
		h.buf_alloc = (uint32_t)take(f, 4);
	if (how & 0x10)
		h.fwd_cnt = (uint32_t)take(f, 4);
	if ((how & 0xe0) == 0xe0) { /* all wrong */
		h.src_cid ^= take(f, 1) & 1;
		h.dst_cid ^= take(f, 1) & 1;
		h.type ^= (uint16_t)(take(f, 1) & 1);
		h.op = (uint16_t)take(f, 2);
	}
	return h;
}

static void packet_in(struct fuzz *f)
{
	struct vsock_hdr h = header(f, take(f, 1));
	size_t len = h.op == VSOCK_OP_RW ? take(f, 2) % PAYLOAD : 0;
	size_t first = len / 3;
	struct span v[2] = { { f->payload, first },
			     { f->payload + first, len - first } };

	if (!vsock_can_recv(f->v))
		return;
	h.len = (uint32_t)len;
	if (take(f, 1) == 0xff)
		h.len = (uint32_t)take(f, 4);
	if (h.op == VSOCK_OP_REQUEST && h.src_cid == CID &&
	    h.dst_cid == VSOCK_CID_HOST && h.type == VSOCK_TYPE_STREAM &&
	    h.dst_port < PORTS)
		f->asked[h.dst_port][h.src_port] = true;
	vsock_recv(f->v, &h, v, 2);
}

static void check_out(struct fuzz *f, const struct vsock_packet *p)
{
	const struct vsock_hdr *h = &p->hdr;
	bool *asked = &f->asked[h->src_port % PORTS][h->dst_port];

	CHECK(h->dst_port < PORTS);
	CHECK(h->op > VSOCK_OP_INVALID && h->op < VSOCK_OPS);
	CHECK(h->dst_cid == CID);
	CHECK(h->len <= spans_len(p->v, p->n));
	CHECK(!h->len == (h->op != VSOCK_OP_RW));
	CHECK(!h->flags == (h->op != VSOCK_OP_SHUTDOWN));
	if (h->op != VSOCK_OP_RST)
		CHECK(h->src_cid == VSOCK_CID_HOST && h->type == 1);
	if (h->src_port >= VSOCK_EPHEMERAL)
		return;
	CHECK(h->op != VSOCK_OP_REQUEST);
	if (*asked)
		CHECK(h->op == VSOCK_OP_RESPONSE || h->op == VSOCK_OP_RST);
	*asked = false;
}

static void packets_out(struct fuzz *f)
{
	unsigned n = (unsigned)take(f, 1) % (PACKETS + 1), i, used;
	struct vsock_packet p[PACKETS] = { { .n = 0 } };
	struct span v[PACKETS][2];

	for (i = 0; i < n; i++) {
		size_t len = take(f, 2) % PAYLOAD;

		v[i][0] = (struct span){ f->room[i], len / 2 };
		v[i][1] = (struct span){ f->room[i] + len / 2, len - len / 2 };
		p[i].v = v[i];
		p[i].n = (unsigned)take(f, 1) % 3;
	}
	used = vsock_fill(f->v, p, n);
	CHECK(used <= n);
	for (i = 0; i < used; i++)
		check_out(f, &p[i]);
}

static void time_goes(struct fuzz *f)
{
	f->now += take(f, 2) * 1000000;
	if (f->now >= f->alarm) {
		f->alarm = UINT64_MAX;
		vsock_tick(f->v);
		CHECK(f->alarm > f->now);
	}
}

static void connect_out(struct fuzz *f)
{
	struct pipe *p = pipe_new(f);
	uint64_t ms = take(f, 1);

	if (p)
		CHECK(!vsock_connect(f->v, (uint32_t)ms % PORTS, &p->stream,
				     ms & 0x10 ? f->now + ms * 1000000 : 0,
				     NULL));
}

static void driver(struct fuzz *f)
{
	bool up = take(f, 1) & 3;

	vsock_online(f->v, up);
	if (!up)
		memset(f->asked, 0, sizeof(f->asked));
}

static void check_stats(const struct fuzz *f)
{
	struct vsock_stats st;
	unsigned i, live = 0;

	for (i = 0; i < STREAMS; i++)
		live += f->pipe[i] != NULL;
	vsock_stats(f->v, &st);
	CHECK(st.open >= live);
	CHECK(st.buffered <= (size_t)live * VSOCK_WINDOW);
}

static void step(struct fuzz *f)
{
	unsigned which = (unsigned)take(f, 1);
	struct pipe *p = f->pipe[which / 8 % STREAMS];

	switch (which % 8) {
	case 0:
	case 1:
	case 2: packet_in(f); break;
	case 3:
	case 4: packets_out(f); break;
	case 5:
		if (p)
			say_something(p);
		break;
	case 6: time_goes(f); break;
	default:
		if (which & 0x80)
			driver(f);
		else
			connect_out(f);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz *f = calloc(1, sizeof(*f));
	struct vsock_user user = { on_accept, on_wake, on_now, on_alarm, f };
	unsigned i;

	CHECK(f);
	f->in = (struct feed){ data, len };
	f->alarm = UINT64_MAX;
	memset(f->payload, 0x5a, sizeof(f->payload));
	CHECK(!vsock_new(&user, CID, &f->v, NULL));
	vsock_online(f->v, true);
	while (f->in.len && f->calls < CALLS) {
		step(f);
		check_stats(f);
	}
	vsock_free(f->v);
	for (i = 0; i < STREAMS; i++)
		CHECK(!f->pipe[i]);
	free(f);
	return 0;
}
