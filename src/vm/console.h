/* SPDX-License-Identifier: MIT */
/*
 * console.h - the far end of the guest's serial line.
 *
 * Two bounded rings between the UART, which knows this as a struct chardev,
 * and the embedder, who reads and writes from any thread and never blocks.
 * Nothing is lost: a guest whose output nobody reads is held up, and input is
 * taken only while there is room.  The rings are the host's: they are no part
 * of a saved machine.
 */
#ifndef VM_CONSOLE_H
#define VM_CONSOLE_H

#include "core/chardev.h"
#include "os/thread.h"
#include "vm/loop.h"

enum {
	CONSOLE_ROOM = 64 * 1024, /* bytes each way */
	CONSOLE_LOW = 4 * 1024,   /* as much room announces itself */
};

/* Who wants to know; called with no lock held. */
struct console_user {
	/* The guest printed something for the first time.  vCPU threads. */
	void (*spoke)(void *ctx);

	/* Input waits in the chardev.  The thread that wrote it. */
	void (*input)(void *ctx);

	/* On the loop thread.  NULL: nobody listens. */
	void (*event)(void *ctx, enum microvm_event event);
	void *ctx;
};

struct ring {
	size_t head, len;
	uint8_t byte[CONSOLE_ROOM];
};

struct console {
	struct chardev chr; /* for the UART */
	struct console_user user;
	struct loop *loop;
	struct task task;
	atomic_bool spoke;
	struct mutex mu;
	struct cond room; /* in `out`, or the end */

	/* under mu */
	struct ring *out, *in; /* NULL: nobody is there */
	bool ended;
	bool starved;            /* the writer was turned away */
	bool readable, writable; /* events to be told */
};

/* Without `enabled`, output is thrown away and input is not taken. */
int console_init(struct console *c, bool enabled, struct loop *loop,
		 const struct console_user *user, mv_error *err) MUST_CHECK;
void console_fini(struct console *c);

/* The embedder's side; see microvm_console_read() and _write(). */
size_t console_read(struct console *c, void *buf, size_t len);
size_t console_write(struct console *c, const void *buf, size_t len);

/*
 * The VM ends: whoever waits is let go, and what the guest still prints is
 * thrown away.  What it has printed stays readable.
 */
void console_end(struct console *c);

#endif
