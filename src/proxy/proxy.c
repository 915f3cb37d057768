/* SPDX-License-Identifier: MIT */
/* proxy.c - one VM's proxy: what its sessions share, and how many there may
 * be.  Speaks no protocol. */
#include "proxy/proxy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"
#include "proxy/inquiry.h"
#include "proxy/session.h"

enum {
	HOST_MS = 5000, /* for which the host's own addresses are believed */
	TOKEN = 1000,   /* a session that may come; see struct proxy */
};

const struct proxy_limits proxy_limits_default = {
	.sessions = PROXY_SESSIONS,
	.lookups = PROXY_LOOKUPS,
	.rate = PROXY_RATE,
	.burst = PROXY_BURST,
	.udp_peers = PROXY_UDP_PEERS,
	.handshake_ms = PROXY_HANDSHAKE_MS,
	.dial_ms = PROXY_DIAL_MS,
	.ask_ms = PROXY_ASK_MS,
	.half_ms = PROXY_HALF_MS,
	.udp_ms = PROXY_UDP_MS,
};

/* ---- life --------------------------------------------------------------- */

static void free_parts(struct proxy *p)
{
	policy_fini(&p->policy);
	free(p->user);
	free(p->password);
	free(p->upstream);
	free(p->host);
	free(p->datagram);
	free(p);
}

static int copy(char **to, const char *from, mv_error *err)
{
	if (!from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : fail(err, MICROVM_ENOMEM, "no memory for a login");
}

static int copy_config(struct proxy *p, const struct proxy_config *cfg,
		       mv_error *err)
{
	int rc = policy_copy(&p->policy, cfg->policy, err);

	if (!rc)
		rc = copy(&p->user, cfg->login.user, err);
	if (!rc)
		rc = copy(&p->password, cfg->login.password, err);
	if (rc || !cfg->upstream)
		return rc;
	p->upstream = calloc(1, sizeof(*p->upstream));
	if (!p->upstream)
		return fail(err, MICROVM_ENOMEM, "no memory for a proxy");
	return upstream_parse(p->upstream, cfg->upstream, err);
}

int proxy_new_limited(uv_loop_t *loop, const struct proxy_config *cfg,
		      const struct proxy_limits *limits, struct proxy **out,
		      mv_error *err)
{
	struct proxy *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return fail(err, MICROVM_ENOMEM, "no memory for a proxy");
	p->loop = loop;
	p->limits = *limits;
	p->cfg = *cfg;
	rc = copy_config(p, cfg, err);
	if (rc) {
		free_parts(p);
		return rc;
	}
	p->cfg.policy = &p->policy;
	p->cfg.login = (struct socks5_login){ p->user, p->password };
	p->cfg.upstream = NULL; /* in p->upstream now */
	p->tokens = (uint64_t)limits->burst * TOKEN;
	p->tokens_at = uv_now(loop);
	list_init(&p->sessions);
	list_init(&p->questions);
	lookups_init(&p->lookups, loop, limits->lookups);
	alarms_init(&p->alarms, loop);
	*out = p;
	return 0;
}

int proxy_new(uv_loop_t *loop, const struct proxy_config *cfg,
	      struct proxy **out, mv_error *err)
{
	return proxy_new_limited(loop, cfg, &proxy_limits_default, out, err);
}

static void on_closed(uv_handle_t *timer)
{
	struct alarms *all = container_of(timer, struct alarms, timer);

	free_parts(container_of(all, struct proxy, alarms));
}

void proxy_free(struct proxy *p)
{
	if (!p)
		return;
	assert(list_is_empty(&p->sessions));
	alarms_close(&p->alarms, on_closed);
}

/* ---- sessions ----------------------------------------------------------- */

static bool take_token(struct proxy *p)
{
	uint64_t now = uv_now(p->loop),
		 full = (uint64_t)p->limits.burst * TOKEN;
	uint64_t gone = now - p->tokens_at;

	/* Tokens are thousandths and time is in ms: the rate is both's. */
	p->tokens = p->limits.rate && gone >= full / p->limits.rate
			    ? full
			    : min_u64(full, p->tokens + gone * p->limits.rate);
	p->tokens_at = now;
	if (p->tokens < TOKEN)
		return false;
	p->tokens -= TOKEN;
	return true;
}

struct stream *proxy_accept(struct proxy *p)
{
	struct session *s;

	if (p->stats.open >= p->limits.sessions || !take_token(p) ||
	    session_new(p, &s, NULL)) {
		p->stats.over_limit++;
		return NULL;
	}
	p->stats.sessions++;
	return &s->relay.stream;
}

void proxy_stats(const struct proxy *p, struct proxy_stats *out)
{
	struct list *n;

	*out = p->stats;
	for (n = p->sessions.next; n != &p->sessions; n = n->next) {
		struct session *s = container_of(n, struct session, node);
		uint64_t bytes[2];

		session_bytes(s, bytes);
		out->bytes[0] += bytes[0];
		out->bytes[1] += bytes[1];
	}
}

/* ---- verdicts ----------------------------------------------------------- */

int proxy_answer(struct proxy *p, uint64_t flow, enum microvm_verdict verdict,
		 mv_error *err)
{
	struct list *n;

	if (verdict != MICROVM_ALLOW && verdict != MICROVM_DENY)
		return fail(err, MICROVM_EINVAL,
			    "the answer is neither to allow nor to deny");
	for (n = p->questions.next; n != &p->questions; n = n->next) {
		struct inquiry *q = container_of(n, struct inquiry, question);

		if (q->flow->id == flow) {
			inquiry_answer(q, verdict);
			return 0;
		}
	}
	return fail(err, MICROVM_ESTATE,
		    "flow %llu does not wait for an answer",
		    (unsigned long long)flow);
}

/* False: the host does not say what its addresses are. */
static bool look_at_host(struct proxy *p)
{
	struct host_addr *host;
	unsigned n;

	if (p->host_until && uv_now(p->loop) < p->host_until)
		return true;
	if (!host_addr_list(&host, &n))
		return false;
	free(p->host);
	p->host = host;
	p->hosts = n;
	p->host_until = uv_now(p->loop) + HOST_MS;
	return true;
}

struct policy_answer proxy_judge(struct proxy *p, const char *name,
				 const struct addr *a, uint16_t port)
{
	struct policy_host host;

	if (!a)
		return policy_judge_name(&p->policy, name, port);
	/* Not to know one's own addresses protects nobody. */
	if (!look_at_host(p))
		return (struct policy_answer){ .verdict = POLICY_DENY,
					       .by_rule = true };
	host = (struct policy_host){ p->host, p->hosts };
	return policy_judge(&p->policy, name, a, &host);
}

/* ---- hooks -------------------------------------------------------------- */

static bool hook(void *ctx, int fd, const struct addr *to)
{
	const struct proxy *p = ctx;

	(void)to;
	return p->cfg.hook(p->cfg.hook_ctx, fd) == 0;
}

sock_hook_fn *proxy_hook(const struct proxy *p)
{
	return p->cfg.hook ? hook : NULL;
}

const char *proxy_words(int os)
{
	return uv_strerror(uv_translate_sys_error(os));
}
