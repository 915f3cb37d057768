/* SPDX-License-Identifier: MIT */
/*
 * runner.c - running vCPUs in turn, and sleeping when all are idle.
 *
 * How nothing is lost.  Whoever wants something of a vCPU ORs it into
 * v->requests first; then, under r->mu, it signals r->wake and kicks: see
 * vcpu_request().  The runner takes requests (an atomic exchange) before every
 * slice.  Wherever a request comes in between:
 *
 *  - before the exchange: it is taken now;
 *  - after it, before or inside run(): the kick is sticky by the contract of
 *    the seam, so run() comes back soon, and the next round takes it;
 *  - after run() said HV_IDLE, before the runner holds r->mu: asleep() looks
 *    at the requests under r->mu, sees it, and does not wait;
 *  - after that look: the runner has held r->mu ever since, and gives it up
 *    only by waiting; the signal needs r->mu, so it finds the runner waiting.
 *
 * A deadline is compared with the clock each round, so it cannot be slept
 * over either.  Requests are looked at once more before time is skipped.
 *
 * How runs are made equal.  With a virtual clock, which vCPU runs when is
 * decided by its index, by what the guest did, and by deadlines; the host's
 * clock is never asked.  Only requests from other threads depend on the host,
 * and those come from input.
 */
#include "vm/runner.h"

#include "base/num.h"

static const struct hv_ops *ops_of(const struct runner *r)
{
	return r->cpu->hv.vm->ops;
}

/* Of the machine around it: its events call. */
static uint64_t machine_deadline(struct vcpu *v)
{
	return v->hv.vm->on->deadline(&v->hv);
}

static uint64_t deadline(const struct runner *r, struct vcpu *v)
{
	uint64_t machine = machine_deadline(v);

	if (!ops_of(r)->deadline)
		return machine;
	return min_u64(machine, ops_of(r)->deadline(&v->hv));
}

static bool passed(const struct runner *r, uint64_t when)
{
	return when != CLOCK_NEVER && when <= clock_now(r->clock);
}

static bool due(const struct runner *r, struct vcpu *v)
{
	return passed(r, deadline(r, v));
}

/* Take what others asked; true when it may be run. */
static bool take(struct runner *r, struct vcpu *v)
{
	/* acquire: pairs with the release in vcpu_request() */
	unsigned req =
		atomic_exchange_explicit(&v->requests, 0, memory_order_acquire);

	if (req & VCPU_STOP)
		r->stop = true;
	if (req & VCPU_START)
		vcpu_begin(v);
	if (req & VCPU_WAKE)
		v->idle = false;
	if (r->stop || vcpu_power(v) != VCPU_ON)
		return false;
	return !v->idle || due(r, v);
}

static bool ready(struct runner *r, struct vcpu *v)
{
	if (passed(r, machine_deadline(v)))
		v->hv.vm->on->tick(&v->hv); /* may be a reason to run */
	return take(r, v);
}

static enum hv_run slice(struct runner *r, struct vcpu *v)
{
	const struct hv_ops *ops = ops_of(r);
	enum hv_run why = ops->run(&v->hv);

	v->idle = why == HV_IDLE;
	if (why == HV_AGAIN)
		vcpu_count(v, MICROVM_XK_SLICE);
	else if (why == HV_IDLE)
		vcpu_count(v, MICROVM_XK_IDLE);
	if (ops->insns)
		atomic_store_explicit(&r->insns, ops->insns(v->hv.vm),
				      memory_order_relaxed);
	return why;
}

static bool requested(const struct runner *r)
{
	unsigned i;

	for (i = 0; i < r->cpus; i++) {
		/* relaxed: the exchange in ready() will acquire it */
		if (atomic_load_explicit(&r->cpu[i].requests,
					 memory_order_relaxed))
			return true;
	}
	return false;
}

static uint64_t earliest(const struct runner *r)
{
	uint64_t first = CLOCK_NEVER;
	unsigned i;

	for (i = 0; i < r->cpus; i++) {
		struct vcpu *v = &r->cpu[i];
		uint64_t when;

		if (vcpu_power(v) != VCPU_ON)
			continue;
		when = deadline(r, v);
		if (when < first)
			first = when;
	}
	return first;
}

/* See the top of this file on why no wake-up can be missed here. */
static void asleep(struct runner *r, uint64_t until)
{
	mutex_lock(&r->mu);
	if (!requested(r)) {
		uint64_t now = clock_now(r->clock);

		if (until == CLOCK_NEVER)
			cond_wait(&r->wake, &r->mu);
		else if (until > now)
			(void)cond_wait_for(&r->wake, &r->mu, until - now);
	}
	mutex_unlock(&r->mu);
}

/* Nobody has anything to do; false when that will stay so. */
static bool idle(struct runner *r)
{
	uint64_t until = earliest(r);

	if (requested(r))
		return true;
	if (until == CLOCK_NEVER && r->rounds != RUNNER_FOREVER)
		return false;
	if (until == CLOCK_NEVER || !clock_skip(r->clock, until))
		asleep(r, until);
	return true;
}

/* One slice for everybody who wants one.  HV_AGAIN, or why the VM ends. */
static enum hv_run round_of_slices(struct runner *r, bool *ran,
				   struct vcpu **who)
{
	unsigned i;

	*ran = false;
	for (i = 0; i < r->cpus; i++) {
		struct vcpu *v = &r->cpu[i];
		enum hv_run why;

		if (!ready(r, v))
			continue;
		*ran = true;
		*who = v;
		why = slice(r, v);
		if (why != HV_AGAIN && why != HV_IDLE)
			return why;
	}
	return HV_AGAIN;
}

static void run(void *arg)
{
	struct runner *r = arg;
	enum hv_run why = HV_AGAIN;
	struct vcpu *who = r->cpu;
	uint64_t n = 0;
	bool ran;

	r->stop = false;
	while (!r->stop && (r->rounds == RUNNER_FOREVER || n < r->rounds)) {
		why = round_of_slices(r, &ran, &who);
		if (why != HV_AGAIN)
			break;
		n++;
		if (!ran && !r->stop && !idle(r))
			break;
	}
	r->done(r->ctx, why, who);
}

struct making {
	struct runner *r;
	mv_error *err;
	int rc;
};

static void make(void *arg)
{
	struct making *m = arg;
	struct runner *r = m->r;

	r->self = thread_self();
	while (!m->rc && r->ready < r->cpus) {
		m->rc = ops_of(r)->vcpu_init(&r->cpu[r->ready].hv, m->err);
		if (!m->rc)
			r->ready++;
	}
}

static void unmake(void *arg)
{
	struct runner *r = arg;

	while (r->ready)
		ops_of(r)->vcpu_fini(&r->cpu[--r->ready].hv);
}

int runner_init(struct runner *r, struct vcpu *cpu, unsigned cpus,
		const struct clock *clock, mv_error *err)
{
	struct making m = { .r = r, .err = err };
	int rc;

	*r = (struct runner){ .cpu = cpu, .cpus = cpus, .clock = clock };
	rc = mutex_init(&r->mu, err);
	if (rc)
		return rc;
	rc = cond_init(&r->wake, err);
	if (rc)
		goto out_mu;
	rc = worker_init(&r->worker, err);
	if (rc)
		goto out_wake;
	worker_call(&r->worker, make, &m);
	rc = m.rc;
	if (!rc)
		return 0;
	worker_call(&r->worker, unmake, r);
	worker_fini(&r->worker);
out_wake:
	cond_fini(&r->wake);
out_mu:
	mutex_fini(&r->mu);
	return rc;
}

void runner_fini(struct runner *r)
{
	worker_call(&r->worker, unmake, r);
	worker_fini(&r->worker);
	cond_fini(&r->wake);
	mutex_fini(&r->mu);
}

void runner_run(struct runner *r, uint64_t rounds, runner_done_fn *done,
		void *ctx)
{
	worker_wait(&r->worker); /* what follows is its thread's until then */
	r->rounds = rounds;
	r->done = done;
	r->ctx = ctx;
	worker_post(&r->worker, run, r);
}

void runner_wait(struct runner *r)
{
	worker_wait(&r->worker);
}

struct walk {
	struct runner *r;
	struct state *s;
};

static void walk(void *arg)
{
	struct walk *w = arg;
	unsigned i;

	for (i = 0; i < w->r->cpus; i++)
		ops_of(w->r)->state(&w->r->cpu[i].hv, w->s);
}

void runner_state(struct runner *r, struct state *s)
{
	struct walk w = { r, s };

	worker_call(&r->worker, walk, &w);
}

bool runner_is_self(const struct runner *r)
{
	return thread_is_self(&r->self);
}
