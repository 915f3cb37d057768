/* SPDX-License-Identifier: MIT */
/*
 * session.c - one SOCKS session over one stream.  Knows no carrier.
 *
 * Whatever calls stream_ready() does so last: the carrier may close the
 * session from inside.
 */
#include "proxy/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"

static struct session *session_of(struct stream *s)
{
	return container_of(s, struct session, relay.stream);
}

static void session_enter(struct session *s, enum session_state to)
{
	static const unsigned legal[] = {
		[SESSION_HANDSHAKE] =
			1u << SESSION_SEEKING | 1u << SESSION_UDP |
			1u << SESSION_ANSWERING | 1u << SESSION_BROKEN,
		[SESSION_SEEKING] =
			1u << SESSION_RELAY | 1u << SESSION_ANSWERING,
		[SESSION_RELAY] = 1u << SESSION_BROKEN,
		[SESSION_UDP] = 1u << SESSION_ANSWERING | 1u << SESSION_BROKEN,
		[SESSION_ANSWERING] = 1u << SESSION_BROKEN,
		[SESSION_BROKEN] = 0,
	};

	static_assert(LEN(legal) == SESSION_BROKEN + 1, "moves");
	assert(legal[s->state] & 1u << to);
	s->state = to;
	alarm_clear(&s->alarm);
}

static void ready(struct session *s, unsigned news)
{
	stream_ready(&s->relay.stream, news);
}

/* Room is there for all that one session ever says. */
static void say(struct session *s, const uint8_t *p, size_t len)
{
	assert(len <= sizeof(s->out) - s->out_len);
	memcpy(s->out + s->out_len, p, len);
	s->out_len += len;
}

static void say_reply(struct session *s, enum socks5_reply reply,
		      const struct addr *bound, const char *name)
{
	uint8_t out[SOCKS5_OUT_MAX];

	say(s, out, socks5_reply(out, reply, bound, name));
}

/* The last word is said. */
static void answering(struct session *s)
{
	session_enter(s, SESSION_ANSWERING);
	alarm_set(&s->alarm, s->proxy->limits.handshake_ms);
	ready(s, STREAM_READ | STREAM_WRITE);
}

static void answer(struct session *s, enum socks5_reply reply,
		   const struct addr *a, const char *name)
{
	say_reply(s, reply, a, name);
	answering(s);
}

/* ---- CONNECT ------------------------------------------------------------ */

static void touch(struct session *s)
{
	s->active = uv_now(s->proxy->loop);
}

/* From now on it may not be silent for long. */
static void half_closed(struct session *s)
{
	touch(s);
	alarm_set(&s->alarm, s->proxy->limits.half_ms);
}

static void closed(struct sock_stream *relay, enum stream_why why);

static void relay(struct session *s, struct sock *sock)
{
	/* The carrier's side of it stays as it is. */
	struct stream own = s->relay.stream;

	sock_stream_init(&s->relay, sock);
	s->relay.stream = own;
	s->relay.closed = closed;
	session_enter(s, SESSION_RELAY);
	if (s->ended)
		sock_stream_end(&s->relay.stream);
	if (s->deaf)
		sock_stream_deaf(&s->relay.stream);
	if (s->ended || s->deaf)
		half_closed(s);
}

static void connected(struct connect *c, struct sock *sock,
		      enum socks5_reply reply)
{
	struct session *s = container_of(c->flow, struct session, flow);
	struct addr bound;
	size_t early;

	s->connect = NULL;
	if (!sock) {
		free(c);
		answer(s, reply, NULL, NULL);
		return;
	}
	say_reply(s, SOCKS5_SUCCEEDED, sock_local(sock, &bound) ? &bound : NULL,
		  NULL);
	early = c->tunnel.early_len;
	say(s, c->tunnel.early, early);
	free(c);
	relay(s, sock);
	s->relay.down = early;
	ready(s, STREAM_READ | STREAM_WRITE);
}

static void request_connect(struct session *s)
{
	const struct socks5_target *to = &s->socks.target;

	s->connect = calloc(1, sizeof(*s->connect));
	if (!s->connect) {
		answer(s, SOCKS5_GENERAL_FAILURE, NULL, NULL);
		return;
	}
	session_enter(s, SESSION_SEEKING);
	flow_init(&s->flow, s->proxy, MICROVM_FLOW_TCP, to->name,
		  to->addr.port);
	s->connect->done = connected;
	connect_start(s->connect, s->proxy, &s->flow, to);
}

/* ---- RESOLVE ------------------------------------------------------------ */

static void resolved(struct query *q, enum socks5_reply reply,
		     const struct addr *a, const char *name)
{
	struct session *s = container_of(q->flow, struct session, flow);

	s->query = NULL;
	say_reply(s, reply, a, name);
	free(q);
	answering(s);
}

static void request_resolve(struct session *s, bool reverse)
{
	const struct socks5_target *to = &s->socks.target;

	s->query = calloc(1, sizeof(*s->query));
	if (!s->query) {
		answer(s, SOCKS5_GENERAL_FAILURE, NULL, NULL);
		return;
	}
	session_enter(s, SESSION_SEEKING);
	flow_init(&s->flow, s->proxy, MICROVM_FLOW_RESOLVE, to->name,
		  POLICY_ANY_PORT);
	s->query->done = resolved;
	query_start(s->query, s->proxy, &s->flow, to, reverse);
}

/* ---- UDP ASSOCIATE ------------------------------------------------------ */

static void udp_ready(void *ctx)
{
	ready(ctx, STREAM_READ);
}

static void udp_end(struct session *s, const char *why)
{
	uint64_t bytes[2];

	udp_bytes(s->udp, bytes);
	s->relay.up = bytes[0];
	s->relay.down = bytes[1];
	udp_free(s->udp, why);
	s->udp = NULL;
}

/* Where the socket is bound tells the guest nothing: its bridge has its own. */
static void request_udp(struct session *s)
{
	const struct udp_user user = { udp_ready, s };

	if (udp_new(s->proxy, &user, &s->udp, NULL)) {
		answer(s, SOCKS5_GENERAL_FAILURE, NULL, NULL);
		return;
	}
	say_reply(s, SOCKS5_SUCCEEDED, NULL, NULL);
	session_enter(s, SESSION_UDP);
	touch(s);
	alarm_set(&s->alarm, s->proxy->limits.udp_ms);
	ready(s, STREAM_READ | STREAM_WRITE);
}

/* ---- the handshake ------------------------------------------------------ */

/*
 * What an upstream cannot do is not done at all: names that were looked up
 * here, or datagrams past it, would show what it is there to hide.
 */
static void request(struct session *s)
{
	bool direct = !s->proxy->upstream;

	switch (s->socks.cmd) {
	case SOCKS5_CONNECT: request_connect(s); return;
	case SOCKS5_UDP_ASSOCIATE:
		if (direct) {
			request_udp(s);
			return;
		}
		break;
	case SOCKS5_RESOLVE:
	case SOCKS5_RESOLVE_PTR:
		if (direct) {
			request_resolve(s, s->socks.cmd == SOCKS5_RESOLVE_PTR);
			return;
		}
		break;
	default: break; /* BIND */
	}
	answer(s, SOCKS5_COMMAND_NOT_SUPPORTED, NULL, NULL);
}

/* One span of the handshake.  False: it is over, and s may be gone. */
static bool feed(struct session *s, const struct span *v, size_t *took)
{
	size_t used, off = 0;

	while (off < v->len) {
		enum socks5_event event =
			socks5_feed(&s->socks, v->p + off, v->len - off, &used);

		off += used;
		*took += used;
		switch (event) {
		case SOCKS5_MORE: break;
		case SOCKS5_ANSWER:
			say(s, s->socks.out, s->socks.out_len);
			ready(s, STREAM_READ);
			break;
		case SOCKS5_REQUEST: request(s); return false;
		case SOCKS5_REFUSE:
			say(s, s->socks.out, s->socks.out_len);
			answering(s);
			return false;
		}
	}
	return true;
}

static ptrdiff_t handshake(struct session *s, const struct span *v, unsigned n)
{
	size_t took = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		if (!feed(s, &v[i], &took))
			break;
	return (ptrdiff_t)took;
}

/* ---- the stream --------------------------------------------------------- */

static ptrdiff_t relay_read(struct session *s, const struct span *v, unsigned n)
{
	ptrdiff_t got = sock_stream_read(&s->relay.stream, v, n);

	if (got > 0)
		touch(s);
	else if (got == 0)
		half_closed(s);
	else if (got == STREAM_ERROR)
		s->failed = true;
	return got;
}

static ptrdiff_t relay_write(struct session *s, const struct span *v,
			     unsigned n)
{
	ptrdiff_t sent = sock_stream_write(&s->relay.stream, v, n);

	/* After STREAM_AGAIN it may be gone: the carrier was told of an end. */
	if (sent > 0)
		touch(s);
	else if (sent == STREAM_ERROR)
		s->failed = true;
	return sent;
}

static ptrdiff_t association_read(struct session *s, const struct span *v,
				  unsigned n)
{
	ptrdiff_t got = udp_read(s->udp, v, n);

	if (got > 0)
		touch(s);
	return got;
}

static ptrdiff_t session_read(struct stream *stream, const struct span *v,
			      unsigned n)
{
	struct session *s = session_of(stream);
	size_t put;

	if (s->out_pos < s->out_len && s->state != SESSION_BROKEN) {
		put = spans_put(v, n, 0, s->out + s->out_pos,
				s->out_len - s->out_pos);
		s->out_pos += put;
		return (ptrdiff_t)put;
	}
	switch (s->state) {
	case SESSION_HANDSHAKE:
	case SESSION_SEEKING: return STREAM_AGAIN;
	case SESSION_RELAY: return relay_read(s, v, n);
	case SESSION_UDP: return association_read(s, v, n);
	case SESSION_ANSWERING: return 0;
	case SESSION_BROKEN: break;
	}
	return STREAM_ERROR;
}

static ptrdiff_t session_write(struct stream *stream, const struct span *v,
			       unsigned n)
{
	struct session *s = session_of(stream);

	switch (s->state) {
	case SESSION_HANDSHAKE: return handshake(s, v, n);
	case SESSION_SEEKING: return STREAM_AGAIN;
	case SESSION_RELAY: return relay_write(s, v, n);
	case SESSION_UDP: touch(s); return udp_write(s->udp, v, n);
	case SESSION_ANSWERING: return (ptrdiff_t)spans_len(v, n);
	case SESSION_BROKEN: break;
	}
	return STREAM_ERROR;
}

static void session_end(struct stream *stream)
{
	struct session *s = session_of(stream);

	switch (s->state) {
	case SESSION_HANDSHAKE: answering(s); break; /* what was said, and 0 */
	case SESSION_SEEKING: s->ended = true; break;
	case SESSION_RELAY:
		half_closed(s);
		sock_stream_end(stream);
		break;
	case SESSION_UDP: /* RFC 1928, 7: it goes with its connection */
		udp_end(s, "the guest ended it");
		answering(s);
		break;
	case SESSION_ANSWERING:
	case SESSION_BROKEN: break;
	}
}

static void session_deaf(struct stream *stream)
{
	struct session *s = session_of(stream);

	s->deaf = true;
	if (s->state != SESSION_RELAY)
		return;
	half_closed(s);
	sock_stream_deaf(stream);
}

/* ---- the end ------------------------------------------------------------ */

static const char *words(const struct session *s, enum stream_why why)
{
	if (s->state == SESSION_BROKEN)
		return "silent for too long";
	switch (why) {
	case STREAM_DONE: return "done";
	case STREAM_RESET:
		return s->failed || s->relay.failed ? "the far end broke it"
						    : "the guest broke it";
	case STREAM_REFUSED:
	case STREAM_TIMEOUT:
	case STREAM_GONE: break;
	}
	return "the guest went away";
}

/* What it had is closed by now. */
static void session_free(struct session *s)
{
	struct proxy *p = s->proxy;

	alarm_clear(&s->alarm);
	list_remove(&s->node);
	p->stats.open--;
	p->stats.bytes[0] += s->relay.up;
	p->stats.bytes[1] += s->relay.down;
	memset(&s->socks, 0, sizeof(s->socks)); /* may hold a password */
	free(s);
}

static void closed(struct sock_stream *r, enum stream_why why)
{
	struct session *s = container_of(r, struct session, relay);

	s->flow.out = r->up;
	s->flow.in = r->down;
	flow_tell(&s->flow, s->proxy, MICROVM_FLOW_ENDED, words(s, why));
	session_free(s);
}

static void gave_up(struct session *s)
{
	if (s->connect)
		connect_cancel(s->connect);
	if (s->query)
		query_cancel(s->query);
	if (s->connect || s->query)
		flow_tell(&s->flow, s->proxy, MICROVM_FLOW_FAILED,
			  "the guest gave up");
	free(s->connect);
	free(s->query);
}

static void session_close(struct stream *stream, enum stream_why why)
{
	struct session *s = session_of(stream);

	s->relay.stream.ready = NULL;
	if (s->relay.sock) {
		sock_stream_close(stream, why);
		return;
	}
	gave_up(s);
	if (s->udp)
		udp_end(s, words(s, why));
	session_free(s);
}

static const struct stream_ops ops = {
	.read = session_read,
	.write = session_write,
	.end = session_end,
	.deaf = session_deaf,
	.close = session_close,
};

/* ---- time --------------------------------------------------------------- */

/* True when it was used of late: then the alarm is set anew. */
static bool was_active(struct session *s, uint32_t ms)
{
	uint64_t idle = uv_now(s->proxy->loop) - s->active;

	if (idle >= ms)
		return false;
	alarm_set(&s->alarm, ms - idle);
	return true;
}

static void rang(struct alarm *a)
{
	struct session *s = container_of(a, struct session, alarm);
	const struct proxy_limits *l = &s->proxy->limits;

	switch (s->state) {
	case SESSION_RELAY:
		if (was_active(s, l->half_ms))
			return;
		break;
	case SESSION_UDP:
		if (was_active(s, l->udp_ms))
			return;
		udp_end(s, "silent for too long");
		answering(s);
		return;
	case SESSION_HANDSHAKE:
	case SESSION_SEEKING:
	case SESSION_ANSWERING:
	case SESSION_BROKEN: break;
	}
	session_enter(s, SESSION_BROKEN);
	ready(s, STREAM_BROKEN);
}

int session_new(struct proxy *p, struct session **out, mv_error *err)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return fail(err, MICROVM_ENOMEM, "no memory for a session");
	s->relay.stream.ops = &ops;
	s->proxy = p;
	socks5_init(&s->socks, &p->cfg.login);
	list_init(&s->node);
	list_append(&p->sessions, &s->node);
	alarm_init(&s->alarm, &p->alarms, rang);
	alarm_set(&s->alarm, p->limits.handshake_ms);
	p->stats.open++;
	*out = s;
	return 0;
}

void session_bytes(const struct session *s, uint64_t bytes[static 2])
{
	if (s->udp) {
		udp_bytes(s->udp, bytes);
		return;
	}
	bytes[0] = s->relay.up;
	bytes[1] = s->relay.down;
}
