/* SPDX-License-Identifier: MIT */
/*
 * loop.h - one thread that waits for many sockets and timers (epoll).
 *
 * Level-triggered.  From inside any callback, any watch or timer may be
 * removed and its object freed: nothing is called after that.
 */
#ifndef GUEST_COMMON_LOOP_H
#define GUEST_COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

enum { LOOP_IN = 0x001, LOOP_OUT = 0x004, LOOP_ERR = 0x008, LOOP_HUP = 0x010 };

enum { LOOP_BATCH = 64, LOOP_SCRATCH = 64 * 1024 };

/* A descriptor; LOOP_ERR and LOOP_HUP come unasked. */
struct loop_watch {
	void (*ready)(void *ctx, unsigned events);
	void *ctx;
	int fd;          /* -1: none */
	unsigned events; /* asked for */
	bool known;      /* to epoll */
};

struct loop_timer {
	void (*fire)(void *ctx);
	void *ctx;
	uint64_t at; /* milliseconds of loop_now() */
	struct loop_timer *prev, *next; /* NULL: not armed */
};

struct loop {
	int epoll;
	bool stop;
	struct loop_timer timers; /* a ring, the soonest first */
	struct loop_watch *batch[LOOP_BATCH];
	uint8_t scratch[LOOP_SCRATCH]; /* anybody's, within one callback */
};

/* 0, or an errno. */
int loop_init(struct loop *l);
void loop_fini(struct loop *l);

/* Until somebody sets `stop`; 0, or an errno. */
int loop_run(struct loop *l);

/* Monotonic milliseconds. */
uint64_t loop_now(void);

/* No descriptor yet. */
void loop_watch_init(struct loop_watch *w, void (*ready)(void *, unsigned),
		     void *ctx);

/* False: memory is out.  The descriptor stays the caller's. */
bool loop_add(struct loop *l, struct loop_watch *w, int fd, unsigned events);

/* Other events of an added descriptor; 0: only its end.  False: as above. */
bool loop_want(struct loop *l, struct loop_watch *w, unsigned events);

/* Not even its end, until loop_want() asks for something. */
void loop_park(struct loop *l, struct loop_watch *w);

/* Gives the descriptor back, or -1; calling it twice does no harm. */
int loop_remove(struct loop *l, struct loop_watch *w);

void loop_timer_init(struct loop_timer *t, void (*fire)(void *), void *ctx);

/* Once, in `ms` from now; moves a timer that was armed. */
void loop_arm(struct loop *l, struct loop_timer *t, unsigned ms);
void loop_disarm(struct loop_timer *t);

#endif
