/* SPDX-License-Identifier: MIT */
/*
 * tunnel.c - connecting by an upstream proxy.
 *
 * Its own addresses are the user's choice and not judged.  That it cannot be
 * reached is a general failure to the guest: of its target nothing is known.
 */
#include "proxy/upstream.h"

#include <errno.h>
#include <string.h>

#include "base/container.h"
#include "net/dial.h"

static void finish(struct tunnel *t, enum socks5_reply reply, const char *why)
{
	if (reply != SOCKS5_SUCCEEDED) {
		tunnel_cancel(t);
	} else {
		alarm_clear(&t->alarm);
		sock_listen_to(t->sock, NULL, NULL);
	}
	t->done(t, reply, why);
}

static void lost(struct tunnel *t)
{
	finish(t, SOCKS5_GENERAL_FAILURE, "the upstream proxy hung up");
}

static void talk(struct tunnel *t);

static void on_ready(void *ctx, unsigned what)
{
	(void)what;
	talk(ctx);
}

/* True when all of client.out is gone. */
static bool send_out(struct tunnel *t)
{
	while (t->sent < t->client.out_len) {
		struct span v = { t->client.out + t->sent,
				  t->client.out_len - t->sent };
		ptrdiff_t n = sock_write(t->sock, &v, 1);

		if (n == -EAGAIN) {
			sock_want(t->sock, SOCK_OUT);
			return false;
		}
		if (n <= 0) {
			lost(t);
			return false;
		}
		t->sent += (size_t)n;
	}
	return true;
}

/* What was eaten of early[] is gone, the rest moves up. */
static void eat(struct tunnel *t, size_t used)
{
	t->early_len -= used;
	memmove(t->early, t->early + used, t->early_len);
}

/* Feed what has come; false: nothing is to be sent, or it is over. */
static bool feed(struct tunnel *t)
{
	size_t used = 0;

	switch (socks5_client_feed(&t->client, t->early, t->early_len, &used)) {
	case SOCKS5_CLIENT_MORE:
		eat(t, used);
		sock_want(t->sock, SOCK_IN);
		return false;
	case SOCKS5_CLIENT_SEND:
		eat(t, used);
		t->sent = 0;
		return true;
	case SOCKS5_CLIENT_DONE:
		eat(t, used);
		finish(t, t->client.reply, "the upstream proxy refused");
		return false;
	case SOCKS5_CLIENT_BROKEN: break;
	}
	finish(t, SOCKS5_GENERAL_FAILURE,
	       "the upstream proxy does not want our login");
	return false;
}

/* The next bytes of the upstream; false: none now, or it is over. */
static bool receive(struct tunnel *t)
{
	struct span v = { t->early + t->early_len,
			  sizeof(t->early) - t->early_len };
	ptrdiff_t n = sock_read(t->sock, &v, 1);

	if (n == -EAGAIN) {
		sock_want(t->sock, SOCK_IN);
		return false;
	}
	if (n <= 0) {
		lost(t);
		return false;
	}
	t->early_len += (size_t)n;
	return true;
}

/* The client eats all that is its own, so early[] is empty until the end. */
static void talk(struct tunnel *t)
{
	do {
		if (!send_out(t) || (!t->early_len && !receive(t)))
			return;
	} while (feed(t));
}

static void dialed(void *ctx, struct sock *s, const struct addr *to, int os)
{
	struct tunnel *t = ctx;

	(void)to;
	t->dial = NULL;
	if (!s) {
		finish(t, SOCKS5_GENERAL_FAILURE,
		       os == ETIMEDOUT
			       ? "the upstream proxy does not answer"
			       : "cannot connect to the upstream proxy");
		return;
	}
	lookup_cancel(&t->lookup);
	t->sock = s;
	sock_listen_to(s, on_ready, t);
	talk(t);
}

static void found(struct lookup *l, const struct addr *a)
{
	struct tunnel *t = container_of(l, struct tunnel, lookup);
	struct addr at = *a;

	at.port = t->proxy->upstream->port;
	dial_offer(t->dial, &at);
}

static void looked(struct lookup *l, enum resolve_result result)
{
	struct tunnel *t = container_of(l, struct tunnel, lookup);

	(void)result; /* of no address the dial makes a failure */
	if (t->dial)
		dial_complete(t->dial);
}

static void too_late(struct alarm *a)
{
	finish(container_of(a, struct tunnel, alarm), SOCKS5_GENERAL_FAILURE,
	       "the upstream proxy took too long");
}

static int begin(struct tunnel *t)
{
	const struct dial_user user = { dialed, proxy_hook(t->proxy), t->proxy,
					t };
	struct proxy *p = t->proxy;
	struct addr ip;
	int rc;

	rc = dial_start(p->loop, &user, p->limits.dial_ms, &t->dial, NULL);
	if (rc)
		return rc;
	if (!addr_parse_ip(p->upstream->host, &ip))
		return lookup_name(&t->lookup, &p->lookups, p->upstream->host,
				   1u << ADDR_IPV4 | 1u << ADDR_IPV6, NULL);
	found(&t->lookup, &ip);
	dial_complete(t->dial);
	return 0;
}

void tunnel_start(struct tunnel *t, struct proxy *p,
		  const struct socks5_target *target)
{
	const struct upstream *u = p->upstream;
	struct socks5_login login = { NULL, NULL };

	if (u->has_login)
		login = (struct socks5_login){ u->user, u->password };
	t->proxy = p;
	t->dial = NULL;
	t->sock = NULL;
	t->early_len = t->sent = 0;
	t->lookup.all = NULL;
	t->lookup.found = found;
	t->lookup.done = looked;
	socks5_client_init(&t->client, &login, target);
	alarm_init(&t->alarm, &p->alarms, too_late);
	alarm_set(&t->alarm, p->limits.dial_ms);
	if (begin(t))
		finish(t, SOCKS5_GENERAL_FAILURE,
		       "no memory to connect to the upstream proxy");
}

void tunnel_cancel(struct tunnel *t)
{
	lookup_cancel(&t->lookup);
	alarm_clear(&t->alarm);
	if (t->dial)
		dial_cancel(t->dial);
	t->dial = NULL;
	if (t->sock)
		sock_close(t->sock, false);
	t->sock = NULL;
}
