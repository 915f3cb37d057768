/* SPDX-License-Identifier: MIT */
/* fuzz_virtq.c - a virtqueue anywhere in RAM that holds anything. */
#include "virtio/virtq.h"

#include <string.h>

#include "base/bytes.h"
#include "base/container.h"
#include "driver.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { RAM = 3 * 4096, OUT_MAX = 64 };

struct rig {
	struct gmem mem;
	uint8_t *ram;
	struct virtq q;
	struct chain out[OUT_MAX]; /* popped and not pushed; spans are gone */
	unsigned outs;
};

/* Most addresses should be in RAM, some just not. */
static uint64_t address(struct feed *f)
{
	uint64_t off = feed_take(f, 2);

	return off == 0xffff ? feed_take(f, 8) : DRIVER_RAM + off % (RAM + 64);
}

static void restart(struct rig *r, struct feed *f)
{
	struct virtq_place at = { .desc = address(f),
				  .avail = address(f),
				  .used = address(f) };
	uint64_t how = feed_take(f, 1);

	at.size = how & 0x80 ? (uint16_t)feed_take(f, 2)
			     : (uint16_t)(1 << how % 9);
	if (!(how & 0x40)) { /* aligned, for the most part */
		at.desc &= ~UINT64_C(15);
		at.avail &= ~UINT64_C(1);
		at.used &= ~UINT64_C(3);
	}
	r->outs = 0;
	CHECK(virtq_start(&r->q, &r->mem, &at, how & 0x20) ==
	      (r->q.desc != NULL));
	CHECK(!r->q.desc || (at.size && at.size <= VIRTQ_MAX));
}

static void in_ram(const struct rig *r, const struct span *v, unsigned n,
		   size_t len)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		CHECK(v[i].len && v[i].p >= r->ram);
		CHECK((size_t)(v[i].p - r->ram) <= RAM);
		CHECK(v[i].len <= RAM - (size_t)(v[i].p - r->ram));
	}
	CHECK(spans_len(v, n) == len);
}

static void popped(struct rig *r, const struct chain *c, unsigned room)
{
	CHECK(c->outs + c->ins <= room);
	CHECK(c->outs + c->ins <= r->q.at.size);
	CHECK(c->head < r->q.at.size);
	CHECK((uint16_t)(r->q.taken - r->q.given) <= r->q.at.size);
	CHECK(c->out_len <= UINT32_MAX - c->in_len);
	in_ram(r, c->out, c->outs, c->out_len);
	in_ram(r, c->in, c->ins, c->in_len);
	r->out[r->outs++] = *c;
}

static void pop(struct rig *r, struct feed *f)
{
	struct span pool[VIRTQ_MAX];
	unsigned room = feed_take(f, 1) & 1 ? VIRTQ_MAX : 3, used;
	uint16_t given = r->q.given;
	enum virtq_got got;
	struct chain c;

	if (r->outs == OUT_MAX)
		return;
	got = virtq_pop(&r->q, &c, pool, room, &used);
	if (got == VIRTQ_CHAIN)
		popped(r, &c, room);
	CHECK(used == (got == VIRTQ_CHAIN ? c.outs + c.ins : 0));
	CHECK(r->q.broken == (got == VIRTQ_BROKEN));
	CHECK(got != VIRTQ_NO_ROOM || room < VIRTQ_MAX);
	CHECK(r->q.given == given);
}

static void push(struct rig *r, struct feed *f)
{
	const struct virtq *q = &r->q;
	uint16_t index;

	if (!r->outs)
		return;
	virtq_push(&r->q, &r->out[--r->outs], (uint32_t)feed_take(f, 4));
	memcpy(&index, q->used + 2, 2);
	CHECK(index == q->given);
}

/* The driver, with bad intentions. */
static void scribble(struct rig *r, struct feed *f)
{
	uint8_t raw[16];
	unsigned i, n = 1u << feed_take(f, 1) % 5;
	uint64_t gpa = address(f);

	for (i = 0; i < n; i++)
		raw[i] = (uint8_t)feed_take(f, 1);
	if (gmem_write(&r->mem, gpa, raw, n))
		CHECK(gmem_span(&r->mem, gpa, n).p);
}

/* ... with good manners: a descriptor, a head, the next index. */
static void offer(struct rig *r, struct feed *f)
{
	uint16_t size = r->q.at.size, index;
	uint8_t *p;

	if (!r->q.desc)
		return;
	p = r->q.desc + (size_t)(feed_take(f, 1) % size) * 16;
	put_le64(p, address(f));
	put_le32(p + 8, (uint32_t)feed_take(f, 2));
	put_le16(p + 12, (uint16_t)feed_take(f, 1));
	put_le16(p + 14, (uint16_t)feed_take(f, 1));
	index = le16(r->q.avail + 2);
	put_le16(r->q.avail + 4 + (size_t)2 * (index % size),
		 (uint16_t)feed_take(f, 1));
	put_le16(r->q.avail + 2, (uint16_t)(index + 1));
}

static void walk(void *q, struct state *s)
{
	virtq_state(q, s);
}

static void one(struct rig *r, struct feed *f)
{
	struct virtq other = { .mem = &r->mem };

	switch (feed_take(f, 1) % 10) {
	case 0: restart(r, f); break;
	case 1: scribble(r, f); break;
	case 2:
	case 3: offer(r, f); break;
	case 4:
	case 5: pop(r, f); break;
	case 6: push(r, f); break;
	case 7:
		if (r->outs) {
			virtq_unpop(&r->q, 1);
			r->outs--;
		}
		break;
	case 8:
		CHECK(!virtq_wants_interrupt(&r->q) || r->q.desc);
		CHECK(!virtq_arm(&r->q) || r->q.desc);
		virtq_disarm(&r->q);
		break;
	default:
		if (r->q.desc)
			feed_round_trip(&r->q, &other, walk);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed f = { data, len };
	struct rig r = { .outs = 0 };

	r.ram = aligned_alloc(4096, RAM);
	CHECK(r.ram && !gmem_add(&r.mem, DRIVER_RAM, r.ram, RAM, NULL));
	memset(r.ram, 0, RAM);
	restart(&r, &f);
	while (f.len)
		one(&r, &f);
	free(r.ram);
	return 0;
}
