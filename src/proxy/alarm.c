/* SPDX-License-Identifier: MIT */
/* alarm.c - many deadlines under one timer.  Knows nothing of proxies. */
#include "proxy/alarm.h"

#include "base/container.h"

static struct alarm *alarm_of(struct list *n)
{
	return container_of(n, struct alarm, node);
}

static void fired(uv_timer_t *timer);

/* Have the timer fire at `at`, if that is before it would. */
static void arm(struct alarms *all, uint64_t at)
{
	uint64_t now = uv_now(all->timer.loop);

	if (at >= all->next)
		return;
	all->next = at;
	/* Fails only for a timer that is closing. */
	(void)uv_timer_start(&all->timer, fired, at > now ? at - now : 0, 0);
}

/* One whose time has come, or NULL; *next: when the others are due. */
static struct alarm *due(struct alarms *all, uint64_t now, uint64_t *next)
{
	struct list *n;

	*next = UINT64_MAX;
	for (n = all->list.next; n != &all->list; n = n->next) {
		if (alarm_of(n)->at <= now)
			return alarm_of(n);
		if (alarm_of(n)->at < *next)
			*next = alarm_of(n)->at;
	}
	return NULL;
}

static void fired(uv_timer_t *timer)
{
	struct alarms *all = container_of(timer, struct alarms, timer);
	uint64_t now = uv_now(timer->loop), next;
	struct alarm *a;

	all->next = UINT64_MAX;
	/* From the start each time: what rings may clear any of the others. */
	while ((a = due(all, now, &next))) {
		list_remove(&a->node);
		a->rang(a);
	}
	if (next != UINT64_MAX)
		arm(all, next);
}

void alarms_init(struct alarms *all, uv_loop_t *loop)
{
	list_init(&all->list);
	all->next = UINT64_MAX;
	(void)uv_timer_init(loop, &all->timer); /* always 0 */
}

void alarms_close(struct alarms *all, uv_close_cb closed)
{
	uv_close((uv_handle_t *)&all->timer, closed);
}

void alarm_init(struct alarm *a, struct alarms *all,
		void (*rang)(struct alarm *a))
{
	list_init(&a->node);
	a->all = all;
	a->rang = rang;
}

void alarm_set(struct alarm *a, uint64_t ms)
{
	uint64_t now = uv_now(a->all->timer.loop);

	list_remove(&a->node);
	a->at = ms < UINT64_MAX - now ? now + ms : UINT64_MAX - 1;
	list_append(&a->all->list, &a->node);
	arm(a->all, a->at);
}

void alarm_clear(struct alarm *a)
{
	list_remove(&a->node);
	if (!list_is_empty(&a->all->list) || a->all->next == UINT64_MAX)
		return;
	a->all->next = UINT64_MAX;
	(void)uv_timer_stop(&a->all->timer); /* always 0 */
}
