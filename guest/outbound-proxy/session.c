/* SPDX-License-Identifier: MIT */
/* session.c - one client of port 1080. */
#include "guest/outbound-proxy/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/common/bridge.h"
#include "guest/outbound-proxy/assoc.h"
#include "guest/outbound-proxy/dial.h"
#include "guest/outbound-proxy/follow.h"
#include "guest/outbound-proxy/http.h"

/* The ends of the bridge. */
enum { CLIENT, HOST };

/* What an HTTP client said. */
struct head {
	struct http_scan scan;
	struct http_request request;
	size_t len; /* bytes in `text` */
	uint8_t text[HTTP_HEAD_MAX];
};

struct session {
	struct server *sv;
	struct loop_watch watch; /* the client, until there is a bridge */
	struct loop_timer timer;
	struct dial dial;
	struct bridge bridge;
	struct follow follow;
	struct head *head;
	struct assoc *assoc;
	/* What to do when the client has something to say; NULL: wait. */
	void (*heard)(struct session *s);
};

static void session_free(struct session *s)
{
	struct server *sv = s->sv;
	int fd = loop_remove(&sv->loop, &s->watch), i;

	if (fd >= 0)
		(void)close(fd);
	loop_disarm(&s->timer);
	dial_cancel(&s->dial);
	free(s->head);
	free(s);
	sv->sessions--;
	for (i = 0; i < SERVER_LISTENERS; i++)
		listener_pause(&sv->clients[i], false);
}

static void assoc_over(void *ctx)
{
	session_free(ctx);
}

static void take_over(struct session *s)
{
	struct assoc *a = s->assoc;
	int fd[2];

	bridge_detach(&s->bridge, fd);
	s->assoc = NULL;
	assoc_start(a, fd[CLIENT], fd[HOST], assoc_over, s);
}

static void bridge_over(void *ctx, enum bridge_why why)
{
	struct session *s = ctx;

	if (why == BRIDGE_TAKEN) {
		take_over(s);
		return;
	}
	if (s->assoc)
		assoc_free(s->assoc);
	session_free(s);
}

/* False: the session is no more. */
static bool start_bridge(struct session *s, int host,
			 bool (*tap)(void *, unsigned, const uint8_t *, size_t))
{
	const struct bridge_user user = { tap, bridge_over, s };
	int fd = loop_remove(&s->sv->loop, &s->watch);

	loop_disarm(&s->timer);
	if (bridge_start(&s->bridge, &s->sv->loop, fd, host, &user))
		return true;
	session_free(s);
	return false;
}

/* Refusals: some last words, and time to read them. */

static void drop_input(struct session *s)
{
	ssize_t n = recv(s->watch.fd, s->sv->loop.scratch, LOOP_SCRATCH, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		session_free(s);
}

static void part(struct session *s, const void *words, size_t len)
{
	/* A few bytes to an empty buffer; who is gone misses nothing. */
	(void)send(s->watch.fd, words, len, MSG_NOSIGNAL);
	(void)shutdown(s->watch.fd, SHUT_WR);
	s->heard = drop_input;
	loop_arm(&s->sv->loop, &s->timer, SERVER_LINGER_MS);
	if (!loop_want(&s->sv->loop, &s->watch, LOOP_IN))
		session_free(s);
}

static void part_http(struct session *s, unsigned status)
{
	char text[512];

	part(s, text, http_refusal(text, sizeof(text), status));
}

/* The client waits for our dial; only its end is of interest. */
static void wait_for_dial(struct session *s)
{
	s->heard = NULL;
	loop_disarm(&s->timer);
	if (!loop_want(&s->sv->loop, &s->watch, 0))
		session_free(s);
}

/* SOCKS */

/* The reply, with the address of our own socket for datagrams. */
static void push_assoc_reply(struct session *s)
{
	uint8_t p[SOCKS_MESSAGE_MAX] = { SOCKS_VERSION, SOCKS_SUCCEEDED };
	struct sockaddr_in6 a6;
	struct sockaddr_in a4;
	struct endpoint at;
	size_t len;

	assoc_addr(s->assoc, &at);
	if (at.sa.ss_family == AF_INET) {
		memcpy(&a4, &at.sa, sizeof(a4));
		p[3] = SOCKS_IPV4;
		memcpy(p + 4, &a4.sin_addr, 4);
		memcpy(p + 8, &a4.sin_port, 2);
		len = 10;
	} else {
		memcpy(&a6, &at.sa, sizeof(a6));
		p[3] = SOCKS_IPV6;
		memcpy(p + 4, &a6.sin6_addr, 16);
		memcpy(p + 20, &a6.sin6_port, 2);
		len = 22;
	}
	bridge_push(&s->bridge, HOST, p, len);
}

/* The host has associated.  False: we cannot, and tell the client. */
static bool associate(struct session *s, const uint8_t *rest, size_t len)
{
	s->assoc = assoc_new(&s->sv->loop, s->bridge.end[CLIENT].watch.fd);
	if (s->assoc && assoc_push(s->assoc, rest, len)) {
		push_assoc_reply(s);
		return true;
	}
	s->follow.reply[1] = SOCKS_FAILED;
	return false;
}

/* The handshake is over, or not understood: a plain bridge from now on. */
static void stop_following(struct session *s)
{
	const struct follow *f = &s->follow;

	s->bridge.user.tap = NULL;
	/* The host closes after a refusal: that is an end, not a failure. */
	s->bridge.gentle =
		f->client != CLIENT_LOST &&
		!(f->host == HOST_DONE && f->reply[1] == SOCKS_SUCCEEDED);
}

static size_t reply_heard(const struct follow *f)
{
	return f->host == HOST_METHOD || f->host == HOST_LOGIN ? 0
							       : f->reply_len;
}

/* Of a reply about UDP nothing goes on before all of it is here. */
static bool host_said(struct session *s, const uint8_t *p, size_t len)
{
	struct follow *f = &s->follow;
	bool udp = f->cmd == SOCKS_UDP_ASSOCIATE;
	size_t held = reply_heard(f), used;

	used = follow_host(f, p, len);
	held = udp ? reply_heard(f) - held : 0;
	bridge_push(&s->bridge, HOST, p, used - held);
	if (f->host != HOST_DONE && f->host != HOST_LOST)
		return false;
	if (udp && f->host == HOST_DONE && f->reply[1] == SOCKS_SUCCEEDED &&
	    associate(s, p + used, len - used))
		return true;
	if (udp)
		bridge_push(&s->bridge, HOST, f->reply, f->reply_len);
	bridge_push(&s->bridge, HOST, p + used, len - used);
	stop_following(s);
	return false;
}

static bool socks_tap(void *ctx, unsigned from, const uint8_t *p, size_t len)
{
	struct session *s = ctx;

	if (from == HOST)
		return host_said(s, p, len);
	follow_client(&s->follow, p, len);
	bridge_push(&s->bridge, CLIENT, p, len);
	if (s->follow.client == CLIENT_LOST)
		stop_following(s);
	return false;
}

/* Nobody at the host answers: be a server that refuses everything. */
static void refuse_socks(struct session *s)
{
	static const uint8_t no_login[] = { SOCKS_VERSION, SOCKS_NO_LOGIN };
	static const uint8_t no_method[] = { SOCKS_VERSION, SOCKS_NO_METHOD };
	static const uint8_t failed[] = {
		SOCKS_VERSION, SOCKS_FAILED, 0, SOCKS_IPV4, 0, 0, 0, 0, 0, 0
	};
	struct follow *f = &s->follow;
	bool greeted = f->client != CLIENT_GREETING;
	uint8_t *p = s->sv->loop.scratch;
	ssize_t n = recv(s->watch.fd, p, LOOP_SCRATCH, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		session_free(s);
		return;
	}
	follow_client(f, p, (size_t)n);
	if (!greeted && f->client != CLIENT_GREETING && f->no_login)
		(void)send(s->watch.fd, no_login, 2, MSG_NOSIGNAL);
	if (f->client == CLIENT_DONE)
		part(s, failed, sizeof(failed));
	else if (f->client != CLIENT_GREETING && !f->no_login)
		part(s, no_method, sizeof(no_method));
	else if (f->client == CLIENT_LOST)
		part(s, "", 0);
}

static void begin_refusal(struct session *s)
{
	s->heard = refuse_socks;
	loop_arm(&s->sv->loop, &s->timer, SERVER_HEAD_MS);
	if (!loop_want(&s->sv->loop, &s->watch, LOOP_IN))
		session_free(s);
}

static void socks_dialled(void *ctx, int fd, enum socks_reply why)
{
	struct session *s = ctx;

	(void)why;
	if (fd < 0) {
		begin_refusal(s);
		return;
	}
	if (!start_bridge(s, fd, socks_tap))
		return;
	s->bridge.gentle = true;
	bridge_go(&s->bridge);
}

static void start_socks(struct session *s)
{
	follow_init(&s->follow);
	if (dial_start(&s->dial, &s->sv->loop, &s->sv->host, NULL,
		       SERVER_DIAL_MS, socks_dialled, s))
		wait_for_dial(s);
	else
		begin_refusal(s);
}

/* HTTP */

static void http_dialled(void *ctx, int fd, enum socks_reply why)
{
	static const char good[] =
		"HTTP/1.1 200 Connection established\r\n\r\n";
	struct session *s = ctx;
	struct head *h = s->head;
	const struct http_request *r = &h->request;
	size_t rest = h->len - h->scan.len;

	if (fd < 0) {
		part_http(s, http_status(why));
		return;
	}
	if (!start_bridge(s, fd, NULL))
		return;
	if (r->connect) {
		bridge_push(&s->bridge, HOST, (const uint8_t *)good,
			    sizeof(good) - 1);
	} else {
		/* A second request would go to the first one's server. */
		rest = rest < r->body ? rest : (size_t)r->body;
		bridge_push(&s->bridge, CLIENT, (const uint8_t *)r->out,
			    r->out_len);
		if (r->body != UINT64_MAX)
			s->bridge.end[CLIENT].left = r->body - rest;
	}
	bridge_push(&s->bridge, CLIENT, h->text + h->scan.len, rest);
	free(s->head);
	s->head = NULL;
	bridge_go(&s->bridge);
}

/* An address in digits goes as one: the host's rules may be about them. */
static void http_target(const struct http_request *r, struct ask_target *to,
			uint8_t ip[static 16])
{
	to->cmd = SOCKS_CONNECT;
	to->port = r->port;
	to->addr = ip;
	if (inet_pton(AF_INET, r->host, ip) == 1) {
		to->atyp = SOCKS_IPV4;
		to->len = 4;
	} else if (inet_pton(AF_INET6, r->host, ip) == 1) {
		to->atyp = SOCKS_IPV6;
		to->len = 16;
	} else {
		to->atyp = SOCKS_NAME;
		to->addr = (const uint8_t *)r->host;
		to->len = strlen(r->host);
	}
}

static void start_http_dial(struct session *s)
{
	struct head *h = s->head;
	struct ask_target to;
	unsigned status;
	uint8_t ip[16];

	status = http_parse(&h->request, (char *)h->text, h->scan.len);
	if (status) {
		part_http(s, status);
		return;
	}
	http_target(&h->request, &to, ip);
	if (dial_start(&s->dial, &s->sv->loop, &s->sv->host, &to,
		       SERVER_DIAL_MS, http_dialled, s))
		wait_for_dial(s);
	else
		part_http(s, 502);
}

static void read_head(struct session *s)
{
	struct head *h = s->head;
	bool ended;
	ssize_t n;

	n = recv(s->watch.fd, h->text + h->len, sizeof(h->text) - h->len, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		session_free(s);
		return;
	}
	(void)http_scan(&h->scan, h->text + h->len, (size_t)n, &ended);
	h->len += (size_t)n;
	if (ended)
		start_http_dial(s);
	else if (h->len == sizeof(h->text))
		part_http(s, 431);
}

static void start_http(struct session *s)
{
	s->head = malloc(sizeof(*s->head));
	if (!s->head) {
		session_free(s);
		return;
	}
	memset(&s->head->scan, 0, sizeof(s->head->scan));
	s->head->len = 0;
	s->heard = read_head;
	read_head(s);
}

/* The first byte, which stays where it is. */
static void first_byte(struct session *s)
{
	uint8_t byte;
	ssize_t n = recv(s->watch.fd, &byte, 1, MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 1 && byte == SOCKS_VERSION)
		start_socks(s);
	else if (n == 1 && (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
		start_http(s);
	else
		session_free(s);
}

static void ready(void *ctx, unsigned events)
{
	struct session *s = ctx;

	(void)events;
	if (s->heard)
		s->heard(s);
	else /* only its end was asked for */
		session_free(s);
}

static void late(void *ctx)
{
	struct session *s = ctx;

	if (s->heard == read_head)
		part_http(s, 408);
	else
		session_free(s);
}

void session_new(void *ctx, int fd)
{
	struct server *sv = ctx;
	struct session *s = calloc(1, sizeof(*s));
	int i;

	if (s)
		loop_watch_init(&s->watch, ready, s);
	if (!s || !loop_add(&sv->loop, &s->watch, fd, LOOP_IN)) {
		free(s);
		(void)close(fd);
		return;
	}
	s->sv = sv;
	s->heard = first_byte;
	loop_timer_init(&s->timer, late, s);
	loop_arm(&sv->loop, &s->timer, SERVER_HEAD_MS);
	if (++sv->sessions >= SERVER_SESSIONS)
		for (i = 0; i < SERVER_LISTENERS; i++)
			listener_pause(&sv->clients[i], true);
	first_byte(s); /* is often here with the connection */
}
