/* SPDX-License-Identifier: MIT */
/*
 * env.h - a proxy with both its ends: guests whose streams are carried as
 * vsock carries them, and servers on loopback.
 */
#ifndef TESTS_PROXY_ENV_H
#define TESTS_PROXY_ENV_H

#include "core/stream.h"
#include "net/listen.h"
#include "proxy/inside.h"

#include "../os/loopback.h"

enum { KEEP = 4096, FLOWS = 512, WHY = 64 };

struct env;

/* Bytes that can be made anywhere, and what came of them. */
uint8_t pattern(unsigned seed, uint64_t i);
uint64_t pattern_hash(unsigned seed, uint64_t len);

/* What was received: the first bytes, how many, and a hash of all. */
struct heap {
	uint8_t p[KEEP];
	uint64_t len, hash;
};

void heap_init(struct heap *h);
void heap_put(struct heap *h, const uint8_t *p, size_t len);

/* What is to be sent: some bytes, and then a pattern. */
struct load {
	uint8_t head[KEEP];
	size_t head_len;
	unsigned seed;
	uint64_t len; /* of the pattern */
	uint64_t sent;
	bool end; /* behind it */
};

/* The guest's end of a stream, and the carrier between. */
struct guest {
	struct stream *s; /* NULL: closed */
	struct load out;
	struct heap in;
	size_t piece;  /* bytes offered at once; 0: all */
	uint64_t room; /* bytes it takes; UINT64_MAX */
	bool readable, writable, busy;
	bool read_over, write_over;
	unsigned news;
	enum stream_why why; /* of the close */
};

/* A server's connection. */
struct far {
	struct sock *s; /* NULL: closed */
	struct load out;
	struct heap in;
	uint64_t room;
	bool in_over, out_over; /* ends seen, sent */
	int os;                 /* the error that ended it */
};

/* A flow as the embedder was told of it. */
struct seen {
	uint64_t id, out, in;
	enum microvm_flow_kind kind;
	enum microvm_flow_phase phase;
	char name[256], address[ADDR_TEXT], why[WHY];
	uint16_t port;
};

struct env {
	struct loopback l;
	struct policy policy;
	struct proxy_config cfg;
	struct proxy_limits limits;
	struct proxy *p;
	struct listener *listener; /* 127.0.0.1 */
	struct addr at;
	struct far *far; /* the last that was accepted; NULL: none */
	struct far fars[8];
	unsigned accepted;
	struct seen seen[FLOWS];
	unsigned flows;
};

/* Everything allowed, flows noted.  Change it before env_start(). */
void env_init(struct env *e, enum microvm_net base);
void env_start(struct env *e);
void env_fini(struct env *e);

/* Run the loop until it is so. */
#define UNTIL(e, what)                                          \
	do {                                                    \
		while (!(what))                                 \
			assert_true(uv_run(&(e)->l.loop,        \
					   UV_RUN_ONCE) ||      \
				    (what));                    \
	} while (0)

void guest_open(struct guest *g, struct env *e);
bool guest_try(struct guest *g, struct proxy *p);
void guest_send(struct guest *g, const void *p, size_t len);
void guest_hex(struct guest *g, const char *hex);
void guest_end(struct guest *g);
void guest_pump(struct guest *g);
void guest_close(struct guest *g, enum stream_why why);

/* The greeting without login, and a request for an address or a name. */
void guest_greet(struct guest *g);
void guest_ask(struct guest *g, uint8_t cmd, const char *host, uint16_t port);

/* Both; then run until there is a reply, behind the method; its REP. */
uint8_t guest_connect(struct env *e, struct guest *g, const char *host,
		      uint16_t port);
uint8_t guest_reply(struct env *e, struct guest *g);

void far_send(struct far *f, const void *p, size_t len);
void far_pattern(struct far *f, unsigned seed, uint64_t len);
void far_pump(struct far *f);
void far_close(struct far *f, bool reset);

#endif
