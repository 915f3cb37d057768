/* SPDX-License-Identifier: MIT */
/* rig.c - see rig.h. */
#include "rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"

enum {
	GUEST_CID = 3,
	GUEST_WINDOW = 64 * 1024,
	BATCH = 16,
	PAGE = 4096,
	WATCHDOG_MS = 60000,
};

/* ---- bytes ------------------------------------------------------------ */

void bytes_add(struct bytes *b, const void *p, size_t len)
{
	if (b->len + len > b->room) {
		b->room = 2 * (b->len + len);
		b->p = realloc(b->p, b->room);
		assert_non_null(b->p);
	}
	if (len)
		memcpy(b->p + b->len, p, len);
	b->len += len;
}

bool bytes_are(const struct bytes *b, const char *text)
{
	return b->len == strlen(text) && memcmp(b->p, text, b->len) == 0;
}

void bytes_make(struct bytes *b, size_t len, uint32_t seed)
{
	uint8_t byte;

	for (; len; len--) {
		seed = seed * 1664525 + 1013904223;
		byte = (uint8_t)(seed >> 24);
		bytes_add(b, &byte, 1);
	}
}

/* ---- the guest -------------------------------------------------------- */

static void send_packet(struct gconn *c, enum vsock_op op, unsigned flags,
			uint8_t *p, size_t len)
{
	const struct vsock_hdr h = {
		.src_cid = GUEST_CID,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = c->guest_port,
		.dst_port = c->host_port,
		.len = (uint32_t)len,
		.type = VSOCK_TYPE_STREAM,
		.op = (uint16_t)op,
		.flags = flags,
		.buf_alloc = GUEST_WINDOW,
		.fwd_cnt = c->fwd,
	};
	const struct span v = { p, len };

	c->fwd_told = c->fwd;
	vsock_recv(c->rig->vsock, &h, &v, len ? 1 : 0);
}

static struct gconn *add(struct rig *r, uint32_t host_port, uint32_t guest_port)
{
	struct gconn *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->rig = r;
	c->next = r->first;
	c->host_port = host_port;
	c->guest_port = guest_port;
	r->first = c;
	return c;
}

static struct gconn *find(struct rig *r, const struct vsock_hdr *h)
{
	struct gconn *c = r->first;

	while (c && (c->over || c->host_port != h->src_port ||
		     c->guest_port != h->dst_port))
		c = c->next;
	return c;
}

static bool listens(const struct rig *r, uint32_t port)
{
	unsigned i;

	for (i = 0; i < r->listening; i++)
		if (r->listens[i] == port)
			return true;
	return false;
}

static void on_request(struct rig *r, const struct vsock_hdr *h)
{
	struct gconn *c = add(r, h->src_port, h->dst_port);

	r->requests++;
	c->peer_alloc = h->buf_alloc;
	c->peer_fwd = h->fwd_cnt;
	if (!listens(r, h->dst_port)) {
		send_packet(c, VSOCK_OP_RST, 0, NULL, 0);
		c->over = true;
		return;
	}
	c->open = true;
	c->echo = r->echo;
	r->accepted++;
	send_packet(c, VSOCK_OP_RESPONSE, 0, NULL, 0);
}

static void on_packet(struct rig *r, const struct vsock_packet *p)
{
	struct gconn *c = find(r, &p->hdr);

	if (!c) {
		if (p->hdr.op == VSOCK_OP_REQUEST)
			on_request(r, &p->hdr);
		return;
	}
	c->peer_alloc = p->hdr.buf_alloc;
	c->peer_fwd = p->hdr.fwd_cnt;
	switch (p->hdr.op) {
	case VSOCK_OP_RESPONSE: c->open = true; break;
	case VSOCK_OP_RST:
		c->over = true;
		c->was_reset = c->said != 3;
		break;
	case VSOCK_OP_SHUTDOWN: c->heard |= p->hdr.flags; break;
	case VSOCK_OP_RW:
		assert_true(c->open);
		bytes_add(&c->in, p->v->p, p->hdr.len);
		c->fwd += p->hdr.len;
		if (c->echo)
			bytes_add(&c->out, p->v->p, p->hdr.len);
		break;
	case VSOCK_OP_CREDIT_REQUEST:
		send_packet(c, VSOCK_OP_CREDIT_UPDATE, 0, NULL, 0);
		break;
	default: break;
	}
}

/* What the guest sends by itself. */
static bool serve(struct gconn *c)
{
	size_t room, n = c->out.len - c->sent;

	if (c->over || !c->open)
		return false;
	room = c->peer_alloc - ((uint32_t)c->sent - c->peer_fwd);
	n = n < room ? n : room;
	n = n < PAGE ? n : PAGE;
	if (n && !(c->heard & VSOCK_SHUTDOWN_RCV)) {
		c->sent += n;
		send_packet(c, VSOCK_OP_RW, 0, c->out.p + c->sent - n, n);
		return true;
	}
	if (c->echo && c->heard & VSOCK_SHUTDOWN_SEND &&
	    c->sent == c->out.len && !c->said) {
		gconn_shutdown(c, VSOCK_SHUTDOWN_SEND);
		return true;
	}
	if (c->fwd - c->fwd_told >= GUEST_WINDOW / 2) {
		send_packet(c, VSOCK_OP_CREDIT_UPDATE, 0, NULL, 0);
		return true;
	}
	if (c->heard == 3) { /* Linux: nobody is there any more */
		send_packet(c, VSOCK_OP_RST, 0, NULL, 0);
		c->over = true;
		return true;
	}
	return false;
}

static bool pump(struct rig *r)
{
	static uint8_t page[BATCH][PAGE];
	struct span room[BATCH];
	struct vsock_packet p[BATCH];
	struct gconn *c;
	bool moved = false;
	unsigned i, n;

	for (i = 0; i < BATCH; i++) {
		room[i] = (struct span){ page[i], PAGE };
		p[i] = (struct vsock_packet){ .v = &room[i], .n = 1 };
	}
	n = vsock_fill(r->vsock, p, BATCH);
	for (i = 0; i < n; i++)
		on_packet(r, &p[i]);
	for (c = r->first; c; c = c->next)
		moved = serve(c) || moved;
	return moved || n;
}

struct gconn *rig_conn(struct rig *r)
{
	assert_non_null(r->first);
	return r->first;
}

struct gconn *gconn_connect(struct rig *r, uint32_t port)
{
	struct gconn *c = add(r, port, r->next_port++);

	send_packet(c, VSOCK_OP_REQUEST, 0, NULL, 0);
	return c;
}

void gconn_send(struct gconn *c, const void *p, size_t len)
{
	bytes_add(&c->out, p, len);
}

void gconn_say(struct gconn *c, const char *text)
{
	gconn_send(c, text, strlen(text));
}

void gconn_shutdown(struct gconn *c, unsigned flags)
{
	c->said |= flags;
	send_packet(c, VSOCK_OP_SHUTDOWN, c->said, NULL, 0);
}

void gconn_reset(struct gconn *c)
{
	send_packet(c, VSOCK_OP_RST, 0, NULL, 0);
	c->over = true;
}

/* ---- the rig ---------------------------------------------------------- */

static struct stream *on_accept(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct rig *r = ctx;

	return ports_accept(&r->ports, port, guest_port);
}

static void on_wake(void *ctx)
{
	(void)ctx; /* every turn looks */
}

static uint64_t on_now(void *ctx)
{
	(void)ctx;
	return uv_hrtime();
}

static void on_alarm(uv_timer_t *t)
{
	vsock_tick(((struct rig *)t->data)->vsock);
}

static void on_set_alarm(void *ctx, uint64_t ns)
{
	struct rig *r = ctx;
	uint64_t now = uv_hrtime();

	if (ns == UINT64_MAX)
		assert_int_equal(uv_timer_stop(&r->alarm), 0);
	else
		assert_int_equal(
			uv_timer_start(&r->alarm, on_alarm,
				       ns > now ? (ns - now) / 1000000 + 1 : 0,
				       0),
			0);
}

void rig_init(struct rig *r)
{
	const struct vsock_user user = { on_accept, on_wake, on_now,
					 on_set_alarm, r };

	*r = (struct rig){ .next_port = 1000 };
	assert_int_equal(uv_loop_init(&r->loop), 0);
	assert_int_equal(uv_timer_init(&r->loop, &r->alarm), 0);
	assert_int_equal(uv_timer_init(&r->loop, &r->watchdog), 0);
	r->alarm.data = r;
	assert_int_equal(vsock_new(&user, GUEST_CID, &r->vsock, NULL), 0);
	r->place = (struct place){ &r->loop, r->vsock, &r->ports, 0 };
	vsock_online(r->vsock, true);
}

void rig_fini(struct rig *r)
{
	vsock_free(r->vsock);
	uv_close((uv_handle_t *)&r->alarm, NULL);
	uv_close((uv_handle_t *)&r->watchdog, NULL);
	assert_int_equal(uv_run(&r->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&r->loop), 0); /* nothing is left */
	if (r->dir[0])
		assert_int_equal(rmdir(r->dir), 0); /* nor there */
	while (r->first) {
		struct gconn *c = r->first;

		r->first = c->next;
		free(c->in.p);
		free(c->out.p);
		free(c);
	}
}

void rig_listen(struct rig *r, uint32_t port)
{
	assert_true(r->listening < 8);
	r->listens[r->listening++] = port;
}

void rig_turn(struct rig *r)
{
	if (!pump(r))
		(void)uv_run(&r->loop, UV_RUN_ONCE);
}

static void on_watchdog(uv_timer_t *t)
{
	(void)fprintf(stderr, "never happened: %s\n", (const char *)t->data);
	abort();
}

void rig_watch(struct rig *r, bool on, const char *what)
{
	char *text = NULL;

	memcpy(&text, &what, sizeof(text)); /* uv's data is not const */
	r->watchdog.data = text;
	if (on)
		assert_int_equal(uv_timer_start(&r->watchdog, on_watchdog,
						WATCHDOG_MS, 0),
				 0);
	else
		assert_int_equal(uv_timer_stop(&r->watchdog), 0);
}

const char *rig_path(struct rig *r, const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char *path;

	if (!r->dir[0]) {
		(void)snprintf(r->dir, sizeof(r->dir), "%s/endpoint-XXXXXX",
			       tmp ? tmp : "/tmp");
		assert_non_null(mkdtemp(r->dir));
	}
	path = r->path[r->turn++ % LEN(r->path)];
	(void)snprintf(path, sizeof(r->path[0]), "%s/%s", r->dir, name);
	return path;
}

/* ---- host programs ---------------------------------------------------- */

static void flush(struct peer *p)
{
	struct span v = { p->out.p + p->sent, p->out.len - p->sent };
	ptrdiff_t n;

	if (!v.len)
		return;
	n = sock_write(p->sock, &v, 1);
	if (n > 0)
		p->sent += (size_t)n;
	if (n > 0 || n == -EAGAIN)
		sock_want(p->sock, SOCK_OUT);
}

static void on_ready(void *ctx, unsigned what)
{
	uint8_t buf[8192];
	struct span v = { buf, sizeof(buf) };
	struct peer *p = ctx;
	ptrdiff_t n;

	if (what & SOCK_OUT)
		flush(p);
	if (!(what & SOCK_IN))
		return;
	n = sock_read(p->sock, &v, 1);
	if (n > 0)
		bytes_add(&p->in, buf, (size_t)n);
	else if (n == 0)
		p->end = true;
	else if (n != -EAGAIN)
		p->error = (int)-n;
	if (!peer_over(p))
		sock_want(p->sock, SOCK_IN);
}

static void begin(struct peer *p, struct sock *s)
{
	*p = (struct peer){ .sock = s };
	sock_listen_to(s, on_ready, p);
	sock_want(s, SOCK_IN);
}

void peer_adopt(struct rig *r, struct peer *p, int fd)
{
	struct sock *s;

	assert_int_equal(sock_adopt(&r->loop, fd, &s, NULL), 0);
	begin(p, s);
}

void peer_unix(struct rig *r, struct peer *p, const char *path)
{
	struct sock *s;

	assert_int_equal(sock_connect_unix(&r->loop, path, &s, NULL), 0);
	begin(p, s);
}

void peer_tcp(struct rig *r, struct peer *p, const struct addr *to)
{
	struct sock *s;

	assert_int_equal(sock_connect(&r->loop, to, NULL, NULL, &s, NULL), 0);
	begin(p, s);
}

void peer_send(struct peer *p, const void *data, size_t len)
{
	bytes_add(&p->out, data, len);
	sock_want(p->sock, SOCK_OUT);
}

void peer_say(struct peer *p, const char *text)
{
	peer_send(p, text, strlen(text));
}

void peer_shut(struct peer *p)
{
	assert_int_equal(p->sent, p->out.len);
	sock_shut(p->sock, SOCK_OUT);
}

void peer_close(struct peer *p)
{
	sock_close(p->sock, false);
	free(p->in.p);
	free(p->out.p);
	*p = (struct peer){ 0 };
}

bool peer_over(const struct peer *p)
{
	return p->end || p->error;
}
