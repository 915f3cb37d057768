/* SPDX-License-Identifier: MIT */
/* assoc.c - a UDP association: datagrams here, frames on the stream. */
#include "guest/outbound-proxy/assoc.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LENGTH = 2, /* before each frame */
	FRAME_MAX = LENGTH + 65535,
	OUT_MAX = 2 * FRAME_MAX, /* more datagrams are dropped */
	TURN = 16,
};

struct assoc {
	struct loop *loop;
	struct loop_watch tcp, stream, udp;
	struct endpoint client; /* its address; with a port: all of it */
	bool pinned;
	size_t in_len, out_off, out_len;
	void (*over)(void *ctx);
	void *ctx;
	uint8_t in[FRAME_MAX], out[OUT_MAX];
};

static void shut(struct assoc *a, struct loop_watch *w)
{
	int fd = loop_remove(a->loop, w);

	if (fd >= 0)
		(void)close(fd);
}

void assoc_free(struct assoc *a)
{
	shut(a, &a->tcp);
	shut(a, &a->stream);
	shut(a, &a->udp);
	free(a);
}

static void end(struct assoc *a)
{
	void (*over)(void *) = a->over;
	void *ctx = a->ctx;

	assoc_free(a);
	over(ctx);
}

/* The client says nothing more on TCP but that it is gone. */
static void tcp_ready(void *ctx, unsigned events)
{
	struct assoc *a = ctx;
	ssize_t n = recv(a->tcp.fd, a->loop->scratch, LOOP_SCRATCH, 0);

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		end(a);
}

/* Complete frames to the client, while it is known; UDP may lose some. */
static void send_frames(struct assoc *a)
{
	size_t off = 0, n;

	while (a->in_len - off >= LENGTH) {
		n = (size_t)a->in[off] << 8 | a->in[off + 1];
		if (a->in_len - off - LENGTH < n)
			break;
		if (a->pinned && n)
			(void)sendto(a->udp.fd, a->in + off + LENGTH, n, 0,
				     (struct sockaddr *)&a->client.sa,
				     a->client.len);
		off += LENGTH + n;
	}
	a->in_len -= off;
	memmove(a->in, a->in + off, a->in_len);
}

/* False: the stream has failed. */
static bool flush(struct assoc *a)
{
	ssize_t n;

	while (a->out_off < a->out_len) {
		n = send(a->stream.fd, a->out + a->out_off,
			 a->out_len - a->out_off, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n < 0)
			break;
		a->out_off += (size_t)n;
	}
	if (a->out_off == a->out_len)
		a->out_off = a->out_len = 0;
	return loop_want(a->loop, &a->stream,
			 LOOP_IN | (a->out_len ? LOOP_OUT : 0));
}

static void stream_ready(void *ctx, unsigned events)
{
	struct assoc *a = ctx;
	ssize_t n;

	(void)events;
	n = recv(a->stream.fd, a->in + a->in_len, sizeof(a->in) - a->in_len, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		end(a);
		return;
	}
	if (n > 0)
		a->in_len += (size_t)n;
	send_frames(a);
	if (!flush(a))
		end(a);
}

static bool same_ip(const struct endpoint *a, const struct endpoint *b)
{
	struct sockaddr_in6 a6, b6;
	struct sockaddr_in a4, b4;

	if (a->sa.ss_family != b->sa.ss_family)
		return false;
	memcpy(&a4, &a->sa, sizeof(a4));
	memcpy(&b4, &b->sa, sizeof(b4));
	if (a->sa.ss_family == AF_INET)
		return a4.sin_addr.s_addr == b4.sin_addr.s_addr;
	memcpy(&a6, &a->sa, sizeof(a6));
	memcpy(&b6, &b->sa, sizeof(b6));
	return memcmp(&a6.sin6_addr, &b6.sin6_addr, sizeof(a6.sin6_addr)) == 0;
}

/* sin_port and sin6_port are at one place. */
static bool same_port(const struct endpoint *a, const struct endpoint *b)
{
	struct sockaddr_in a4, b4;

	memcpy(&a4, &a->sa, sizeof(a4));
	memcpy(&b4, &b->sa, sizeof(b4));
	return a4.sin_port == b4.sin_port;
}

static bool is_client(struct assoc *a, const struct endpoint *from)
{
	if (!same_ip(&a->client, from))
		return false;
	if (!a->pinned) {
		a->client = *from;
		a->pinned = true;
	}
	return same_port(&a->client, from);
}

/* One datagram into a frame; false: there was none. */
static bool receive(struct assoc *a)
{
	bool room = sizeof(a->out) - a->out_len >= FRAME_MAX;
	uint8_t *p = room ? a->out + a->out_len : a->loop->scratch;
	struct endpoint from = { .len = sizeof(from.sa) };
	ssize_t n;

	n = recvfrom(a->udp.fd, p + LENGTH, room ? FRAME_MAX - LENGTH : 1, 0,
		     (struct sockaddr *)&from.sa, &from.len);
	if (n < 0)
		return errno != EAGAIN;
	if (room && n > 0 && is_client(a, &from)) {
		p[0] = (uint8_t)(n >> 8);
		p[1] = (uint8_t)n;
		a->out_len += LENGTH + (size_t)n;
	}
	return true;
}

static void udp_ready(void *ctx, unsigned events)
{
	struct assoc *a = ctx;
	int i;

	(void)events;
	for (i = 0; i < TURN; i++)
		if (!receive(a))
			break;
	if (!flush(a))
		end(a);
}

/* On the address that the client has found us at, any port. */
static bool bind_udp(struct assoc *a, int tcp)
{
	const in_port_t any = 0;
	struct endpoint at;
	int fd;

	if (!endpoint_of(&at, tcp) || !endpoint_of_peer(&a->client, tcp))
		return false;
	memcpy((uint8_t *)&at.sa + offsetof(struct sockaddr_in, sin_port), &any,
	       sizeof(any));
	fd = endpoint_bind(&at, SOCK_DGRAM);
	if (fd < 0)
		return false;
	if (loop_add(a->loop, &a->udp, fd, LOOP_IN)) {
		loop_park(a->loop, &a->udp); /* until there is a stream */
		return true;
	}
	(void)close(fd);
	return false;
}

struct assoc *assoc_new(struct loop *loop, int tcp)
{
	struct assoc *a = malloc(sizeof(*a));

	if (!a)
		return NULL;
	/* The buffers stay untouched: most are never filled. */
	memset(a, 0, offsetof(struct assoc, in));
	a->loop = loop;
	loop_watch_init(&a->tcp, tcp_ready, a);
	loop_watch_init(&a->stream, stream_ready, a);
	loop_watch_init(&a->udp, udp_ready, a);
	if (bind_udp(a, tcp))
		return a;
	assoc_free(a);
	return NULL;
}

void assoc_addr(const struct assoc *a, struct endpoint *e)
{
	(void)endpoint_of(e, a->udp.fd); /* it is bound */
}

bool assoc_push(struct assoc *a, const uint8_t *p, size_t len)
{
	if (len > sizeof(a->in) - a->in_len)
		return false;
	memcpy(a->in + a->in_len, p, len);
	a->in_len += len;
	return true;
}

void assoc_start(struct assoc *a, int tcp, int stream, void (*over)(void *),
		 void *ctx)
{
	bool added;

	a->over = over;
	a->ctx = ctx;
	added = loop_add(a->loop, &a->tcp, tcp, LOOP_IN);
	if (!added)
		(void)close(tcp);
	if (!loop_add(a->loop, &a->stream, stream, LOOP_IN)) {
		(void)close(stream);
		added = false;
	}
	if (!added || !loop_want(a->loop, &a->udp, LOOP_IN)) {
		end(a);
		return;
	}
	send_frames(a);
}
