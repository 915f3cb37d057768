/* SPDX-License-Identifier: MIT */
/*
 * link_rig.h - a whole link between a guest without a CPU and real sockets.
 *
 * Three threads: the test, which is the host's programs; the loop, which is
 * ours; and the guest (vguest.h).  The guest does what its ends (struct gend)
 * are told; a test talks to it by rig_call() and waits for it by rig_until().
 * Every wait is bounded: what never happens ends the program with its name.
 */
#ifndef TESTS_VM_LINK_RIG_H
#define TESTS_VM_LINK_RIG_H

#include "../check.h"

#include <pthread.h>
#include <semaphore.h>

#include "vguest.h"
#include "vm/link.h"

enum {
	RIG_CID = 3,
	RIG_MS = 60000,        /* after that, it never happens */
	RIG_GUEST_PORT = 5000, /* the guest listens */
	RIG_API_PORT = 8000,   /* the host listens: the embedder */
	RIG_TCP_PORT = 8001,   /* ... a TCP server behind a map */
	RIG_UNIX_PORT = 8002,  /* ... path_8002 */
	RIG_QUEUE = 64,
};

/* ---- bytes that tell where they belong -------------------------------- */

void pattern(uint8_t *p, size_t len, uint64_t seed, uint64_t at);
bool pattern_is(const uint8_t *p, size_t len, uint64_t seed, uint64_t at);

/* A small generator for sizes and choices. */
uint32_t chance(uint64_t *state, uint32_t below);

/* ---- the guest's ends ------------------------------------------------- */

struct rig;

/* Guest thread; others look at it by rig_until() and rig_call(). */
struct gend {
	struct rig *rig;
	struct vconn *c;
	struct gend *next;

	/* what it is to do */
	uint64_t seed_in, seed_out;
	uint64_t to_send;
	bool echo;   /* send back what comes; end when that ended */
	bool stall;  /* read nothing */
	bool finish; /* end its half when all is sent */
	bool linger; /* do not close when both halves have ended */

	/* what became of it */
	uint64_t sent, got;
	bool opened, ended, deaf, closed, reset, said, bad;

	uint8_t *buf; /* what came and was not read; VGUEST_WINDOW bytes */
	size_t head, len;
};

/* It was told something new: go on. */
void gend_move(struct gend *g);

struct gend *gend_open(struct rig *r, uint32_t port);

/* ---- the rig ---------------------------------------------------------- */

struct rig_options {
	uint32_t hold_ms;
	enum microvm_net net;
	microvm_policy_fn *ask;
	void *ask_ctx;
	bool bare; /* the guest is not started */
};

struct rig {
	struct loop loop;
	struct link link;
	struct vguest *g;
	struct policy policy;
	struct rig_options opts;
	char dir[64], path[80];
	uint16_t map_port;   /* TCP, leads to RIG_GUEST_PORT */
	int tcp_fd, unix_fd; /* listen */
	uint16_t tcp_port;
	struct link_listener *listener;

	/* the guest's thread */
	pthread_t thread;
	pthread_mutex_t mu;
	struct request *request; /* under mu */
	bool quit;               /* under mu */
	struct gend model;       /* of those it accepts */
	struct gend *gends;      /* newest first */
	unsigned accepted;

	/* streams the embedder was given; under mu */
	struct ring_stream *stream[RIG_QUEUE];
	unsigned streams;
	sem_t arrived;

	/* loop thread */
	unsigned ups, downs, agents;
	int status;
};

void rig_init(struct rig *r, const struct rig_options *opts);

/* Also checks that the guest found no fault with the host. */
void rig_fini(struct rig *r);

/* A link for a guest that is there; and without it. */
void rig_link(struct rig *r);
void rig_unlink(struct rig *r);

/* Do it on the guest's thread, and wait for it. */
void rig_call(struct rig *r, void (*fn)(void *arg), void *arg);

/* Let the guest work until it holds; `what` is said when it never does. */
void rig_until(struct rig *r, bool (*holds)(void *arg), void *arg,
	       const char *what);

/* Guest thread: its ends listen; at RIG_GUEST_PORT from the start. */
void rig_listen(struct rig *r, uint32_t port, bool on);

/* For either: arg is a struct gend. */
bool gend_is_open(void *arg);
bool gend_has_ended(void *arg); /* and all before that was read */
bool gend_has_sent(void *arg);  /* everything, and said so if told to */
bool gend_is_closed(void *arg);

/* What has become of it. */
struct gend gend_look(struct gend *g);

/* Change it and have it move. */
void gend_set_stall(struct gend *g, bool stall);
void gend_set_send(struct gend *g, uint64_t bytes, bool finish);
void gend_close(struct gend *g); /* SHUTDOWN, both */
struct gend *rig_gend_open(struct rig *r, uint32_t port,
			   const struct gend *model);

/* Free those that are closed. */
void rig_sweep(struct rig *r);

/* Ask the loop until as many connections are open. */
void rig_open_is(struct rig *r, unsigned n);
microvm_stats rig_stats(struct rig *r);

/* Connections that a timer is running for. */
unsigned rig_timers(struct rig *r);

/* Of the loop thread: its CPU time, and its turns so far. */
uint64_t rig_cpu_ns(struct rig *r);

/* It never happens. */
_Noreturn void rig_stuck(const char *what);

/* ---- the host's ends -------------------------------------------------- */

enum hend_kind {
	HUB_OUT, /* the host connects ... */
	MAP_OUT,
	API_OUT,
	HUB_IN, /* the guest does */
	MAP_IN,
	API_IN,
	HEND_KINDS,
};

extern const char *const hend_name[HEND_KINDS];

struct hend {
	int fd; /* -1: a stream */
	struct ring_stream *s;
};

/* Both ends of a new connection; the guest's is like `model`. */
void rig_pair(struct rig *r, enum hend_kind kind, const struct gend *model,
	      struct hend *h, struct gend **g);

/* Sockets with time limits. */
int rig_dial_tcp(uint16_t port);
int rig_dial_unix(const char *path);
int rig_dial_hub(struct rig *r, uint32_t port); /* and say CONNECT */
int rig_accept(int fd);
bool rig_hub_answers(int fd); /* "OK n" */

/* Some bytes: how many; 0: the end; -1: reset or broken. */
ptrdiff_t hend_read(const struct hend *h, void *buf, size_t len);
ptrdiff_t hend_write(const struct hend *h, const void *buf, size_t len);

/* All of [at, at+len) of a pattern, in pieces up to `piece`; false: broken. */
bool hend_send(const struct hend *h, uint64_t seed, uint64_t at, uint64_t len,
	       size_t piece);
bool hend_take(const struct hend *h, uint64_t seed, uint64_t at, uint64_t len,
	       size_t piece);
bool hend_at_end(const struct hend *h); /* in order */
void hend_shutdown(const struct hend *h);
void hend_close(struct hend *h);

#endif
