/* SPDX-License-Identifier: MIT */
/*
 * timer.c - the generic timer of one CPU, DDI 0487 D12.
 *
 * The counters are guest time in nanoseconds.  An output is a level, computed
 * from ENABLE, IMASK and the comparison whenever one of them changes or the
 * deadline has come.
 */
#include "base/num.h"
#include "cpu/arm64/sysreg.h"

enum { CTL_ENABLE = 1, CTL_IMASK = 2, CTL_ISTATUS = 4 };

static uint64_t ctl_of(const struct a64 *c, bool physical)
{
	return physical ? c->sys.cntp_ctl : c->sys.cntv_ctl;
}

static uint64_t cval_of(const struct a64 *c, bool physical)
{
	return physical ? c->sys.cntp_cval : c->sys.cntv_cval;
}

static void update(struct a64 *c, bool physical, uint64_t now)
{
	uint64_t ctl = ctl_of(c, physical), cval = cval_of(c, physical);
	bool armed = (ctl & (CTL_ENABLE | CTL_IMASK)) == CTL_ENABLE;
	bool level = armed && now >= cval;

	if (armed && !level)
		c->deadline = min_u64(c->deadline, cval);
	if (level == c->timer_level[physical])
		return;
	c->timer_level[physical] = level;
	c->env->timer(c->ctx, physical, level);
}

void a64_timer_update(struct a64 *c)
{
	uint64_t now = vtime_now(c->e.vtime);

	c->timer_check = false;
	c->deadline = UINT64_MAX;
	update(c, false, now);
	update(c, true, now);
}

/* Have the loop look at it: every write ends its block (REG_BARRIER). */
static void changed(struct a64 *c)
{
	c->timer_check = true;
}

uint64_t a64_timer_get_ctl(struct a64 *c, bool physical)
{
	uint64_t ctl = ctl_of(c, physical);
	bool met = vtime_now(c->e.vtime) >= cval_of(c, physical);

	return ctl | (ctl & CTL_ENABLE && met ? CTL_ISTATUS : 0);
}

void a64_timer_set_ctl(struct a64 *c, bool physical, uint64_t v)
{
	uint64_t *ctl = physical ? &c->sys.cntp_ctl : &c->sys.cntv_ctl;

	*ctl = v & (CTL_ENABLE | CTL_IMASK);
	changed(c);
}

void a64_timer_set_cval(struct a64 *c, bool physical, uint64_t v)
{
	uint64_t *cval = physical ? &c->sys.cntp_cval : &c->sys.cntv_cval;

	*cval = v;
	changed(c);
}

/* TVAL is a signed 32-bit distance from now, D12.2.4. */
uint64_t a64_timer_get_tval(struct a64 *c, bool physical)
{
	return (uint32_t)(cval_of(c, physical) - vtime_now(c->e.vtime));
}

void a64_timer_set_tval(struct a64 *c, bool physical, uint64_t v)
{
	a64_timer_set_cval(c, physical,
			   vtime_now(c->e.vtime) +
				   (uint64_t)(int64_t)(int32_t)v);
}
