/* SPDX-License-Identifier: MIT */
/*
 * virtq.h - a split virtqueue, as its device sees it: virtio 1.2, 2.7.
 *
 * The rings are the guest's and hostile.  Every descriptor is read once, into
 * locals; every buffer is checked against one RAM region before anyone sees
 * its span; a chain has at most as many descriptors as the queue; indices are
 * compared as what they are, 16 bits that wrap.  What breaks a rule marks the
 * queue broken, for its device to ask for a reset (2.1.2); nothing else
 * happens.
 *
 * Ring indices are 16-bit atomics with acquire and release: a byte-wise copy
 * of one may tear.
 */
#ifndef VIRTIO_VIRTQ_H
#define VIRTIO_VIRTQ_H

#include <stdbool.h>

#include "base/span.h"
#include "core/gmem.h"
#include "core/state.h"

enum { VIRTQ_MAX = 256 }; /* descriptors in a queue; a power of two */

/* Where the driver has put it, as the transport's registers say. */
struct virtq_place {
	uint64_t desc, avail, used; /* GPAs; 16, 2 and 4 bytes aligned */
	uint16_t size;              /* a power of two, 1 to VIRTQ_MAX */
};

struct virtq {
	const struct gmem *mem;
	struct virtq_place at; /* latched */
	uint8_t *desc, *avail, *used; /* checked to lie in RAM */
	bool event_idx;
	bool broken;
	const char *why; /* static text; what broke it */
	uint16_t taken;  /* chains popped */
	uint16_t given;  /* chains pushed */
	uint16_t told;   /* `given` when an interrupt was last thought of */
};

/*
 * A queue of zeros (its `mem` excepted) is one that the driver did not set up:
 * it is empty for ever, and wants nothing.
 */

/* One request: what the device may read, then what it may write. */
struct chain {
	uint16_t head;
	const struct span *out; /* device-readable */
	unsigned outs;
	const struct span *in;  /* device-writable */
	unsigned ins;
	size_t out_len, in_len; /* bytes in each */
};

enum virtq_got { VIRTQ_EMPTY, VIRTQ_CHAIN, VIRTQ_BROKEN, VIRTQ_NO_ROOM };

/* False when the place is none: misaligned, not in RAM, of a wrong size. */
bool virtq_start(struct virtq *q, const struct gmem *mem,
		 const struct virtq_place *at, bool event_idx);

/*
 * The next chain the driver made available.  Its spans are put in `pool`,
 * which has room for `room` of them; *used says how many it took.
 * VIRTQ_NO_ROOM: the pool is too small now, nothing was popped (a pool of
 * VIRTQ_MAX always does).
 */
enum virtq_got virtq_pop(struct virtq *q, struct chain *c, struct span *pool,
			 unsigned room, unsigned *used);

/* Give the `n` chains popped last back, unused. */
void virtq_unpop(struct virtq *q, unsigned n);

/* Return a chain to the driver, with `written` bytes in its `in` spans. */
void virtq_push(struct virtq *q, const struct chain *c, uint32_t written);

/* After a batch of pushes: does the driver want an interrupt (2.7.7)? */
bool virtq_wants_interrupt(struct virtq *q);

/*
 * Ask the driver for a notification with the next buffer (2.7.10).  True when
 * buffers came in the meantime: then look at once, nobody will notify.
 */
bool virtq_arm(struct virtq *q);

/* Ask it for none: we are looking anyway. */
void virtq_disarm(struct virtq *q);

/*
 * Indices and place of a queue that works; a load checks them and finds the
 * rings again in `mem`, which the owner has set.
 */
void virtq_state(struct virtq *q, struct state *s);

#endif
