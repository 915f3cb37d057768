/* SPDX-License-Identifier: MIT */
/*
 * link.c - the vsock device and what is behind it: made, served, closed.
 *
 * Who serves.  Whoever has a reason (a vCPU rang, a socket is ready, a timer
 * came) calls wake().  On the loop thread that costs no system call: an idle
 * handle keeps the loop from sleeping, and the device is served after the
 * events at hand, so that a stream is never called from inside its own
 * callbacks, and one batch serves many of them.
 */
#include "vm/link.h"

#include <stdlib.h>

#include "base/container.h"
#include "os/time.h"

/* ---- serving ---------------------------------------------------------- */

/*
 * Tell the user of the driver's life, as far as he has not heard of it.  That
 * is what the last service saw: the registers may be further by now.
 */
static void tell(struct link *l)
{
	bool up = l->device.online;
	unsigned life = l->device.seen;

	if (l->up && (!up || life != l->life))
		l->user.event(l->user.ctx, MICROVM_EVENT_VSOCK_DOWN);
	if (up && (!l->up || life != l->life))
		l->user.event(l->user.ctx, MICROVM_EVENT_VSOCK_UP);
	l->up = up;
	l->life = life;
}

static void serve(struct link *l)
{
	(void)uv_idle_stop(&l->awake); /* cannot fail */
	vsock_device_service(&l->device);
	tell(l);
}

static void on_idle(uv_idle_t *idle)
{
	serve(idle->data);
}

static void on_after(uv_check_t *after)
{
	struct link *l = after->data;

	if (uv_is_active((const uv_handle_t *)&l->awake))
		serve(l);
}

static void rung(struct task *t)
{
	struct link *l = container_of(t, struct link, rung);

	if (l->vsock)
		serve(l);
}

static void wake(void *ctx)
{
	struct link *l = ctx;

	if (!loop_is_self(l->loop))
		loop_post(l->loop, &l->rung);
	else if (l->vsock)
		(void)uv_idle_start(&l->awake, on_idle); /* cannot fail */
}

static uint64_t now(void *ctx)
{
	(void)ctx;
	return time_mono_ns();
}

static void on_alarm(uv_timer_t *timer)
{
	struct link *l = timer->data;

	vsock_tick(l->vsock);
}

static void set_alarm(void *ctx, uint64_t ns)
{
	struct link *l = ctx;
	uint64_t at = time_mono_ns();

	if (ns == UINT64_MAX) {
		(void)uv_timer_stop(&l->alarm); /* cannot fail */
		return;
	}
	/* Rounded up: to wake before the time would be to wake twice. */
	uv_update_time(&l->loop->uv);
	(void)uv_timer_start(&l->alarm, on_alarm,
			     ns > at ? (ns - at + 999999) / 1000000 : 0, 0);
}

static struct stream *on_accept(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct link *l = ctx;

	return ports_accept(&l->ports, port, guest_port);
}

static struct stream *accept_proxy(void *ctx, uint32_t port,
				   uint32_t guest_port)
{
	struct link *l = ctx;

	(void)port;
	(void)guest_port;
	return proxy_accept(l->proxy);
}

/* ---- the agent -------------------------------------------------------- */

static void on_hello(void *ctx)
{
	struct link *l = ctx;

	l->user.event(l->user.ctx, MICROVM_EVENT_AGENT);
}

static void on_status(void *ctx, unsigned status)
{
	struct link *l = ctx;

	l->user.status(l->user.ctx, status);
}

static uint64_t wall(void *ctx)
{
	(void)ctx;
	return time_wall_ns();
}

/* ---- making and closing, on the loop thread --------------------------- */

static void add_handles(struct link *l)
{
	/* None of these can fail. */
	(void)uv_timer_init(&l->loop->uv, &l->alarm);
	(void)uv_check_init(&l->loop->uv, &l->after);
	(void)uv_idle_init(&l->loop->uv, &l->awake);
	l->alarm.data = l->after.data = l->awake.data = l;
	(void)uv_check_start(&l->after, on_after);
}

static int add_vsock(struct link *l, const struct link_config *cfg,
		     mv_error *err)
{
	const struct vsock_user user = { on_accept, wake, now, set_alarm, l };
	int rc = vsock_new(&user, cfg->cid, &l->vsock, err);

	if (rc)
		return rc;
	l->device.vsock = l->vsock;
	l->place = (struct place){
		.loop = &l->loop->uv,
		.vsock = l->vsock,
		.ports = &l->ports,
		.hold_ns = (uint64_t)cfg->hold_ms * 1000000,
	};
	return 0;
}

static int add_services(struct link *l, const struct link_config *cfg,
			mv_error *err)
{
	const struct agent_user user = { on_hello, on_status, wall, l };
	int rc = proxy_new(&l->loop->uv, &cfg->proxy, &l->proxy, err);

	if (rc)
		return fail_in(err, rc, "proxy");
	l->proxy_port = (struct port){
		.number = PROXY_PORT,
		.accept = accept_proxy,
		.ctx = l,
	};
	rc = ports_bind(&l->ports, &l->proxy_port, err);
	return rc ? rc : agent_new(&l->place, &user, &l->agent, err);
}

static int add_hub(struct link *l, const struct link_config *cfg, mv_error *err)
{
	int rc;

	if (!cfg->socket)
		return 0;
	rc = unix_hub_new(&l->place, cfg->socket, &l->hub, err);
	if (rc)
		return rc;
	l->ports.otherwise = unix_hub_accept;
	l->ports.otherwise_ctx = l->hub;
	return 0;
}

static int add_maps(struct link *l, const struct link_config *cfg,
		    mv_error *err)
{
	int rc = 0;

	l->map = calloc(cfg->maps ? cfg->maps : 1, sizeof(struct map *));
	l->forward = calloc(cfg->forwards ? cfg->forwards : 1,
			    sizeof(struct forward *));
	if (!l->map || !l->forward)
		return fail(err, MICROVM_ENOMEM, "no memory for ports");
	while (!rc && l->maps < cfg->maps) {
		rc = map_new(&l->place, &cfg->map[l->maps], &l->map[l->maps],
			     err);
		l->maps += !rc;
	}
	while (!rc && l->forwards < cfg->forwards) {
		rc = forward_new(&l->place, &cfg->forward[l->forwards],
				 &l->forward[l->forwards], err);
		l->forwards += !rc;
	}
	return rc;
}

static void close_maps(struct link *l)
{
	while (l->forwards)
		forward_close(l->forward[--l->forwards]);
	while (l->maps)
		map_close(l->map[--l->maps]);
	free(l->forward);
	free(l->map);
	l->forward = NULL;
	l->map = NULL;
}

/* From here on no program of the host gets a new connection. */
static void close_doors(struct link *l)
{
	close_maps(l);
	unix_hub_close(l->hub);
	l->hub = NULL;
	l->ports.otherwise = NULL;
}

static void close_agent(struct link *l)
{
	agent_close(l->agent);
	l->agent = NULL;
}

/*
 * First nothing new can come, then the streams that are there are closed, and
 * last goes what they were made by.
 */
static void shut(struct link *l)
{
	if (!l->vsock)
		return;
	vsock_stats(l->vsock, &l->moved);
	if (l->proxy)
		proxy_stats(l->proxy, &l->proxied);
	l->moved.open = l->proxied.open = 0;
	close_doors(l);
	vsock_free(l->vsock);
	l->vsock = NULL;
	(void)uv_idle_stop(&l->awake); /* nobody is left to be served */
	close_agent(l);
	proxy_free(l->proxy);
	l->proxy = NULL;
}

/*
 * The VM has ended: nothing new, but what the guest has sent and closed is
 * still taken to its readers; how long is for whoever frees the VM to say.
 */
static void ended(struct task *t)
{
	struct link *l = container_of(t, struct link, ended);

	if (!l->vsock)
		return;
	/* The guest's last words may lie in its queue, nobody rings again. */
	vsock_device_service(&l->device);
	l->over = true;
	close_doors(l);
	vsock_end(l->vsock);
	close_agent(l);
}

static void on_bell(void *ctx)
{
	struct link *l = ctx;

	if (l->vsock)
		serve(l);
}

struct belling {
	struct link *l;
	mv_error *err;
	int rc;
};

static void add_bell(void *arg)
{
	struct belling *b = arg;

	b->rc = doorbell_init(&b->l->bell, &b->l->loop->uv, on_bell, b->l,
			      b->err);
	b->l->has_bell = !b->rc;
}

int link_doorbell(struct link *l, const struct doorbell **bell, mv_error *err)
{
	struct belling b = { .l = l, .err = err };

	loop_call(l->loop, add_bell, &b);
	*bell = &l->bell;
	return b.rc;
}

static void close_all(void *arg)
{
	struct link *l = arg;

	shut(l);
	link_drop_listeners(l);
	link_drop_streams(l);
	uv_close((uv_handle_t *)&l->alarm, NULL);
	uv_close((uv_handle_t *)&l->after, NULL);
	uv_close((uv_handle_t *)&l->awake, NULL);
	if (l->has_bell)
		doorbell_close(&l->bell);
}

struct making {
	struct link *l;
	const struct link_config *cfg;
	mv_error *err;
	int rc;
};

static void make(void *arg)
{
	struct making *m = arg;

	add_handles(m->l);
	m->rc = add_vsock(m->l, m->cfg, m->err);
	if (!m->rc)
		m->rc = add_services(m->l, m->cfg, m->err);
	if (!m->rc)
		m->rc = add_hub(m->l, m->cfg, m->err);
	if (!m->rc)
		m->rc = add_maps(m->l, m->cfg, m->err);
	if (m->rc)
		close_all(m->l);
}

int link_init(struct link *l, const struct link_config *cfg, struct loop *loop,
	      const struct gmem *mem, struct irq irq,
	      const struct link_user *user, mv_error *err)
{
	struct making m = { .l = l, .cfg = cfg, .err = err };
	int rc;

	*l = (struct link){ .loop = loop,
			    .user = *user,
			    .rung.run = rung,
			    .ended.run = ended };
	rc = mutex_init(&l->mu, err);
	if (rc)
		return rc;
	rc = vsock_device_init(&l->device, cfg->cid, mem, irq, wake, l, err);
	if (rc)
		goto out_mu;
	loop_call(loop, make, &m);
	rc = m.rc;
	if (rc)
		goto out_device;
	l->present = true;
	return 0;
out_device:
	vsock_device_fini(&l->device);
out_mu:
	mutex_fini(&l->mu);
	return rc;
}

void link_end(struct link *l)
{
	if (l->present)
		loop_post(l->loop, &l->ended);
}

void link_close(struct link *l)
{
	/* Only we set it, and we are one thread: no lock. */
	if (l->present && !l->closed)
		loop_call(l->loop, close_all, l);
}

void link_fini(struct link *l)
{
	link_close(l);
	if (!l->present)
		return;
	if (l->has_bell)
		doorbell_fini(&l->bell);
	vsock_device_fini(&l->device);
	mutex_fini(&l->mu);
	l->present = false;
}

void link_state(struct link *l, struct state *s)
{
	bool present = l->present;

	state_section(s, "link", 1);
	state_bool(s, &present);
	state_check(s, present == l->present, "with or without vsock");
	if (!s->failed && present)
		vsock_device_state(&l->device, s);
}
