/* SPDX-License-Identifier: MIT */
/*
 * state.c - saving and loading all of an arm64 vCPU and VM that KVM keeps.
 *
 * Registers go by KVM's numbers, which are its interface, each with its value,
 * so that kernels with different lists understand each other.  Only another
 * KVM of arm64 loads them, on a CPU with the same features.
 *
 * The counter is the VM's and not a vCPU's: it goes on from where it was.  The
 * physical timer moves along where the kernel lists its registers, which new
 * ones do; Linux uses the virtual one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/kvm/arm64/arm64.h"
#include "base/container.h"

enum { REGS_MAX = 4096, REG_BYTES = 256 };

bool kvm_state_check(struct state *s, bool ok, const char *why)
{
	if (!ok && !s->failed) {
		s->failed = true;
		s->why = why;
	}
	return ok;
}

/* How many bytes a number stands for; 0: more than any of ours. */
static size_t size_of(uint64_t id)
{
	uint64_t log = (id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT;
	size_t size = (size_t)1 << log;

	return size <= REG_BYTES ? size : 0;
}

static bool is_counter(uint64_t id)
{
	return id == KVM_REG_ARM_TIMER_CNT || id == KVM_REG_ARM_PTIMER_CNT;
}

static struct kvm_reg_list *list_regs(int fd)
{
	struct kvm_reg_list *list;

	list = calloc(1, sizeof(*list) + REGS_MAX * sizeof(list->reg[0]));
	if (!list)
		return NULL;
	list->n = REGS_MAX;
	if (kvm_call(fd, KVM_GET_REG_LIST, list) == 0)
		return list;
	free(list);
	return NULL;
}

static void save_regs(const struct kvm_reg_list *list, int fd, struct state *s)
{
	uint8_t value[REG_BYTES];
	uint32_t count = 0;
	uint64_t i, id;

	for (i = 0; i < list->n; i++)
		count += !is_counter(list->reg[i]);
	state_u32(s, &count);
	for (i = 0; i < list->n && !s->failed; i++) {
		id = list->reg[i];
		if (is_counter(id))
			continue;
		if (!kvm_state_check(s,
				     size_of(id) && !kvm_reg_get(fd, id, value),
				     "KVM does not tell a register"))
			return;
		state_u64(s, &id);
		state_bytes(s, value, size_of(id));
	}
}

/*
 * What cannot be written may be constant, and right; and what is not there
 * has lost nothing if it was 0.
 */
static bool load_reg(int fd, uint64_t id, const uint8_t *value)
{
	uint8_t have[REG_BYTES] = { 0 };

	if (!kvm_reg_set(fd, id, value))
		return true;
	(void)!kvm_reg_get(fd, id, have);
	return !memcmp(have, value, size_of(id));
}

static void load_regs(int fd, struct state *s)
{
	uint8_t value[REG_BYTES];
	uint32_t count = 0, i;
	uint64_t id = 0;

	state_u32(s, &count);
	state_check(s, count <= REGS_MAX, "too many registers");
	for (i = 0; i < count && !s->failed; i++) {
		state_u64(s, &id);
		state_check(s, size_of(id) != 0, "a register of no known size");
		if (s->failed)
			return;
		state_bytes(s, value, size_of(id));
		if (!s->failed)
			state_check(s, load_reg(fd, id, value),
				    "this host's CPU lacks what the guest's "
				    "has");
	}
}

/* On or off, and an SError or abort that has not arrived yet. */
static void walk_rest(int fd, struct state *s)
{
	struct kvm_mp_state mp = { 0 };
	struct kvm_vcpu_events ev = { 0 };
	uint64_t esr;

	if (!s->loading) {
		(void)kvm_state_check(s, !kvm_call(fd, KVM_GET_MP_STATE, &mp),
				      "KVM does not tell the power state");
		/* Kernels before 4.19 have nothing to tell. */
		(void)!kvm_call(fd, KVM_GET_VCPU_EVENTS, &ev);
	}
	state_u32(s, &mp.mp_state);
	state_u8(s, &ev.exception.serror_pending);
	state_u8(s, &ev.exception.serror_has_esr);
	state_u8(s, &ev.exception.ext_dabt_pending);
	esr = ev.exception.serror_esr;
	state_u64(s, &esr);
	ev.exception.serror_esr = esr;
	if (!s->loading || s->failed)
		return;
	state_check(s, !kvm_call(fd, KVM_SET_MP_STATE, &mp),
		    "KVM does not take the power state");
	state_check(s,
		    !kvm_call(fd, KVM_SET_VCPU_EVENTS, &ev) ||
			    (!ev.exception.serror_pending &&
			     !ev.exception.ext_dabt_pending),
		    "KVM does not take the pending events");
}

void kvm_arch_vcpu_state(struct kvm_vcpu *c, struct state *s)
{
	struct kvm_reg_list *list;

	state_section(s, "kvm arm64 cpu", 1);
	if (s->loading) {
		load_regs(c->fd, s);
	} else {
		list = list_regs(c->fd);
		if (kvm_state_check(s, list, "KVM does not list the registers"))
			save_regs(list, c->fd, s);
		free(list);
	}
	walk_rest(c->fd, s);
}

/* ---- the VM's --------------------------------------------------------- */

static void walk_counters(int fd, struct state *s)
{
	uint64_t virt = 0, phys = 0;

	if (!s->loading) {
		(void)kvm_state_check(
			s, !kvm_reg_get(fd, KVM_REG_ARM_TIMER_CNT, &virt),
			"KVM does not tell the counter");
		(void)!kvm_reg_get(fd, KVM_REG_ARM_PTIMER_CNT, &phys);
	}
	state_u64(s, &virt);
	state_u64(s, &phys);
	if (!s->loading || s->failed)
		return;
	(void)!kvm_reg_set(fd, KVM_REG_ARM_PTIMER_CNT, &phys); /* see above */
	state_check(s, !kvm_reg_set(fd, KVM_REG_ARM_TIMER_CNT, &virt),
		    "KVM does not take the counter");
}

void kvm_arch_vm_state(struct kvm_vm *k, struct state *s)
{
	state_section(s, "kvm arm64 vm", 1);
	walk_counters(kvm_arm64(k)->first, s);
	vgic_state(&kvm_arm64(k)->gic, s);
}
