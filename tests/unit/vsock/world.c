/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"

enum { ROUNDS = 100000, SEND_MAX = 1 << 20 };

/* The carrier's part goes away with close(), so that sanitizers see it. */
struct fake_stream {
	struct stream stream;
	struct fake *fake;
};

uint8_t world_byte(bool to_guest, size_t at)
{
	return (uint8_t)(at * 7 + (at >> 8) * 13 + (at >> 16) + to_guest);
}

void world_bytes(bool to_guest, size_t at, uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = world_byte(to_guest, at + i);
}

static void note(char log[static WORLD_LOG], char what)
{
	size_t len = strlen(log);

	if (what == 'd' && len && log[len - 1] == 'd')
		return;
	if (len + 1 < WORLD_LOG)
		log[len] = what;
}

/* ---- streams ---------------------------------------------------------- */

static struct fake *fake_of(struct stream *s)
{
	return container_of(s, struct fake_stream, stream)->fake;
}

static size_t at_most(const struct fake *f, size_t len, size_t there)
{
	if (f->chunk && len > f->chunk)
		len = f->chunk;
	return len < there ? len : there;
}

static void sloppy(struct fake *f)
{
	if (!f->sloppy)
		return;
	f->sloppy--;
	fake_says(f, STREAM_READ | STREAM_WRITE);
}

static void put_pattern(const struct span *v, size_t len, size_t at)
{
	size_t i;

	for (; len; v++)
		for (i = 0; i < v->len && len; i++, len--)
			v->p[i] = world_byte(true, at++);
}

static bool is_pattern(const struct span *v, size_t len, size_t at)
{
	size_t i;

	for (; len; v++)
		for (i = 0; i < v->len && len; i++, len--)
			if (v->p[i] != world_byte(false, at++))
				return false;
	return true;
}

static ptrdiff_t fake_read(struct stream *s, const struct span *v, unsigned n)
{
	struct fake *f = fake_of(s);
	size_t len = at_most(f, spans_len(v, n), f->give);

	f->reads++;
	sloppy(f);
	if (f->lies)
		return (ptrdiff_t)spans_len(v, n) + 1;
	if (f->broken)
		return STREAM_ERROR;
	if (!spans_len(v, n))
		f->wrong = true;
	if (!len)
		return f->eof ? 0 : STREAM_AGAIN;
	put_pattern(v, len, f->given);
	f->given += len;
	f->give -= len;
	return (ptrdiff_t)len;
}

static ptrdiff_t fake_write(struct stream *s, const struct span *v, unsigned n)
{
	struct fake *f = fake_of(s);
	size_t len = at_most(f, spans_len(v, n), f->room);

	f->writes++;
	sloppy(f);
	if (f->lies)
		return (ptrdiff_t)spans_len(v, n) + 1;
	if (f->broken)
		return STREAM_ERROR;
	if (!spans_len(v, n) || strchr(f->log, 'e'))
		f->wrong = true;
	if (!len)
		return STREAM_AGAIN;
	if (!is_pattern(v, len, f->taken))
		f->wrong = true;
	f->taken += len;
	f->room -= len;
	return (ptrdiff_t)len;
}

static void fake_end(struct stream *s)
{
	sloppy(fake_of(s));
	note(fake_of(s)->log, 'e');
}

static void fake_deaf(struct stream *s)
{
	/* Not two of them in a row as one. */
	if (strchr(fake_of(s)->log, 'd'))
		fake_of(s)->wrong = true;
	note(fake_of(s)->log, 'd');
}

static void fake_opened(struct stream *s)
{
	sloppy(fake_of(s));
	note(fake_of(s)->log, 'o');
}

static void fake_close(struct stream *s, enum stream_why why)
{
	static const char letter[] = {
		[STREAM_DONE] = 'D',    [STREAM_RESET] = 'R',
		[STREAM_REFUSED] = 'F', [STREAM_TIMEOUT] = 'T',
		[STREAM_GONE] = 'G',
	};
	struct fake *f = fake_of(s);

	note(f->log, letter[why]);
	f->closes++;
	free(f->in);
	f->in = NULL;
}

static const struct stream_ops fake_ops = {
	.read = fake_read,
	.write = fake_write,
	.end = fake_end,
	.deaf = fake_deaf,
	.opened = fake_opened,
	.close = fake_close,
};

static const struct stream_ops fake_ops_few = {
	.read = fake_read,
	.write = fake_write,
	.end = fake_end,
	.close = fake_close,
};

void fake_init(struct fake *f)
{
	*f = (struct fake){ .in = calloc(1, sizeof(*f->in)) };
	if (!f->in)
		abort();
	f->in->stream.ops = &fake_ops;
	f->in->fake = f;
}

struct stream *fake_stream(struct fake *f)
{
	if (f->no_deaf)
		f->in->stream.ops = &fake_ops_few;
	f->in->stream.opening = f->opening;
	f->carried = true;
	return &f->in->stream;
}

void fake_drop(struct fake *f)
{
	free(f->in);
	f->in = NULL;
}

void fake_says(struct fake *f, unsigned news)
{
	if (f->in)
		stream_ready(&f->in->stream, news);
}

void fake_give(struct fake *f, size_t len)
{
	f->give += len;
	fake_says(f, STREAM_READ);
}

void fake_eof(struct fake *f)
{
	f->eof = true;
	fake_says(f, STREAM_READ);
}

void fake_room(struct fake *f, size_t len)
{
	f->room += len;
	fake_says(f, STREAM_WRITE);
}

/* ---- the guest -------------------------------------------------------- */

static void peer_packet(struct peer *p, const struct vsock_hdr *h,
			const uint8_t *data)
{
	static const char letter[VSOCK_OPS] = "?qrx-dua";
	size_t i;

	note(p->log, h->op == VSOCK_OP_SHUTDOWN ? (char)('0' + h->flags)
						: letter[h->op]);
	p->host_alloc = h->buf_alloc;
	p->host_taken = h->fwd_cnt;
	if (h->op != VSOCK_OP_RW)
		return;
	for (i = 0; i < h->len; i++)
		if (data[i] != world_byte(true, p->got + i))
			p->wrong = true;
	p->got += h->len;
	if ((uint32_t)p->got - p->taken > p->alloc)
		p->wrong = true;
	if (!p->stalled)
		p->taken = (uint32_t)p->got;
}

static void deliver(struct world *w, const struct vsock_hdr *h,
		    const uint8_t *data)
{
	struct peer *p = w->peers;

	if (h->src_cid != VSOCK_CID_HOST || h->dst_cid != WORLD_CID ||
	    h->type != VSOCK_TYPE_STREAM || h->len > WORLD_ROOM) {
		w->last = *h;
		w->wrong = true;
		return;
	}
	while (p &&
	       (p->host_port != h->src_port || p->guest_port != h->dst_port))
		p = p->next;
	if (p) {
		peer_packet(p, h, data);
		if (w->heard)
			w->heard(p, h);
		return;
	}
	w->strangers++;
	w->last = *h;
	if (w->stranger)
		w->stranger(w, h);
}

unsigned world_step(struct world *w, unsigned batch)
{
	static const size_t cut = 1000; /* packets in two pieces */
	struct vsock_packet packet[WORLD_BATCH];
	struct span v[WORLD_BATCH][2];
	unsigned i, n;

	for (i = 0; i < batch; i++) {
		uint8_t *p = w->room + (size_t)i * WORLD_ROOM;

		v[i][0] = (struct span){ p, cut };
		v[i][1] = (struct span){ p + cut, WORLD_ROOM - cut };
		packet[i] = (struct vsock_packet){ .v = v[i], .n = 2 };
	}
	n = vsock_fill(w->v, packet, batch);
	for (i = 0; i < n; i++)
		deliver(w, &packet[i].hdr, w->room + (size_t)i * WORLD_ROOM);
	w->packets += n;
	return n;
}

void world_run(struct world *w)
{
	unsigned rounds;

	for (rounds = 0; rounds < ROUNDS; rounds++) {
		w->woken = false;
		if (w->alarm <= w->now) {
			w->alarm = UINT64_MAX;
			vsock_tick(w->v);
			w->woken = true;
		}
		if (!world_step(w, WORLD_BATCH) && !w->woken)
			return;
	}
	w->wrong = true; /* it never comes to rest */
}

void world_sleep(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms * 1000000;

	while (w->alarm <= end) {
		if (w->alarm > w->now)
			w->now = w->alarm;
		world_run(w);
	}
	w->now = end;
	world_run(w);
}

static struct stream *world_accept(void *ctx, uint32_t port,
				   uint32_t guest_port)
{
	struct world *w = ctx;
	struct fake *f = w->next;

	(void)port;
	(void)guest_port;
	w->accepts++;
	w->next = NULL;
	return f ? fake_stream(f) : NULL;
}

static void world_wake(void *ctx)
{
	struct world *w = ctx;

	w->woken = true;
	w->wakes++;
}

static uint64_t world_now(void *ctx)
{
	return ((struct world *)ctx)->now;
}

static void world_alarm(void *ctx, uint64_t ns)
{
	((struct world *)ctx)->alarm = ns;
}

void world_init(struct world *w)
{
	struct vsock_user user = { world_accept, world_wake, world_now,
				   world_alarm, w };

	*w = (struct world){ .now = 1000, .alarm = UINT64_MAX };
	w->room = malloc((size_t)WORLD_BATCH * WORLD_ROOM);
	if (!w->room || vsock_new(&user, WORLD_CID, &w->v, NULL))
		abort();
	vsock_online(w->v, true);
}

void world_fini(struct world *w)
{
	vsock_free(w->v);
	free(w->room);
}

void peer_init(struct peer *p, struct world *w, uint32_t host_port,
	       uint32_t guest_port)
{
	*p = (struct peer){
		.w = w,
		.next = w->peers,
		.host_port = host_port,
		.guest_port = guest_port,
		.alloc = 64 * 1024,
	};
	w->peers = p;
}

void peer_leave(struct peer *p)
{
	struct peer **at = &p->w->peers;

	while (*at && *at != p)
		at = &(*at)->next;
	if (*at)
		*at = p->next;
}

static struct vsock_hdr header(const struct peer *p, unsigned op)
{
	return (struct vsock_hdr){
		.src_cid = WORLD_CID,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = p->guest_port,
		.dst_port = p->host_port,
		.type = VSOCK_TYPE_STREAM,
		.op = (uint16_t)op,
		.buf_alloc = p->alloc,
		.fwd_cnt = p->taken,
	};
}

void peer_say(struct peer *p, unsigned op, unsigned flags)
{
	struct vsock_hdr h = header(p, op);

	h.flags = flags;
	vsock_recv(p->w->v, &h, NULL, 0);
}

void peer_send(struct peer *p, size_t len)
{
	struct vsock_hdr h = header(p, VSOCK_OP_RW);
	uint8_t *data = malloc(len ? len : 1);
	struct span v[2] = { { data, len / 3 },
			     { data + len / 3, len - len / 3 } };

	if (!data || len > SEND_MAX)
		abort();
	world_bytes(false, p->sent, data, len);
	p->sent += (uint32_t)len;
	h.len = (uint32_t)len;
	vsock_recv(p->w->v, &h, v, 2);
	free(data);
}

uint32_t peer_credit(const struct peer *p)
{
	return p->host_alloc - (p->sent - p->host_taken);
}
