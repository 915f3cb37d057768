/* SPDX-License-Identifier: MIT */
/* lookup.c - the answer to one question to the name server, from the host. */
#include "guest/outbound-proxy/lookup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/outbound-proxy/dial.h"

struct lookup {
	struct server *sv;
	struct dial dial;
	struct dns_query query;
	lookup_fn *done;
	void *ctx;
};

static enum dns_rcode rcode_of(enum socks_reply reply)
{
	switch (reply) {
	case SOCKS_SUCCEEDED:
	case SOCKS_NO_ADDRESS: return DNS_NOERROR;
	case SOCKS_HOST_UNREACHABLE: return DNS_NXDOMAIN;
	case SOCKS_DENIED: return DNS_REFUSED;
	case SOCKS_FAILED:
	case SOCKS_NET_UNREACHABLE:
	case SOCKS_REFUSED:
	case SOCKS_TIMED_OUT:
	case SOCKS_NO_COMMAND: break;
	}
	return DNS_SERVFAIL;
}

/* What the host told, as far as it is an answer to the question. */
static void take_answer(struct dns_query *q, const struct ask *a)
{
	q->addr_len = 0;
	if (q->type == DNS_PTR) {
		if (a->atyp != SOCKS_NAME ||
		    !dns_set_name(q, a->bound, a->bound_len))
			q->rcode = DNS_NXDOMAIN;
	} else if (a->atyp != SOCKS_NAME) {
		memcpy(q->addr, a->bound, a->bound_len);
		q->addr_len = a->bound_len;
	}
}

static void dialled(void *ctx, int fd, enum socks_reply why)
{
	struct lookup *l = ctx;
	struct dns_query *q = &l->query;

	if (fd >= 0)
		(void)close(fd); /* one answer is all it is good for */
	q->rcode = rcode_of(why);
	if (q->type == DNS_PTR)
		q->name_len = 0;
	if (why == SOCKS_SUCCEEDED)
		take_answer(q, &l->dial.ask);
	l->sv->lookups--;
	l->done(l->ctx, q);
	free(l);
}

static void fail(const struct dns_query *q, lookup_fn *done, void *ctx)
{
	struct dns_query failed = *q;

	failed.rcode = DNS_SERVFAIL;
	done(ctx, &failed);
}

void lookup_start(struct server *sv, const struct dns_query *q, lookup_fn *done,
		  void *ctx)
{
	struct lookup *l = NULL;
	struct ask_target to = { .cmd = SOCKS_RESOLVE, .port = q->type };

	if (sv->lookups < SERVER_LOOKUPS)
		l = malloc(sizeof(*l));
	if (!l) {
		fail(q, done, ctx);
		return;
	}
	l->sv = sv;
	l->query = *q;
	l->done = done;
	l->ctx = ctx;
	if (q->type == DNS_PTR) {
		to.cmd = SOCKS_RESOLVE_PTR;
		to.port = 0;
		to.atyp = q->addr_len == 4 ? SOCKS_IPV4 : SOCKS_IPV6;
		to.addr = q->addr;
		to.len = q->addr_len;
	} else {
		to.atyp = SOCKS_NAME;
		to.addr = (const uint8_t *)q->name;
		to.len = q->name_len;
	}
	if (!dial_start(&l->dial, &sv->loop, &sv->host, &to, SERVER_LOOKUP_MS,
			dialled, l)) {
		free(l);
		fail(q, done, ctx);
		return;
	}
	sv->lookups++;
}
