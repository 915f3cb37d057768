/* SPDX-License-Identifier: MIT */
/*
 * ring_stream.h - the host's end of a connection in the embedder's hands.
 *
 * Two bounded rings between the loop thread, which carries it as a struct
 * stream, and the embedder's threads.  It lives until both have let go.
 * Behaves as microvm.h says of microvm_stream.
 */
#ifndef ENDPOINT_RING_STREAM_H
#define ENDPOINT_RING_STREAM_H

#include <uv.h>

#include "base/error.h"
#include "core/stream.h"
#include "core/task.h"
#include "os/thread.h"

enum { RING_STREAM_ROOM = 64 * 1024 }; /* bytes each way */

struct ring_stream;

/* How it reaches the loop thread of its VM, which outlives it. */
struct ring_stream_loop {
	/* Any thread; under a lock of ours, so it takes none itself. */
	void (*post)(void *ctx, struct task *t);
	bool (*is_self)(void *ctx);

	/*
	 * It posts no more, and is freed next.  On the loop thread; not after
	 * an orphan.  NULL is fine.
	 */
	void (*gone)(void *ctx, struct ring_stream *r);
	uv_loop_t *uv;
	void *ctx;
};

/*
 * What microvm.h calls a microvm_stream.  Whoever does not have it carried
 * has to close() the carrier's side himself.  `opened`: it is connected from
 * the start (the guest opened it).
 */
int ring_stream_new(const struct ring_stream_loop *loop, bool opened,
		    struct ring_stream **out, mv_error *err) MUST_CHECK;

/* The carrier's side. */
struct stream *ring_stream_stream(struct ring_stream *r);

/*
 * The VM is about to end: nothing will be posted once this came back, but what
 * was posted has still to run.  Any thread; on the loop's, it cannot meet a
 * gone().  The stream itself may be freed from here on at any time.
 */
void ring_stream_orphan(struct ring_stream *r);

/* The embedder's side; any thread. */
int ring_stream_wait_open(struct ring_stream *r, uint32_t ms,
			  mv_error *err) MUST_CHECK;
ptrdiff_t ring_stream_read(struct ring_stream *r, void *buf, size_t len,
			   uint32_t ms);
ptrdiff_t ring_stream_write(struct ring_stream *r, const void *buf, size_t len,
			    uint32_t ms);
int ring_stream_shutdown(struct ring_stream *r);
void ring_stream_set_events(struct ring_stream *r, microvm_stream_fn *fn,
			    void *ctx);
void ring_stream_close(struct ring_stream *r);

/*
 * Become a socket: *fd is one end of a pair, whose other end is carried from
 * now on in place of the rings, what was in them first.  Lets go of `r` for
 * the embedder, on success only.  Waits for the loop thread, so not on it.
 */
int ring_stream_detach(struct ring_stream *r, int *fd,
		       mv_error *err) MUST_CHECK;

#endif
