/* SPDX-License-Identifier: MIT */
/* api.c - microvm.h beside the configuration: arguments checked, passed on. */
#include <string.h>

#include "api/sized.h"
#include "base/container.h"
#include "vm/backends.h"
#include "vm/probe.h"
#include "vm/vm.h"

/* ---- errors ----------------------------------------------------------- */

const char *microvm_strerror(int code)
{
	static const char *const text[] = {
		[MICROVM_OK] = "success",
		[MICROVM_EINVAL] = "invalid argument",
		[MICROVM_ENOMEM] = "out of memory",
		[MICROVM_EIO] = "the host's OS refused",
		[MICROVM_ENOTSUP] = "not supported here",
		[MICROVM_EBUSY] = "in use by somebody else",
		[MICROVM_EBADIMAGE] = "bad image",
		[MICROVM_EHYPERVISOR] = "the hypervisor refused",
		[MICROVM_ESTATE] = "not in this state",
		[MICROVM_ETIMEDOUT] = "timed out",
		[MICROVM_EREFUSED] = "connection refused",
		[MICROVM_ERESET] = "connection reset",
		[MICROVM_EAGAIN] = "not without waiting",
	};
	/* In unsigned numbers, where the negation of INT_MIN is no trap. */
	unsigned n = code < 0 ? 0u - (unsigned)code : (unsigned)code;

	_Static_assert(LEN(text) == MICROVM_ECODES, "every code has a text");
	return n < LEN(text) ? text[n] : "unknown error";
}

/* ---- probing ---------------------------------------------------------- */

/* What "auto" would choose for one of the guests it runs, or for more. */
static bool is_preferred(const struct hv_ops *ops)
{
	const struct hv_ops *best;
	unsigned arch;

	for (arch = 0; arch < ARCH_COUNT; arch++) {
		if (ops->arches & 1u << arch &&
		    !backend_best((enum arch)arch, false, &best, NULL) &&
		    best == ops)
			return true;
	}
	return false;
}

int microvm_probe(unsigned index, microvm_report *report)
{
	const struct hv_ops *ops = backend_at(index);
	struct hv_found found;
	microvm_report r = { 0 };

	if (!report || !ops)
		return -MICROVM_EINVAL;
	r.name = ops->name;
	r.arches = ops->arches;
	r.usable = !probe_run(ops, PROBE_MS, &found, &r.error);
	r.preferred = r.usable && is_preferred(ops);
	if (r.usable)
		memcpy(r.detail, found.detail, sizeof(r.detail));
	return sized_fill(report, &r, sizeof(r), "microvm_report", NULL);
}

/* ---- the machine ------------------------------------------------------ */

static struct vm *vm_of(microvm_vm *handle)
{
	return (struct vm *)handle;
}

static const struct vm *const_vm_of(const microvm_vm *handle)
{
	return (const struct vm *)handle;
}

int microvm_vm_start(microvm_vm *vm, microvm_error *err)
{
	if (!vm)
		return fail(err, MICROVM_EINVAL, "vm is NULL");
	return vm_start(vm_of(vm), err);
}

void microvm_vm_kill(microvm_vm *vm)
{
	if (vm)
		vm_kill(vm_of(vm));
}

int microvm_vm_wait(microvm_vm *vm, uint32_t ms, microvm_exit *exit)
{
	return vm ? vm_wait(vm_of(vm), ms, exit) : -MICROVM_EINVAL;
}

void microvm_vm_free(microvm_vm *vm)
{
	vm_free(vm_of(vm));
}

size_t microvm_console_read(microvm_vm *vm, void *buf, size_t len)
{
	return vm && buf ? console_read(&vm_of(vm)->console, buf, len) : 0;
}

size_t microvm_console_write(microvm_vm *vm, const void *buf, size_t len)
{
	return vm && buf ? console_write(&vm_of(vm)->console, buf, len) : 0;
}

/* ---- looking inside --------------------------------------------------- */

int microvm_vm_artifact(const microvm_vm *vm, enum microvm_artifact which,
			const void **data, size_t *len, microvm_error *err)
{
	static const char *const name[] = {
		[MICROVM_ARTIFACT_CMDLINE] = "command line",
		[MICROVM_ARTIFACT_DTB] = "device tree",
		[MICROVM_ARTIFACT_ACPI] = "ACPI tables",
		[MICROVM_ARTIFACT_E820] = "E820 map",
	};
	const struct vm *v = const_vm_of(vm);

	_Static_assert(LEN(name) == MICROVM_ARTIFACTS, "each has a name");
	if (!vm || !data || !len)
		return fail(err, MICROVM_EINVAL, "%s is NULL",
			    !vm     ? "vm"
			    : !data ? "data"
				    : "len");
	if ((unsigned)which >= MICROVM_ARTIFACTS)
		return fail(err, MICROVM_EINVAL, "no artifact has number %d",
			    (int)which);
	if (!v->artifact[which].p)
		return fail(err, MICROVM_ENOTSUP, "this machine has no %s",
			    name[which]);
	*data = v->artifact[which].p;
	*len = v->artifact[which].len;
	return 0;
}

int microvm_vm_stats(const microvm_vm *vm, microvm_stats *stats)
{
	microvm_stats now;

	if (!vm || !stats)
		return -MICROVM_EINVAL;
	vm_stats(const_vm_of(vm), &now);
	return sized_fill(stats, &now, sizeof(now), "microvm_stats", NULL);
}
