/* SPDX-License-Identifier: MIT */
/*
 * virtq.c - a split virtqueue, as its device sees it.  Knows no device and no
 * transport.
 *
 * How it works.  The driver writes descriptors, then the number of the first
 * one of each chain into the available ring, then the ring's index.  We read
 * the index with acquire, walk the chain once into locals and spans, and when
 * the device is done write the number and a length into the used ring and
 * that ring's index with release.
 *
 * Of what virtio 1.2 leaves open: a descriptor of length 0 counts for the
 * length of its chain and is skipped, wherever it points.  A chain may be
 * UINT32_MAX bytes long, as a used length has 32 bits (2.7.5.2 allows one
 * more).  An indirect table is followed whether that was negotiated or not:
 * a driver that uses one has lost nothing.
 */
#include "virtio/virtq.h"

#include <stdatomic.h>
#include <string.h>

#include "base/bytes.h"

/* Ring indices are loaded and stored whole, in the guest's order. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "virtio is little-endian, and so must the host be");
_Static_assert(sizeof(_Atomic uint16_t) == 2, "the guest's indices are bare");

/* 2.7.5 */
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
enum { DESC_LEN = 16 };

/* 2.7.6: flags, index, ring of heads, event; and 2.7.8 with its elements. */
enum { FLAGS = 0, INDEX = 2, RING = 4, EVENT_LEN = 2 };
enum { HEAD_LEN = 2, ELEM_LEN = 8 };
enum { AVAIL_NO_INTERRUPT = 1, USED_NO_NOTIFY = 1 };

struct desc {
	uint64_t gpa;
	uint32_t len;
	uint16_t flags, next;
};

/* What a chain runs through: the queue's descriptors, or an indirect table. */
struct table {
	const uint8_t *p;
	uint32_t entries;
	bool indirect;
};

/* A chain that is being put together. */
struct walk {
	struct span *pool;
	unsigned room;
	unsigned seen; /* descriptors, also the empty ones */
	unsigned outs, ins;
	uint64_t out_len, in_len;
};

static _Atomic uint16_t *shared(uint8_t *p)
{
	return (_Atomic uint16_t *)(void *)p;
}

static enum virtq_got broken(struct virtq *q, const char *why)
{
	q->broken = true;
	q->why = why;
	return VIRTQ_BROKEN;
}

/* The queue cannot be used: it never was started, or is broken. */
static bool dead(const struct virtq *q)
{
	return !q->desc || q->broken;
}

/* avail->idx; pairs with the driver's release after it filled the ring. */
static uint16_t offered(const struct virtq *q)
{
	return atomic_load_explicit(shared(q->avail + INDEX),
				    memory_order_acquire);
}

static uint8_t *ring(const struct gmem *m, uint64_t gpa, unsigned align,
		     size_t len)
{
	struct span s;

	if (gpa % align)
		return NULL;
	s = gmem_span(m, gpa, len);
	/* RAM is page aligned in the host too, but atomics had better know. */
	return (uintptr_t)s.p % align ? NULL : s.p;
}

bool virtq_start(struct virtq *q, const struct gmem *mem,
		 const struct virtq_place *at, bool event_idx)
{
	struct virtq fresh = { .mem = mem, .at = *at, .event_idx = event_idx };
	size_t n = at->size;

	*q = (struct virtq){ .mem = mem };
	if (!n || n > VIRTQ_MAX || (n & (n - 1)))
		return false;
	fresh.desc = ring(mem, at->desc, DESC_LEN, DESC_LEN * n);
	fresh.avail = ring(mem, at->avail, 2, RING + HEAD_LEN * n + EVENT_LEN);
	fresh.used = ring(mem, at->used, 4, RING + ELEM_LEN * n + EVENT_LEN);
	if (!fresh.desc || !fresh.avail || !fresh.used)
		return false;
	*q = fresh;
	return true;
}

static struct desc read_desc(const struct table *t, uint32_t i)
{
	uint8_t raw[DESC_LEN];

	memcpy(raw, t->p + (size_t)i * DESC_LEN, sizeof(raw));
	/* Once: what follows must not make the compiler look there again. */
	atomic_signal_fence(memory_order_seq_cst);
	return (struct desc){ le64(raw), le32(raw + 8), le16(raw + 12),
			      le16(raw + 14) };
}

/* 2.7.5.3: one level, last in its chain, of whole descriptors. */
static bool enter_indirect(struct virtq *q, struct table *t,
			   const struct desc *d)
{
	struct span s;

	if (t->indirect) {
		broken(q, "an indirect table inside an indirect table");
		return false;
	}
	if (d->flags & NEXT) {
		broken(q, "a descriptor is indirect and has a next one");
		return false;
	}
	if (!d->len || d->len % DESC_LEN) {
		broken(q, "an indirect table has no whole descriptors");
		return false;
	}
	s = gmem_span(q->mem, d->gpa, d->len);
	if (!s.p) {
		broken(q, "an indirect table is not in RAM");
		return false;
	}
	*t = (struct table){ s.p, d->len / DESC_LEN, true };
	return true;
}

static enum virtq_got add(struct virtq *q, struct walk *w, const struct desc *d)
{
	bool in = d->flags & WRITE;
	struct span s;

	if (w->seen++ == q->at.size)
		return broken(q, "a chain is longer than the queue");
	if (!in && w->ins)
		return broken(q, "a readable buffer behind a writable one");
	if (!d->len)
		return VIRTQ_CHAIN;
	if (d->len > UINT32_MAX - (w->out_len + w->in_len))
		return broken(q, "a chain has more than 2^32 bytes");
	s = gmem_span(q->mem, d->gpa, d->len);
	if (!s.p)
		return broken(q, "a buffer is not in RAM");
	if (w->outs + w->ins == w->room)
		return VIRTQ_NO_ROOM;
	w->pool[w->outs + w->ins] = s;
	w->outs += !in;
	w->ins += in;
	*(in ? &w->in_len : &w->out_len) += d->len;
	return VIRTQ_CHAIN;
}

/* Ends: add() counts descriptors, and a table is entered at most once. */
static enum virtq_got follow(struct virtq *q, struct walk *w, uint16_t head)
{
	struct table t = { q->desc, q->at.size, false };
	enum virtq_got got;
	uint16_t i = head;
	struct desc d;

	for (;;) {
		if (i >= t.entries)
			return broken(q, "a descriptor outside its table");
		d = read_desc(&t, i);
		if (d.flags & INDIRECT) {
			if (!enter_indirect(q, &t, &d))
				return VIRTQ_BROKEN;
			i = 0;
			continue;
		}
		got = add(q, w, &d);
		if (got != VIRTQ_CHAIN || !(d.flags & NEXT))
			return got;
		i = d.next;
	}
}

enum virtq_got virtq_pop(struct virtq *q, struct chain *c, struct span *pool,
			 unsigned room, unsigned *used)
{
	struct walk w = { .pool = pool, .room = room };
	enum virtq_got got;
	uint16_t index, head;

	*used = 0;
	if (dead(q))
		return q->broken ? VIRTQ_BROKEN : VIRTQ_EMPTY;
	index = offered(q);
	if (index == q->taken)
		return VIRTQ_EMPTY;
	if ((uint16_t)(index - q->taken) > q->at.size ||
	    (uint16_t)(index - q->given) > q->at.size)
		return broken(q, "more chains than the queue has room for");
	head = atomic_load_explicit(
		shared(q->avail + RING +
		       (size_t)(q->taken % q->at.size) * HEAD_LEN),
		memory_order_relaxed);
	got = follow(q, &w, head);
	if (got != VIRTQ_CHAIN)
		return got;
	*c = (struct chain){ .head = head,
			     .out = pool,
			     .outs = w.outs,
			     .in = pool + w.outs,
			     .ins = w.ins,
			     .out_len = (size_t)w.out_len,
			     .in_len = (size_t)w.in_len };
	*used = w.outs + w.ins;
	q->taken++;
	return VIRTQ_CHAIN;
}

void virtq_unpop(struct virtq *q, unsigned n)
{
	q->taken = (uint16_t)(q->taken - n);
}

void virtq_push(struct virtq *q, const struct chain *c, uint32_t written)
{
	uint8_t *elem =
		q->used + RING + (size_t)(q->given % q->at.size) * ELEM_LEN;

	put_le32(elem, c->head);
	put_le32(elem + 4, written);
	/* Pairs with the driver's acquire, before it reads the element. */
	atomic_store_explicit(shared(q->used + INDEX), ++q->given,
			      memory_order_release);
}

bool virtq_wants_interrupt(struct virtq *q)
{
	uint16_t told = q->told, event, flags;

	if (dead(q) || told == q->given)
		return false;
	q->told = q->given;
	/*
	 * 2.7.7.2, 2.7.8.2: the index is written before the driver's wish is
	 * read; it writes its wish before it reads the index.  A store and a
	 * load of two places: only this fence keeps them apart.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	if (!q->event_idx) {
		flags = atomic_load_explicit(shared(q->avail + FLAGS),
					     memory_order_relaxed);
		return !(flags & AVAIL_NO_INTERRUPT);
	}
	event = atomic_load_explicit(
		shared(q->avail + RING + (size_t)q->at.size * HEAD_LEN),
		memory_order_relaxed);
	/* Is it among the elements written since the last answer? */
	return (uint16_t)(q->given - event - 1) < (uint16_t)(q->given - told);
}

bool virtq_arm(struct virtq *q)
{
	if (dead(q))
		return false;
	if (q->event_idx)
		atomic_store_explicit(
			shared(q->used + RING + (size_t)q->at.size * ELEM_LEN),
			q->taken, memory_order_relaxed);
	else
		atomic_store_explicit(shared(q->used + FLAGS), 0,
				      memory_order_relaxed);
	/* As above, 2.7.10: the wish before the look. */
	atomic_thread_fence(memory_order_seq_cst);
	return offered(q) != q->taken;
}

void virtq_disarm(struct virtq *q)
{
	/* With an event index it is armed for one index, which has passed. */
	if (!dead(q) && !q->event_idx)
		atomic_store_explicit(shared(q->used + FLAGS), USED_NO_NOTIFY,
				      memory_order_relaxed);
}

void virtq_state(struct virtq *q, struct state *s)
{
	struct virtq_place at = q->at;
	uint16_t taken = q->taken, given = q->given, told = q->told;
	bool event_idx = q->event_idx;

	state_u64(s, &at.desc);
	state_u64(s, &at.avail);
	state_u64(s, &at.used);
	state_u16(s, &at.size);
	state_bool(s, &event_idx);
	state_u16(s, &taken);
	state_u16(s, &given);
	state_u16(s, &told);
	if (!s->loading || s->failed)
		return;
	state_check(s, virtq_start(q, q->mem, &at, event_idx),
		    "a queue does not lie in RAM");
	state_check(s, (uint16_t)(taken - given) <= at.size,
		    "more chains in flight than a queue has");
	q->taken = taken;
	q->given = given;
	q->told = told;
}
