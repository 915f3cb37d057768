/* SPDX-License-Identifier: MIT */
/*
 * exit.c - what KVM_RUN came back for, made into calls of the seam.
 *
 * The page is KVM's, and KVM is trusted; it is checked all the same, where a
 * wrong number would lead out of it.
 */
#include "backend/kvm/exit.h"

#include <stdio.h>
#include <string.h>

#include "backend/kvm/arch.h"
#include "base/container.h"
#include "base/num.h"

/* Later than the headers this may be built with. */
enum { EXIT_MEMORY_FAULT = 39, MEMORY_FAULT_WORDS = 3 };

static const char *const name[] = {
	[KVM_EXIT_UNKNOWN] = "unknown",
	[KVM_EXIT_EXCEPTION] = "exception",
	[KVM_EXIT_HYPERCALL] = "hypercall",
	[KVM_EXIT_HLT] = "halt",
	[KVM_EXIT_IRQ_WINDOW_OPEN] = "interrupt window",
	[KVM_EXIT_FAIL_ENTRY] = "failed entry",
	[KVM_EXIT_SET_TPR] = "task priority",
	[KVM_EXIT_TPR_ACCESS] = "task priority access",
	[KVM_EXIT_NMI] = "NMI",
	[KVM_EXIT_INTERNAL_ERROR] = "internal error",
	[KVM_EXIT_SYSTEM_EVENT] = "system event",
	[KVM_EXIT_HYPERV] = "Hyper-V",
	[KVM_EXIT_ARM_NISV] = "undecoded access",
	[KVM_EXIT_XEN] = "Xen",
	[EXIT_MEMORY_FAULT] = "memory fault",
};

static const char *name_of(uint32_t reason)
{
	return reason < LEN(name) && name[reason] ? name[reason] : "unnamed";
}

/* Add where the guest was, and that its KVM may be the reason. */
static enum hv_run failed(struct kvm_vcpu *c)
{
	mv_error *err = &c->hv->err;
	size_t at = strlen(err->msg);
	struct regs r = { 0 };

	if (c->fd >= 0)
		kvm_arch_get_regs(c, &r);
	(void)snprintf(err->msg + at, sizeof(err->msg) - at, ", at 0x%llx",
		       (unsigned long long)kvm_arch_pc(&r));
	if (c->vm->poor)
		(void)fail_hint(err, -err->code,
				"this host's KVM emulates the guest's kernel, "
				"and not all of it; backend soft can do more");
	return HV_FAILED;
}

enum hv_run kvm_exit_unknown(struct kvm_vcpu *c)
{
	uint32_t reason = c->run->exit_reason;

	(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
		   "KVM: exit %u (%s), which nobody asked for", reason,
		   name_of(reason));
	return failed(c);
}

/* The page's bytes [off, off+len), or NULL. */
static uint8_t *data_at(struct kvm_vcpu *c, uint64_t off, uint64_t len)
{
	return fits(off, len, c->vm->run_size) ? (uint8_t *)c->run + off : NULL;
}

static uint64_t get(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	while (size--)
		v = v << 8 | p[size];
	return v;
}

static void put(uint8_t *p, unsigned size, uint64_t v)
{
	for (; size--; v >>= 8)
		*p++ = (uint8_t)v;
}

static bool is_size(unsigned size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* One access goes up; nobody there is open bus. */
static void access_up(struct kvm_vcpu *c, struct access *a, uint8_t *p)
{
	if (a->write)
		a->value = get(p, a->size);
	if (!c->hv->vm->on->access(c->hv, a) && !a->write)
		a->value = UINT64_MAX;
	if (!a->write)
		put(p, a->size, a->value);
}

/* SDM volume 1, 19.3: a port has 1, 2 or 4 bytes.  REP is `count` of them. */
static enum hv_run port(struct kvm_vcpu *c)
{
	/* Others may write to the page by the device's mapping: read once. */
	struct kvm_run *run = c->run;
	uint32_t i, count = run->io.count;
	uint8_t size = run->io.size;
	bool write = run->io.direction == KVM_EXIT_IO_OUT;
	uint8_t *p = data_at(c, run->io.data_offset, (uint64_t)count * size);

	if (!p || !is_size(size) || size == 8)
		return kvm_exit_unknown(c);
	for (i = 0; i < count; i++) {
		struct access a = { .addr = run->io.port,
				    .space = SPACE_PIO,
				    .size = size,
				    .write = write };

		access_up(c, &a, p + (size_t)i * size);
	}
	c->unfinished = true;
	return HV_AGAIN;
}

/*
 * An access that crosses into another page comes in two parts, of any size.
 * Such a one is misaligned, and those are open bus.
 */
static enum hv_run mmio(struct kvm_vcpu *c)
{
	struct kvm_run *run = c->run;
	uint32_t size = run->mmio.len;
	struct access a = { .addr = run->mmio.phys_addr,
			    .space = SPACE_MMIO,
			    .size = (uint8_t)size,
			    .write = run->mmio.is_write };

	if (size == 0 || size > sizeof(run->mmio.data))
		return kvm_exit_unknown(c);
	if (is_size(size))
		access_up(c, &a, run->mmio.data);
	else if (!a.write)
		put(run->mmio.data, size, UINT64_MAX);
	c->unfinished = true;
	return HV_AGAIN;
}

static enum hv_run system_event(struct kvm_vcpu *c)
{
	uint32_t type = c->run->system_event.type;

	switch (type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN: return HV_SHUTDOWN;
	case KVM_SYSTEM_EVENT_RESET: return HV_RESET;
	case KVM_SYSTEM_EVENT_CRASH:
		(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
			   "KVM: the guest says that it crashed");
		return failed(c);
	default:
		(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
			   "KVM: system event %u, which nobody asked for",
			   type);
		return failed(c);
	}
}

static enum hv_run fail_entry(struct kvm_vcpu *c)
{
	uint64_t why = c->run->fail_entry.hardware_entry_failure_reason;

	(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
		   "KVM: the CPU refuses to enter the guest, reason 0x%llx",
		   (unsigned long long)why);
	return failed(c);
}

enum { INSN_MAX = 15, HEX = 3 * INSN_MAX + 1 }; /* SDM volume 2, 2.3.11 */

/* The bytes of what could not be emulated, where KVM gives them. */
static void insn_hex(struct kvm_vcpu *c, char out[static HEX])
{
	struct kvm_run *run = c->run;
	unsigned n = 0, i;

	out[0] = '\0';
	if (run->emulation_failure.flags &
	    KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)
		n = run->emulation_failure.insn_size;
	for (i = 0; i < n && i < INSN_MAX; i++)
		(void)snprintf(out + (size_t)3 * i, 4, " %02x",
			       run->emulation_failure.insn_bytes[i]);
}

static enum hv_run emulation_failed(struct kvm_vcpu *c)
{
	char hex[HEX];

	insn_hex(c, hex);
	(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
		   "KVM: cannot emulate an instruction%s%s", hex[0] ? ":" : "",
		   hex);
	return failed(c);
}

static enum hv_run internal_error(struct kvm_vcpu *c)
{
	static const char *const words[] = {
		[KVM_INTERNAL_ERROR_SIMUL_EX] = "simultaneous exceptions",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] = "in delivering an event",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] =
			"an exit of the CPU that it does not expect",
	};
	uint32_t sub = c->run->internal.suberror;
	bool known = sub < LEN(words) && words[sub];

	if (sub == KVM_INTERNAL_ERROR_EMULATION)
		return emulation_failed(c);
	(void)fail(&c->hv->err, MICROVM_EHYPERVISOR,
		   "KVM: internal error %u%s%s", sub, known ? ": " : "",
		   known ? words[sub] : "");
	return failed(c);
}

enum hv_run kvm_exit(struct kvm_vcpu *c)
{
	switch (c->run->exit_reason) {
	case KVM_EXIT_IO: return port(c);
	case KVM_EXIT_MMIO: return mmio(c);
	case KVM_EXIT_INTR: return HV_AGAIN;
	case KVM_EXIT_DEBUG: return HV_DEBUG;
	case KVM_EXIT_SHUTDOWN: return HV_RESET;
	case KVM_EXIT_SYSTEM_EVENT: return system_event(c);
	case KVM_EXIT_FAIL_ENTRY: return fail_entry(c);
	case KVM_EXIT_INTERNAL_ERROR: return internal_error(c);
	default: return kvm_arch_exit(c);
	}
}

/* api.rst, 5, "KVM_EXIT_MEMORY_FAULT": flags, address, size. */
static void memory_fault(struct kvm_vcpu *c, int os)
{
	uint64_t word[MEMORY_FAULT_WORDS];

	memcpy(word, &c->run->hw, sizeof(word));
	(void)fail_os(&c->hv->err, MICROVM_EHYPERVISOR, os,
		      "KVM: no memory behind 0x%llx, 0x%llx bytes (flags "
		      "0x%llx)",
		      (unsigned long long)word[1], (unsigned long long)word[2],
		      (unsigned long long)word[0]);
}

enum hv_run kvm_exit_failed(struct kvm_vcpu *c, int os)
{
	if (c->run->exit_reason == EXIT_MEMORY_FAULT)
		memory_fault(c, os);
	else
		(void)fail_os(&c->hv->err, MICROVM_EHYPERVISOR, os,
			      "KVM: cannot run the guest");
	return failed(c);
}
