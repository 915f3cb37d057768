/* SPDX-License-Identifier: MIT */
/*
 * stub.c - the name server of the guest: UDP and TCP port 53.
 *
 * Over TCP (RFC 1035, 4.2.2; RFC 7766) messages have a length before them, and
 * one connection asks one thing at a time: the next question is not read
 * before the answer is out.
 */
#include "guest/outbound-proxy/stub.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/outbound-proxy/lookup.h"

enum {
	TURN = 16,
	LENGTH = 2,
	IDLE_MS = 10000,
};

/* UDP: a question, and whom to answer. */
struct asker {
	struct server *sv;
	struct endpoint from;
};

static void answer_udp(struct server *sv, const struct endpoint *to,
		       const struct dns_query *q)
{
	uint8_t out[DNS_ANSWER_MAX];
	size_t max = q->udp_max < sizeof(out) ? q->udp_max : sizeof(out);
	size_t n = dns_write(out, q, max);

	/* A full buffer loses it, as UDP may. */
	(void)sendto(sv->dns_udp.fd, out, n, 0,
		     (const struct sockaddr *)&to->sa, to->len);
}

static void answered_udp(void *ctx, const struct dns_query *q)
{
	struct asker *a = ctx;

	answer_udp(a->sv, &a->from, q);
	free(a);
}

static void take_udp(struct server *sv, const struct endpoint *from,
		     const uint8_t *p, size_t len)
{
	struct asker *a;
	struct dns_query q;

	switch (dns_read(&q, p, len)) {
	case DNS_DROP: return;
	case DNS_ANSWER: answer_udp(sv, from, &q); return;
	case DNS_FORWARD:
	case DNS_REVERSE: break;
	}
	a = malloc(sizeof(*a));
	if (!a)
		return; /* it will ask again */
	a->sv = sv;
	a->from = *from;
	lookup_start(sv, &q, answered_udp, a);
}

static void udp_ready(void *ctx, unsigned events)
{
	struct server *sv = ctx;
	struct endpoint from;
	ssize_t n;
	int i;

	(void)events;
	for (i = 0; i < TURN; i++) {
		from.len = sizeof(from.sa);
		n = recvfrom(sv->dns_udp.fd, sv->loop.scratch, LOOP_SCRATCH, 0,
			     (struct sockaddr *)&from.sa, &from.len);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n > 0)
			take_udp(sv, &from, sv->loop.scratch, (size_t)n);
	}
}

/* TCP: a connection that asks. */
struct caller {
	struct server *sv;
	struct loop_watch watch;
	struct loop_timer timer;
	bool waiting; /* for the host: the lookup will come back to us */
	bool gone;    /* ... and then there is nobody to answer */
	size_t in_len, out_len, out_off;
	uint8_t in[LENGTH + DNS_QUERY_MAX], out[LENGTH + DNS_ANSWER_MAX];
};

static void caller_end(struct caller *c)
{
	int fd = loop_remove(&c->sv->loop, &c->watch);

	loop_disarm(&c->timer);
	if (fd >= 0) {
		(void)close(fd);
		c->sv->dns_clients--;
		listener_pause(&c->sv->dns, false);
	}
	c->gone = true;
	if (!c->waiting)
		free(c);
}

/* False: the connection is over. */
static bool flush(struct caller *c)
{
	ssize_t n;

	while (c->out_off < c->out_len) {
		n = send(c->watch.fd, c->out + c->out_off,
			 c->out_len - c->out_off, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN;
		if (n > 0)
			c->out_off += (size_t)n;
	}
	c->out_off = c->out_len = 0;
	return true;
}

/* The length of a complete message in `in`; 0: not yet; SIZE_MAX: too long. */
static size_t message(const struct caller *c)
{
	size_t len;

	if (c->in_len < LENGTH)
		return 0;
	len = (size_t)c->in[0] << 8 | c->in[1];
	if (len == 0 || len > DNS_QUERY_MAX)
		return SIZE_MAX;
	return c->in_len - LENGTH < len ? 0 : len;
}

static void answered_tcp(void *ctx, const struct dns_query *q)
{
	struct caller *c = ctx;
	size_t n;

	c->waiting = false;
	if (c->gone) {
		free(c);
		return;
	}
	n = dns_write(c->out + LENGTH, q, DNS_ANSWER_MAX);
	c->out[0] = (uint8_t)(n >> 8);
	c->out[1] = (uint8_t)n;
	c->out_len = LENGTH + n;
	loop_arm(&c->sv->loop, &c->timer, IDLE_MS);
	/* A question that came with the last one wakes no socket again. */
	if (!flush(c) ||
	    !loop_want(&c->sv->loop, &c->watch,
		       c->out_len || message(c) ? LOOP_OUT : LOOP_IN))
		caller_end(c);
}

static void ask(struct caller *c, size_t len)
{
	struct dns_query q;
	enum dns_verdict verdict = dns_read(&q, c->in + LENGTH, len);

	c->in_len -= LENGTH + len;
	memmove(c->in, c->in + LENGTH + len, c->in_len);
	if (verdict == DNS_DROP) {
		caller_end(c);
		return;
	}
	if (verdict == DNS_ANSWER) {
		answered_tcp(c, &q);
		return;
	}
	loop_disarm(&c->timer);
	if (!loop_want(&c->sv->loop, &c->watch, 0)) {
		caller_end(c);
		return;
	}
	c->waiting = true;
	lookup_start(c->sv, &q, answered_tcp, c);
}

static bool read_more(struct caller *c)
{
	ssize_t n = recv(c->watch.fd, c->in + c->in_len,
			 sizeof(c->in) - c->in_len, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->in_len += (size_t)n;
	return n > 0;
}

static void caller_ready(void *ctx, unsigned events)
{
	struct caller *c = ctx;
	size_t len;

	if (c->waiting || !flush(c)) { /* waiting: it is gone */
		caller_end(c);
		return;
	}
	if (c->out_len)
		return;
	if (!message(c) && (events & (LOOP_IN | LOOP_ERR | LOOP_HUP)) &&
	    !read_more(c)) {
		caller_end(c);
		return;
	}
	len = message(c);
	if (len && len != SIZE_MAX)
		ask(c, len);
	else if (len || !loop_want(&c->sv->loop, &c->watch, LOOP_IN))
		caller_end(c);
}

static void caller_late(void *ctx)
{
	caller_end(ctx);
}

static void caller_new(void *ctx, int fd)
{
	struct server *sv = ctx;
	struct caller *c = malloc(sizeof(*c));

	if (c) {
		memset(c, 0, sizeof(*c));
		loop_watch_init(&c->watch, caller_ready, c);
	}
	if (!c || !loop_add(&sv->loop, &c->watch, fd, LOOP_IN)) {
		free(c);
		(void)close(fd);
		return;
	}
	c->sv = sv;
	loop_timer_init(&c->timer, caller_late, c);
	loop_arm(&sv->loop, &c->timer, IDLE_MS);
	if (++sv->dns_clients >= SERVER_DNS_CLIENTS)
		listener_pause(&sv->dns, true);
}

static bool open_udp(struct server *sv, const struct endpoint *at)
{
	int fd = endpoint_bind(at, SOCK_DGRAM), os;

	if (fd < 0)
		return false;
	loop_watch_init(&sv->dns_udp, udp_ready, sv);
	if (loop_add(&sv->loop, &sv->dns_udp, fd, LOOP_IN))
		return true;
	os = errno;
	(void)close(fd);
	errno = os;
	return false;
}

bool stub_open(struct server *sv, uint16_t port)
{
	struct endpoint at;

	endpoint_loopback(&at, AF_INET, port);
	if (!listener_open(&sv->dns, &sv->loop, &at, caller_new, sv))
		return false;
	return endpoint_of(&at, sv->dns.watch.fd) && open_udp(sv, &at);
}
