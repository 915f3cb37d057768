/* SPDX-License-Identifier: MIT */
/*
 * inquiry.h - from what the guest asks for to the addresses it may have.
 *
 * A name is looked up; each address of it is judged as it comes, by the rules,
 * or by the embedder when no rule decides and it wants to be asked.  Those are
 * asked for one at a time, each once, in the order they came; who takes long
 * does not hold up addresses that a rule allows.  Silence means no.
 *
 * With an upstream proxy a name stays a name, and is judged as one.
 */
#ifndef PROXY_INQUIRY_H
#define PROXY_INQUIRY_H

#include "proxy/inside.h"

enum { INQUIRY_ADDRS = 32 }; /* to be asked for; more are left out */

struct inquiry {
	struct proxy *proxy;
	struct flow *flow;

	/*
	 * This one may be had (a name alone: NULL).  False: no more are
	 * wanted; the callee has cancelled the inquiry, which may be gone.
	 */
	bool (*allowed)(struct inquiry *q, const struct addr *a);

	/* That was all; the last callback. */
	void (*over)(struct inquiry *q);

	/* Of use in over(). */
	enum resolve_result result;
	bool timed_out;
	unsigned given, denied; /* addresses */
	struct addr first_denied;
	const char *why; /* ... it was denied */
	uint64_t thought; /* ms for which a question was open */

	/* private */
	bool looking;
	uint64_t since; /* the open question's */
	struct list question;
	struct lookup lookup;
	struct alarm alarm;
	struct addr addr[INQUIRY_ADDRS];
	unsigned addrs, next;
};

/*
 * `flow`, whose name and port count, outlives the inquiry.  `literal`: the
 * address that is asked for when there is no name.  Callbacks may come from
 * inside, but then they are the last thing it does.
 */
void inquiry_start(struct inquiry *q, struct proxy *p, struct flow *flow,
		   const struct addr *literal, unsigned families);

/* The answer to its open question. */
void inquiry_answer(struct inquiry *q, enum microvm_verdict verdict);

/* No callback after this.  More than once is fine; so is one never started. */
void inquiry_cancel(struct inquiry *q);

/*
 * Nothing came of it: tell the embedder, and say what the guest is to be told.
 */
enum socks5_reply inquiry_failed(struct inquiry *q);

#endif
