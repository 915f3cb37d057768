/* SPDX-License-Identifier: MIT */
/* query.c - answering RESOLVE and RESOLVE_PTR.  Connects to nothing. */
#include "proxy/query.h"

#include "base/container.h"

static void answer(struct query *q, const struct addr *a, const char *name)
{
	flow_tell(q->flow, q->proxy, MICROVM_FLOW_OPENED, "");
	flow_tell(q->flow, q->proxy, MICROVM_FLOW_ENDED, "answered");
	q->done(q, SOCKS5_SUCCEEDED, a, name);
}

static void refuse(struct query *q, enum socks5_reply reply, const char *why)
{
	flow_tell(q->flow, q->proxy, MICROVM_FLOW_FAILED, why);
	q->done(q, reply, NULL, NULL);
}

static void named(struct lookup *l, const char *name)
{
	struct query *q = container_of(l, struct query, lookup);

	alarm_clear(&q->alarm);
	answer(q, NULL, name);
}

static void unnamed(struct lookup *l, enum resolve_result result)
{
	struct query *q = container_of(l, struct query, lookup);

	alarm_clear(&q->alarm);
	if (result == RESOLVE_FAILED)
		refuse(q, SOCKS5_GENERAL_FAILURE,
		       "the resolver does not work now");
	else
		refuse(q, SOCKS5_HOST_UNREACHABLE, "the address has no name");
}

static void too_late(struct alarm *a)
{
	struct query *q = container_of(a, struct query, alarm);

	lookup_cancel(&q->lookup);
	refuse(q, SOCKS5_TTL_EXPIRED, "the resolver took too long");
}

static void look_up(struct query *q, const struct addr *a)
{
	struct addr bare = *a;

	bare.port = 0;
	q->lookup.named = named;
	q->lookup.done = unnamed;
	alarm_set(&q->alarm, q->proxy->limits.dial_ms);
	if (lookup_addr(&q->lookup, &q->proxy->lookups, &bare, NULL))
		unnamed(&q->lookup, RESOLVE_FAILED);
}

static bool is_typed(const struct query *q)
{
	return q->type == QUERY_A || q->type == QUERY_AAAA;
}

static bool is_wanted(const struct query *q, const struct addr *a)
{
	if (q->second && is_typed(q))
		return false; /* it only shows that there is such a name */
	return q->reverse || q->family == ADDR_NONE || a->family == q->family;
}

static bool allowed(struct inquiry *i, const struct addr *a)
{
	struct query *q = container_of(i, struct query, inquiry);
	struct addr at = *a;

	if (!is_wanted(q, a))
		return true; /* over() will tell that it is not of that kind */
	inquiry_cancel(i);
	q->flow->addr = at;
	if (q->reverse)
		look_up(q, &at);
	else
		answer(q, &at, NULL);
	return false;
}

static void over(struct inquiry *i);

static void seek(struct query *q, enum addr_family family)
{
	q->family = (uint8_t)family;
	q->inquiry.allowed = allowed;
	q->inquiry.over = over;
	inquiry_start(&q->inquiry, q->proxy, q->flow, &q->literal,
		      1u << family);
}

static void seek_other(struct query *q)
{
	q->second = true;
	seek(q, q->family == ADDR_IPV4 ? ADDR_IPV6 : ADDR_IPV4);
}

/* The name is there, and none that was allowed was of the kind wanted. */
static bool has_none(const struct inquiry *i)
{
	return !i->denied && !i->timed_out &&
	       (i->given || i->result == RESOLVE_NO_ADDRESS);
}

static bool is_worth_another(const struct query *q, const struct inquiry *i)
{
	if (q->second || i->denied || i->timed_out)
		return false;
	if (!i->given && i->result == RESOLVE_NO_NAME)
		return true;
	return has_none(i) && !is_typed(q) && q->family == ADDR_IPV4;
}

static void over(struct inquiry *i)
{
	struct query *q = container_of(i, struct query, inquiry);

	if (is_worth_another(q, i))
		seek_other(q);
	else if (has_none(i) && q->type == QUERY_A)
		refuse(q, SOCKS5_ADDRESS_NOT_SUPPORTED,
		       "the name has no IPv4 address");
	else if (has_none(i) && q->type == QUERY_AAAA)
		refuse(q, SOCKS5_ADDRESS_NOT_SUPPORTED,
		       "the name has no IPv6 address");
	else
		q->done(q, inquiry_failed(i), NULL, NULL);
}

void query_start(struct query *q, struct proxy *p, struct flow *flow,
		 const struct socks5_target *target, bool reverse)
{
	bool any =
		target->addr.port != QUERY_A && target->addr.port != QUERY_AAAA;

	q->proxy = p;
	q->flow = flow;
	q->literal = target->addr;
	q->type = target->addr.port;
	q->reverse = reverse;
	q->second = false;
	q->lookup.all = NULL;
	alarm_init(&q->alarm, &p->alarms, too_late);
	if (reverse && target->name[0]) {
		q->inquiry.proxy = NULL;
		refuse(q, SOCKS5_ADDRESS_NOT_SUPPORTED,
		       "a name has no name to look up");
		return;
	}
	/* An address that is asked for either way is its own answer. */
	if (any && !target->name[0])
		seek(q, (enum addr_family)target->addr.family);
	else
		seek(q, q->type == QUERY_AAAA ? ADDR_IPV6 : ADDR_IPV4);
}

void query_cancel(struct query *q)
{
	inquiry_cancel(&q->inquiry);
	lookup_cancel(&q->lookup);
	alarm_clear(&q->alarm);
}
