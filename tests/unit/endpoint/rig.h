/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a vsock with a tiny guest on one side and host programs on the
 * other, all on one loop.
 *
 * The guest does what Linux does: it answers a REQUEST by RESPONSE or RST,
 * keeps its window, and says RST when both sides have shut down.  Nothing
 * waits by the clock; what never happens is ended by a watchdog.
 */
#ifndef TESTS_ENDPOINT_RIG_H
#define TESTS_ENDPOINT_RIG_H

#include "../check.h"

#include <uv.h>

#include "endpoint/place.h"
#include "os/addr.h"
#include "os/sock.h"

struct bytes {
	uint8_t *p;
	size_t len, room;
};

void bytes_add(struct bytes *b, const void *p, size_t len);
bool bytes_are(const struct bytes *b, const char *text);

/* Bytes that a seed tells, so that two sides can compare them. */
void bytes_make(struct bytes *b, size_t len, uint32_t seed);

/* A connection as the guest sees it. */
struct gconn {
	struct rig *rig;
	struct gconn *next;
	uint32_t guest_port, host_port;
	bool open;     /* established */
	bool over;     /* by RST, ours or the host's */
	bool was_reset; /* ... by the host's, and not to end a close */
	unsigned heard, said; /* VSOCK_SHUTDOWN_... */
	struct bytes in, out;
	size_t sent;
	uint32_t fwd, fwd_told, peer_alloc, peer_fwd;
	bool echo;     /* sends back what it gets, ends when that ended */
};

struct rig {
	uv_loop_t loop;
	struct vsock *vsock;
	struct ports ports;
	struct place place;
	struct gconn *first;
	uint32_t listens[8];
	unsigned listening, requests, accepted;
	uint32_t next_port;
	bool echo; /* of those accepted */
	uv_timer_t alarm, watchdog;
	char dir[64], path[4][96];
	unsigned turn;
};

/* The guest's driver is up; nobody listens; connects are not held. */
void rig_init(struct rig *r);

/* Ends every connection, then checks that the loop is empty. */
void rig_fini(struct rig *r);

void rig_listen(struct rig *r, uint32_t port);

/* Move packets, or else wait for one event of the loop. */
void rig_turn(struct rig *r);

/* Again and again until `expr` holds. */
#define RUN_UNTIL(r, expr)                 \
	do {                               \
		rig_watch(r, true, #expr); \
		while (!(expr))            \
			rig_turn(r);       \
		rig_watch(r, false, NULL); \
	} while (0)
void rig_watch(struct rig *r, bool on, const char *what);

/* The guest's newest connection. */
struct gconn *rig_conn(struct rig *r);

struct gconn *gconn_connect(struct rig *r, uint32_t port);
void gconn_send(struct gconn *c, const void *p, size_t len);
void gconn_say(struct gconn *c, const char *text);
void gconn_shutdown(struct gconn *c, unsigned flags);
void gconn_reset(struct gconn *c);

/* A program of the host at one end of a socket. */
struct peer {
	struct sock *sock;
	struct bytes in, out;
	size_t sent;
	bool end;  /* read to the end */
	int error; /* errno instead of the end */
};

void peer_adopt(struct rig *r, struct peer *p, int fd);
void peer_unix(struct rig *r, struct peer *p, const char *path);
void peer_tcp(struct rig *r, struct peer *p, const struct addr *to);
void peer_send(struct peer *p, const void *data, size_t len);
void peer_say(struct peer *p, const char *text);
void peer_shut(struct peer *p);
void peer_close(struct peer *p);

/* It is over, one way or the other. */
bool peer_over(const struct peer *p);

/* A name in a folder of its own, which must be empty at rig_fini(). */
const char *rig_path(struct rig *r, const char *name);

#endif
