/* SPDX-License-Identifier: MIT */
/* bus.c - who answers at which address. */
#include "core/bus.h"

#include "base/num.h"

static uint64_t mask(unsigned size)
{
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (size * 8)) - 1;
}

static bool overlap(const struct bus_slot *s, uint64_t base, uint64_t len)
{
	return base - s->base < s->len || s->base - base < len;
}

int bus_add(struct bus *b, enum space s, uint64_t base, uint64_t len,
	    const struct bus_ops *ops, void *dev, unsigned sizes, mv_error *err)
{
	struct bus_slot *slot = b->slot[s];
	unsigned i;

	if (b->count[s] == BUS_MAX_SLOTS)
		return fail(err, MICROVM_ENOMEM, "more than %d devices",
			    BUS_MAX_SLOTS);
	for (i = 0; i < b->count[s]; i++) {
		if (overlap(&slot[i], base, len))
			return fail(err, MICROVM_EINVAL,
				    "device at 0x%llx overlaps one at 0x%llx",
				    (unsigned long long)base,
				    (unsigned long long)slot[i].base);
	}
	slot[b->count[s]++] = (struct bus_slot){ base, len, ops, dev, sizes };
	return 0;
}

static const struct bus_slot *find(const struct bus *b, const struct access *a)
{
	unsigned i;

	for (i = 0; i < b->count[a->space]; i++) {
		const struct bus_slot *s = &b->slot[a->space][i];
		uint64_t off = a->addr - s->base;

		if (fits(off, a->size, s->len))
			return (s->sizes & a->size) && off % a->size == 0
				       ? s
				       : NULL;
	}
	return NULL;
}

bool bus_access(const struct bus *b, struct access *a)
{
	const struct bus_slot *s = find(b, a);

	if (!s) {
		a->value = mask(a->size);
		return false;
	}
	if (a->write)
		s->ops->write(s->dev, a->addr - s->base, a->size,
			      a->value & mask(a->size));
	else
		a->value = s->ops->read(s->dev, a->addr - s->base, a->size) &
			   mask(a->size);
	return true;
}
