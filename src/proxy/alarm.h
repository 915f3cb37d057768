/* SPDX-License-Identifier: MIT */
/*
 * alarm.h - many deadlines under one timer of the loop.
 *
 * An alarm is part of what it is about and may be forgotten at once, where a
 * uv_timer_t has to be kept until the loop has let go of it.  Only deadlines
 * that are waited for wake anybody: no alarm set, no timer.
 */
#ifndef PROXY_ALARM_H
#define PROXY_ALARM_H

#include <uv.h>

#include "base/list.h"

struct alarms {
	uv_timer_t timer;
	struct list list; /* of those that are set, in no order */
	uint64_t next;    /* when the timer fires; UINT64_MAX: not at all */
};

struct alarm {
	struct list node;
	struct alarms *all;
	uint64_t at; /* ms, of uv_now() */
	void (*rang)(struct alarm *a);
};

void alarms_init(struct alarms *all, uv_loop_t *loop);

/* All are cleared by now; `closed` is called when the memory may go. */
void alarms_close(struct alarms *all, uv_close_cb closed);

void alarm_init(struct alarm *a, struct alarms *all,
		void (*rang)(struct alarm *a));

/* Once, in `ms` from now, in place of what was set. */
void alarm_set(struct alarm *a, uint64_t ms);
void alarm_clear(struct alarm *a);

#endif
