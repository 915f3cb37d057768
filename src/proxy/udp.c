/* SPDX-License-Identifier: MIT */
/* udp.c - datagrams between a stream and the host.  Knows no session. */
#include "proxy/udp.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"
#include "proxy/peer.h"

/* One datagram, or a part of it, that waits for its rest or for room. */
struct frame {
	uint8_t *p; /* NULL: none */
	size_t have, len;
};

struct udp {
	struct proxy *proxy;
	struct udp_user user;
	struct sock *sock[2]; /* IPv4, IPv6; made when needed */
	struct peers peers;

	uint8_t head[UDP_FRAME]; /* a length that is half there */
	size_t head_have;
	struct frame in;  /* from the guest; len is known */
	struct frame out; /* to the guest; have: bytes it got */
};

static void frame_free(struct frame *f)
{
	free(f->p);
	*f = (struct frame){ NULL, 0, 0 };
}

/* ---- from the guest ----------------------------------------------------- */

static void on_ready(void *ctx, unsigned what)
{
	struct udp *u = ctx;

	(void)what;
	u->user.ready(u->user.ctx);
}

/* The socket for a family; NULL: there is none. */
static struct sock *sock_for(struct udp *u, const struct addr *to)
{
	struct sock **s = &u->sock[to->family == ADDR_IPV6];

	if (*s)
		return *s;
	if (sock_udp(u->proxy->loop, (enum addr_family)to->family,
		     proxy_hook(u->proxy), u->proxy, to, s, NULL)) {
		*s = NULL;
		return NULL;
	}
	sock_listen_to(*s, on_ready, u);
	sock_want(*s, SOCK_IN);
	return *s;
}

static bool send_to(void *ctx, const struct addr *to, const uint8_t *p,
		    size_t len)
{
	struct sock *s = sock_for(ctx, to);

	return s && sock_send_to(s, p, len, to) == (ptrdiff_t)len;
}

static void datagram(struct udp *u, const uint8_t *p, size_t len)
{
	struct socks5_udp head;
	size_t skip = socks5_udp_parse(&head, p, len);

	/* RFC 1928, 7: who does not reassemble drops fragments. */
	if (!skip || head.frag || head.target.addr.port == POLICY_ANY_PORT)
		return;
	peers_send(&u->peers, &head.target, p + skip, len - skip);
}

/* The rest of one whose beginning came earlier; how many bytes that took. */
static size_t resume(struct udp *u, const struct span *v, unsigned n,
		     size_t off)
{
	size_t got = spans_get(v, n, off, u->in.p + u->in.have,
			       u->in.len - u->in.have);

	u->in.have += got;
	if (u->in.have == u->in.len) {
		datagram(u, u->in.p, u->in.len);
		frame_free(&u->in);
	}
	return got;
}

/* One whose length is known: at once, or as much of it as there is. */
static size_t begin(struct udp *u, const struct span *v, unsigned n, size_t off,
		    size_t len, size_t left)
{
	if (left >= len) {
		(void)spans_get(v, n, off, u->proxy->datagram, len);
		datagram(u, u->proxy->datagram, len);
		return len;
	}
	u->in = (struct frame){ malloc(len), 0, len };
	return u->in.p ? resume(u, v, n, off) : SIZE_MAX;
}

ptrdiff_t udp_write(struct udp *u, const struct span *v, unsigned n)
{
	size_t all = spans_len(v, n), off = 0;

	while (off < all) {
		size_t took;

		if (u->in.p) {
			off += resume(u, v, n, off);
			continue;
		}
		u->head_have += took =
			spans_get(v, n, off, u->head + u->head_have,
				  UDP_FRAME - u->head_have);
		off += took;
		if (u->head_have < UDP_FRAME)
			break;
		u->head_have = 0;
		took = begin(u, v, n, off, (size_t)u->head[0] << 8 | u->head[1],
			     all - off);
		if (took == SIZE_MAX)
			return STREAM_ERROR; /* the rest has no beginning */
		off += took;
	}
	return (ptrdiff_t)all;
}

/* ---- to the guest ------------------------------------------------------- */

/*
 * One datagram of a peer into proxy->datagram, framed; its length, 0 when it is
 * to be dropped, or -1: there is none.
 */
static ptrdiff_t receive(struct udp *u, struct sock *s)
{
	uint8_t head[SOCKS5_OUT_MAX], *at = u->proxy->datagram;
	/* In front of the data there is room for length and header. */
	uint8_t *data = at + UDP_FRAME + sizeof(head);
	struct addr from = { .family = ADDR_NONE };
	ptrdiff_t got = sock_recv_from(s, data, UDP_MAX, &from);
	size_t skip, len;

	if (got == -EAGAIN)
		return -1;
	if (got < 0 || !peers_heard(&u->peers, &from, (size_t)got))
		return 0;
	skip = socks5_udp_write(head, &from);
	len = skip + (size_t)got;
	if (len > UDP_MAX)
		return 0;
	at[0] = (uint8_t)(len >> 8);
	at[1] = (uint8_t)len;
	memcpy(at + UDP_FRAME, head, skip);
	memmove(at + UDP_FRAME + skip, data, (size_t)got);
	return (ptrdiff_t)(UDP_FRAME + len);
}

/* Put what lies in proxy->datagram; keep what finds no room. */
static size_t deliver(struct udp *u, const struct span *v, unsigned n,
		      size_t off, size_t len)
{
	size_t put = spans_put(v, n, off, u->proxy->datagram, len);

	if (put == len)
		return put;
	u->out.p = malloc(len - put);
	if (!u->out.p) /* half of it is through: it must not stay so */
		return SIZE_MAX;
	u->out.len = len - put;
	u->out.have = 0;
	memcpy(u->out.p, u->proxy->datagram + put, u->out.len);
	return put;
}

static size_t finish(struct udp *u, const struct span *v, unsigned n)
{
	size_t put = spans_put(v, n, 0, u->out.p + u->out.have,
			       u->out.len - u->out.have);

	u->out.have += put;
	if (u->out.have == u->out.len)
		frame_free(&u->out);
	return put;
}

ptrdiff_t udp_read(struct udp *u, const struct span *v, unsigned n)
{
	size_t room = spans_len(v, n), off = 0;
	unsigned i, turn;

	if (u->out.p)
		off = finish(u, v, n);
	for (i = 0; i < LEN(u->sock); i++) {
		for (turn = 0; u->sock[i] && turn < UDP_TURN && off < room;
		     turn++) {
			ptrdiff_t len = receive(u, u->sock[i]);
			size_t put;

			if (len < 0)
				break;
			put = deliver(u, v, n, off, (size_t)len);
			if (put == SIZE_MAX)
				return STREAM_ERROR;
			off += put;
		}
		if (u->sock[i])
			sock_want(u->sock[i], SOCK_IN);
	}
	return off ? (ptrdiff_t)off : STREAM_AGAIN;
}

/* ---- life --------------------------------------------------------------- */

int udp_new(struct proxy *p, const struct udp_user *user, struct udp **out,
	    mv_error *err)
{
	struct udp *u = calloc(1, sizeof(*u));

	/* For all associations: nothing stays in it from call to call. */
	if (u && !p->datagram)
		p->datagram = malloc(UDP_FRAME + SOCKS5_OUT_MAX + UDP_MAX);
	if (!u || !p->datagram) {
		free(u);
		return fail(err, MICROVM_ENOMEM, "no memory for UDP");
	}
	u->proxy = p;
	u->user = *user;
	peers_init(&u->peers, p, send_to, u);
	*out = u;
	return 0;
}

void udp_bytes(const struct udp *u, uint64_t bytes[static 2])
{
	bytes[0] = u->peers.out;
	bytes[1] = u->peers.in;
}

void udp_free(struct udp *u, const char *why)
{
	size_t i;

	peers_fini(&u->peers, why);
	for (i = 0; i < LEN(u->sock); i++)
		if (u->sock[i])
			sock_close(u->sock[i], false);
	frame_free(&u->in);
	frame_free(&u->out);
	free(u);
}
