/* SPDX-License-Identifier: MIT */
/*
 * message.c - message-signalled interrupts, and telling their ends.
 *
 * KVM tells the end of a level-triggered interrupt, by KVM_EXIT_IOAPIC_EOI, if
 * the message is a route of one of the IOAPIC's pins.  Which pin does not
 * matter; so the messages sent last are kept as routes, and a new one takes
 * the place of the one that was sent longest ago.  A pin has one message on
 * its way at most, so that what is pushed out has ended; unless a guest moves
 * its interrupts that often while one lasts, and then it is its own loss.
 */
#include "backend/kvm/x86_64/x86.h"

enum { LEVEL = 1 << 15 }; /* SDM volume 3, 11.11.2 */

/* Under mu. */
static struct kvm_level *find(struct kvm_x86_vm *x, uint64_t addr,
			      uint32_t data)
{
	unsigned i;

	for (i = 0; i < KVM_PINS; i++) {
		struct kvm_level *l = &x->level[i];

		if (l->used && l->addr == addr && l->data == data)
			return l;
	}
	return NULL;
}

/* Under mu. */
static struct kvm_level *oldest(struct kvm_x86_vm *x)
{
	struct kvm_level *l = &x->level[0];
	unsigned i;

	for (i = 1; i < KVM_PINS; i++) {
		if (x->level[i].used < l->used)
			l = &x->level[i];
	}
	return l;
}

/* struct kvm_irq_routing, with its array. */
struct routes {
	uint32_t count, flags;
	struct kvm_irq_routing_entry entry[KVM_PINS];
};

_Static_assert(offsetof(struct routes, entry) ==
		       offsetof(struct kvm_irq_routing, entries),
	       "both have their routes at the same place");

/* Under mu, so that the routes KVM has are the ones that were set last. */
static void set_routes(struct kvm_vm *k)
{
	struct kvm_x86_vm *x = kvm_x86(k);
	struct routes routes = { 0 };
	unsigned i;

	for (i = 0; i < KVM_PINS; i++) {
		const struct kvm_level *l = &x->level[i];

		if (!l->used)
			continue;
		routes.entry[routes.count++] = (struct kvm_irq_routing_entry){
			.gsi = i,
			.type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = (uint32_t)l->addr,
				   .address_hi = (uint32_t)(l->addr >> 32),
				   .data = l->data },
		};
	}
	/* relaxed: see tell_ends() in vcpu.c */
	atomic_store_explicit(&k->levels, routes.count != 0,
			      memory_order_relaxed);
	/* Fails without memory: then this interrupt's end is not told. */
	(void)!kvm_call(k->fd, KVM_SET_GSI_ROUTING, &routes);
}

/* Before the message is sent, so that its end cannot come too early. */
static void expect_end(struct kvm_vm *k, uint64_t addr, uint32_t data)
{
	struct kvm_x86_vm *x = kvm_x86(k);
	struct kvm_level *l;

	mutex_lock(&x->mu);
	l = find(x, addr, data);
	if (l) {
		l->used = ++x->sent;
	} else {
		l = oldest(x);
		*l = (struct kvm_level){ addr, data, ++x->sent };
		set_routes(k);
	}
	mutex_unlock(&x->mu);
}

void kvm_message_load(struct kvm_vm *k)
{
	mutex_lock(&kvm_x86(k)->mu);
	set_routes(k);
	mutex_unlock(&kvm_x86(k)->mu);
}

/* Failure is a message to nobody, which is lost on the bus, too. */
void kvm_arch_message(struct kvm_vm *k, uint64_t addr, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = (uint32_t)addr,
		.address_hi = (uint32_t)(addr >> 32),
		.data = data,
	};

	if (data & LEVEL)
		expect_end(k, addr, data);
	(void)!kvm_call(k->fd, KVM_SIGNAL_MSI, &msi);
}

/* The IOAPIC is above the seam: there are no pins here. */
void kvm_arch_wire(struct kvm_vm *k, unsigned pin, bool level)
{
	(void)k;
	(void)pin;
	(void)level;
}
