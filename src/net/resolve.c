/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - from a name to addresses, by the host's resolver.
 *
 * One getaddrinfo() a family, so that a slow answer for one does not hold up
 * the other.  Without AI_ADDRCONFIG: on a host with loopback alone it would
 * hide the addresses of "localhost", and an address that cannot be reached
 * costs one connect() that fails at once.
 */
#include "net/resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "os/sockaddr.h"

enum {
	NAME_MAX_LEN = 253,    /* RFC 1035, 2.3.4, as text */
	FOUND_MAX = 64,        /* of each family; a name may have thousands */
	RESOLUTION_DELAY = 50, /* ms; RFC 8305, 3 */
};

/* The lookup of one family. */
struct query {
	uv_getaddrinfo_t req;
	bool wanted, over;
	enum resolve_result result;
};

struct resolve {
	struct query six, four;
	uv_getnameinfo_t name_req;
	uv_timer_t delay;      /* until IPv4 need not wait for IPv6 */
	struct addrinfo *held; /* of IPv4, meanwhile */
	unsigned holds;        /* by the loop and its threads */
	bool cancelled;
	struct resolve_user user;
	void (*name_done)(void *ctx, enum resolve_result result,
			  const char *name);
};

static void let_go(struct resolve *r)
{
	if (--r->holds)
		return;
	uv_freeaddrinfo(r->held);
	free(r);
}

static void on_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

/* Nobody is told any more; it goes when the OS has let go of it. */
static void leave(struct resolve *r)
{
	r->cancelled = true;
	uv_close((uv_handle_t *)&r->delay, on_closed);
}

static enum resolve_result result_of(int status)
{
	switch (status) {
	case 0: return RESOLVE_OK;
	case UV_EAI_NONAME: return RESOLVE_NO_NAME;
	case UV_EAI_NODATA:
	case UV_EAI_ADDRFAMILY:
	case UV_EAI_FAMILY: return RESOLVE_NO_ADDRESS;
	default: return RESOLVE_FAILED;
	}
}

/* True: there was one, or the user has left meanwhile. */
static bool give(struct resolve *r, const struct addrinfo *ai)
{
	unsigned n = 0;

	for (; ai && n < FOUND_MAX && !r->cancelled; ai = ai->ai_next) {
		struct addr a;

		if (!sockaddr_to_addr(ai->ai_addr, &a))
			continue;
		a.port = 0;
		n++;
		r->user.found(r->user.ctx, &a); /* may cancel */
	}
	return n || r->cancelled;
}

static void give_held(struct resolve *r)
{
	struct addrinfo *ai = r->held;

	(void)uv_timer_stop(&r->delay); /* cannot fail */
	r->held = NULL;
	if (ai && !give(r, ai))
		r->four.result = RESOLVE_NO_ADDRESS;
	uv_freeaddrinfo(ai);
}

static void on_delay(uv_timer_t *delay)
{
	give_held(delay->data);
}

/* Of both.  One that failed may have had what the other says is not there. */
static enum resolve_result verdict(const struct resolve *r)
{
	const struct query *q[] = { &r->six, &r->four };
	bool seen[RESOLVE_FAILED + 1] = { false };
	size_t i;

	for (i = 0; i < 2; i++)
		if (q[i]->wanted)
			seen[q[i]->result] = true;
	if (seen[RESOLVE_OK])
		return RESOLVE_OK;
	if (seen[RESOLVE_FAILED])
		return RESOLVE_FAILED;
	return seen[RESOLVE_NO_ADDRESS] ? RESOLVE_NO_ADDRESS : RESOLVE_NO_NAME;
}

static bool is_over(const struct query *q)
{
	return q->over || !q->wanted;
}

static void on_answer(uv_getaddrinfo_t *req, int status, struct addrinfo *ai)
{
	struct resolve *r = req->data;
	struct query *q = req == &r->six.req ? &r->six : &r->four;

	if (r->cancelled) {
		uv_freeaddrinfo(ai);
		let_go(r);
		return;
	}
	q->over = true;
	q->result = result_of(status);
	if (q == &r->four) {
		r->held = ai;
		if (ai && !is_over(&r->six))
			(void)uv_timer_start(&r->delay, on_delay,
					     RESOLUTION_DELAY, 0);
	} else {
		if (ai && !give(r, ai))
			q->result = RESOLVE_NO_ADDRESS;
		uv_freeaddrinfo(ai);
	}
	if (!r->cancelled && is_over(&r->six))
		give_held(r);
	if (!r->cancelled && is_over(&r->six) && is_over(&r->four)) {
		enum resolve_result result = verdict(r);

		leave(r);
		r->user.done(r->user.ctx, result);
	}
	let_go(r);
}

static struct resolve *alloc(uv_loop_t *loop, mv_error *err)
{
	struct resolve *r = calloc(1, sizeof(*r));

	if (!r) {
		(void)fail(err, MICROVM_ENOMEM, "no memory for a lookup");
		return NULL;
	}
	(void)uv_timer_init(loop, &r->delay); /* cannot fail */
	r->delay.data = r;
	r->holds = 1;
	return r;
}

/*
 * RFC 6761, 6.3: "localhost" and what is below it is this host, whatever its
 * hosts file or a server of names may say, and nobody is asked.
 */
static bool is_localhost(const char *name)
{
	static const char word[] = "localhost";
	size_t n = sizeof(word) - 1, len = strlen(name);

	if (len && name[len - 1] == '.')
		len--;
	if (len < n || strncasecmp(name + len - n, word, n) != 0)
		return false;
	return len == n || name[len - n - 1] == '.';
}

static int ask(struct resolve *r, struct query *q, const char *name, int family)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = SOCK_STREAM };
	int rc;

	if (is_localhost(name))
		name = family == AF_INET6 ? "::1" : "127.0.0.1";
	q->req.data = r;
	rc = uv_getaddrinfo(r->delay.loop, &q->req, on_answer, name, NULL,
			    &hints);
	if (rc)
		return rc;
	q->wanted = true;
	r->holds++;
	return 0;
}

/* What the resolver would take for something else, or stumble over. */
static bool is_name(const char *name)
{
	size_t len = strlen(name);
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f)
			return false;
	return len && len <= NAME_MAX_LEN;
}

int resolve_start(uv_loop_t *loop, const char *name, unsigned families,
		  const struct resolve_user *user, struct resolve **out,
		  mv_error *err)
{
	bool six = families & 1U << ADDR_IPV6,
	     four = families & 1U << ADDR_IPV4;
	struct resolve *r;
	int rc = 0;

	if (!is_name(name) || (!six && !four))
		return fail(err, MICROVM_EINVAL, "not a name to look up");
	r = alloc(loop, err);
	if (!r)
		return -MICROVM_ENOMEM;
	r->user = *user;
	if (six)
		rc = ask(r, &r->six, name, AF_INET6);
	if (!rc && four)
		rc = ask(r, &r->four, name, AF_INET);
	if (rc) {
		resolve_cancel(r); /* one of them may have begun */
		return fail_os(
			err, rc == UV_ENOMEM ? MICROVM_ENOMEM : MICROVM_EINVAL,
			-rc, "cannot look up a name");
	}
	*out = r;
	return 0;
}

static void on_name(uv_getnameinfo_t *req, int status, const char *name,
		    const char *service)
{
	struct resolve *r = req->data;

	(void)service; /* the port was 0 */
	if (!r->cancelled) {
		leave(r);
		r->name_done(r->user.ctx, result_of(status),
			     status ? NULL : name);
	}
	let_go(r);
}

int resolve_name_of(uv_loop_t *loop, const struct addr *a,
		    void (*done)(void *ctx, enum resolve_result result,
				 const char *name),
		    void *ctx, struct resolve **out, mv_error *err)
{
	struct sockaddr_storage sa;
	struct resolve *r;
	int rc;

	if (!sockaddr_from_addr(&sa, a))
		return fail(err, MICROVM_EINVAL, "no address to look up");
	r = alloc(loop, err);
	if (!r)
		return -MICROVM_ENOMEM;
	r->name_done = done;
	r->user.ctx = ctx;
	r->name_req.data = r;
	rc = uv_getnameinfo(loop, &r->name_req, on_name,
			    (const struct sockaddr *)&sa, NI_NAMEREQD);
	if (rc) {
		leave(r);
		return fail_os(err, MICROVM_EIO, -rc,
			       "cannot look up an address");
	}
	r->holds++;
	*out = r;
	return 0;
}

static void try_cancel(struct query *q)
{
	/* Fails when a thread is at it: then its answer is dropped. */
	if (q->wanted && !q->over)
		(void)uv_cancel((uv_req_t *)&q->req);
}

void resolve_cancel(struct resolve *r)
{
	try_cancel(&r->six);
	try_cancel(&r->four);
	if (r->name_done)
		(void)uv_cancel((uv_req_t *)&r->name_req);
	leave(r);
}
