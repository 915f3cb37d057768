/* SPDX-License-Identifier: MIT */
/* inquiry.c - lookups and verdicts.  Connects to nothing. */
#include "proxy/inquiry.h"

#include "base/container.h"

static bool is_open(const struct inquiry *q)
{
	return !list_is_empty(&q->question);
}

static bool allow(struct inquiry *q, const struct addr *a)
{
	q->given++;
	return q->allowed(q, a);
}

static void deny(struct inquiry *q, const struct addr *a, const char *why)
{
	if (q->denied++)
		return;
	q->why = why;
	if (a)
		q->first_denied = *a;
}

static void ask_later(struct inquiry *q)
{
	struct proxy *p = q->proxy;

	list_append(&p->questions, &q->question);
	q->since = uv_now(p->loop);
	alarm_set(&q->alarm, p->limits.ask_ms);
}

/* Ask for those that wait, as long as answers come at once.  False: gone. */
static bool ask(struct inquiry *q)
{
	struct proxy *p = q->proxy;
	char text[ADDR_TEXT];

	while (q->next < q->addrs && !is_open(q)) {
		const struct addr *a = &q->addr[q->next];
		microvm_flow view;

		q->flow->addr = *a;
		view = flow_view(q->flow, MICROVM_FLOW_ASKED, "", text);
		switch (p->cfg.ask(p->cfg.ask_ctx, &view)) {
		case MICROVM_ASK_LATER: ask_later(q); break;
		case MICROVM_ALLOW:
			q->next++;
			if (!allow(q, a->family == ADDR_NONE ? NULL : a))
				return false;
			break;
		case MICROVM_DENY:
		default: /* from outside: what we do not know is a no */
			q->next++;
			deny(q, a, "the answer was no");
			break;
		}
	}
	return true;
}

/* What the rules say of one; whom they say nothing of is asked for. */
static bool judge(struct inquiry *q, const struct addr *a)
{
	const char *name = q->flow->name[0] ? q->flow->name : NULL;
	struct policy_answer said;

	said = proxy_judge(q->proxy, name, a, q->flow->port);
	if (!said.by_rule && q->proxy->cfg.ask) {
		static const struct addr none = { .family = ADDR_NONE };

		if (q->addrs == INQUIRY_ADDRS)
			return true;
		q->addr[q->addrs++] = a ? *a : none;
		return ask(q);
	}
	if (said.verdict == POLICY_ALLOW)
		return allow(q, a);
	deny(q, a,
	     said.by_rule     ? "a rule denies it"
	     : said.name_only ? "the name leads to an address not public"
			      : "no rule allows it");
	return true;
}

static void check_over(struct inquiry *q)
{
	if (q->looking || is_open(q) || q->next < q->addrs)
		return;
	alarm_clear(&q->alarm);
	q->over(q);
}

static void found(struct lookup *l, const struct addr *a)
{
	struct inquiry *q = container_of(l, struct inquiry, lookup);
	struct addr at = *a;

	at.port = q->flow->port;
	(void)judge(q, &at); /* if it is gone, so is what called us */
}

static void looked(struct lookup *l, enum resolve_result result)
{
	struct inquiry *q = container_of(l, struct inquiry, lookup);

	q->looking = false;
	q->result = result;
	check_over(q);
}

/* The open question has its answer. */
static void answered(struct inquiry *q, bool yes, const char *why)
{
	const struct addr *a = &q->addr[q->next++];

	list_remove(&q->question);
	alarm_clear(&q->alarm);
	q->thought += uv_now(q->proxy->loop) - q->since;
	if (q->looking)
		alarm_set(&q->alarm, q->proxy->limits.dial_ms);
	if (!yes)
		deny(q, a, why);
	else if (!allow(q, a->family == ADDR_NONE ? NULL : a))
		return;
	if (ask(q))
		check_over(q);
}

void inquiry_answer(struct inquiry *q, enum microvm_verdict verdict)
{
	answered(q, verdict == MICROVM_ALLOW, "the answer was no");
}

static void too_late(struct alarm *a)
{
	struct inquiry *q = container_of(a, struct inquiry, alarm);

	if (is_open(q)) {
		answered(q, false, "nobody answered in time");
		return;
	}
	lookup_cancel(&q->lookup);
	q->looking = false;
	q->timed_out = true;
	check_over(q);
}

static void look_up(struct inquiry *q, unsigned families)
{
	q->lookup.found = found;
	q->lookup.done = looked;
	q->looking = true;
	alarm_set(&q->alarm, q->proxy->limits.dial_ms);
	if (lookup_name(&q->lookup, &q->proxy->lookups, q->flow->name, families,
			NULL))
		looked(&q->lookup, RESOLVE_FAILED);
}

void inquiry_start(struct inquiry *q, struct proxy *p, struct flow *flow,
		   const struct addr *literal, unsigned families)
{
	struct addr at = *literal;

	q->proxy = p;
	q->flow = flow;
	q->result = RESOLVE_OK;
	q->timed_out = q->looking = false;
	q->given = q->denied = q->addrs = q->next = 0;
	q->thought = 0;
	q->why = "";
	q->first_denied.family = ADDR_NONE;
	q->lookup.all = NULL;
	list_init(&q->question);
	alarm_init(&q->alarm, &p->alarms, too_late);
	if (flow->name[0] && !p->upstream) {
		look_up(q, families);
		return;
	}
	at.port = flow->port;
	if (judge(q, flow->name[0] ? NULL : &at))
		check_over(q);
}

void inquiry_cancel(struct inquiry *q)
{
	if (!q->proxy)
		return;
	lookup_cancel(&q->lookup);
	alarm_clear(&q->alarm);
	list_remove(&q->question);
	q->looking = false;
}

enum socks5_reply inquiry_failed(struct inquiry *q)
{
	struct flow *f = q->flow;

	f->addr = q->first_denied;
	if (q->denied) {
		flow_tell(f, q->proxy, MICROVM_FLOW_DENIED, q->why);
		return SOCKS5_NOT_ALLOWED;
	}
	if (q->timed_out) {
		flow_tell(f, q->proxy, MICROVM_FLOW_FAILED,
			  "the resolver took too long");
		return SOCKS5_TTL_EXPIRED;
	}
	if (q->result == RESOLVE_FAILED) {
		flow_tell(f, q->proxy, MICROVM_FLOW_FAILED,
			  "the resolver does not work now");
		return SOCKS5_GENERAL_FAILURE;
	}
	flow_tell(f, q->proxy, MICROVM_FLOW_FAILED,
		  q->result == RESOLVE_NO_NAME ? "no such name"
					       : "the name has no address");
	return SOCKS5_HOST_UNREACHABLE;
}
