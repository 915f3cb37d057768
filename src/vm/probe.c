/* SPDX-License-Identifier: MIT */
/* probe.c - a VM of 16 MiB and some ten instructions. */
#include "vm/probe.h"

#include "base/container.h"
#include "os/time.h"
#include "vm/vm.h"

enum { PROBE_RAM = 16 << 20, PROBE_SAYS = '!' };

/* Print PROBE_SAYS on the UART, by way of RAM; switch the machine off. */
static const uint32_t arm64[] = {
	0xd2a80001, /* mov x1, #0x40000000      RAM */
	0xd2a12002, /* mov x2, #0x9000000       UART */
	0xf9008022, /* str x2, [x1, #256] */
	0xf9408023, /* ldr x3, [x1, #256] */
	0x52800420, /* mov w0, #'!' */
	0xb9000060, /* str w0, [x3] */
	0x52800100, /* mov w0, #0x8             PSCI SYSTEM_OFF */
	0x72b08000, /* movk w0, #0x8400, lsl #16 */
	0xd4000002, /* hvc #0 */
	0x14000000, /* b . */
};

/* The same, in 32 bits. */
static const uint8_t x86_64[] = {
	0xbf, 0x00, 0x00, 0x20, 0x00,       /* mov edi, 0x200000     RAM */
	0xc7, 0x07, 0xf8, 0x03, 0x00, 0x00, /* mov dword [edi], 0x3f8 */
	0x8b, 0x17,                         /* mov edx, [edi]        UART */
	0xb0, 0x21,                         /* mov al, '!' */
	0xee,                               /* out dx, al */
	0x66, 0xba, 0x00, 0x06, /* mov dx, 0x600  ACPI sleep control */
	0xb0, 0x34,             /* mov al, 0x34   SLP_EN, S5 */
	0xee,                   /* out dx, al */
	0xf4,                   /* hlt */
	0xeb, 0xfd,             /* jmp -1 */
};

struct program {
	const void *p;
	size_t len;
};

static const struct program program[ARCH_COUNT] = {
	[ARCH_ARM64] = { arm64, sizeof(arm64) },
	[ARCH_X86_64] = { x86_64, sizeof(x86_64) },
};

static int judge(struct vm *vm, const microvm_exit *end, mv_error *err)
{
	char said = 0;

	if (end->reason == MICROVM_EXIT_FAILED) {
		if (err)
			*err = end->error;
		return -end->error.code;
	}
	if (end->reason != MICROVM_EXIT_POWEROFF)
		return fail(err, MICROVM_EHYPERVISOR,
			    "the test guest was reset");
	if (console_read(&vm->console, &said, 1) != 1 || said != PROBE_SAYS)
		return fail(err, MICROVM_EHYPERVISOR,
			    "the test guest's output did not arrive");
	return 0;
}

static int run(struct vm *vm, uint32_t ms, mv_error *err)
{
	microvm_exit end;
	int rc = vm_start(vm, err);

	if (rc)
		return rc;
	if (vm_wait(vm, ms, &end))
		return fail(err, MICROVM_ETIMEDOUT,
			    "the test guest did not end within %u ms", ms);
	return judge(vm, &end, err);
}

/* An architecture that we have a program and a machine for. */
static bool find_arch(unsigned arches, enum arch *arch)
{
	unsigned i;

	for (i = 0; i < ARCH_COUNT; i++) {
		if (arches & 1u << i && program[i].p)
			break;
	}
	*arch = (enum arch)i;
	return i < ARCH_COUNT;
}

int probe_run(const struct hv_ops *ops, uint32_t ms, struct hv_found *found,
	      mv_error *err)
{
	struct vm_config cfg = {
		.ops = ops,
		.cpus = 1,
		.ram = PROBE_RAM,
		.console = true,
		.born = time_mono_ns(),
	};
	struct vm *vm;
	int rc;

	*found = (struct hv_found){ 0 };
	rc = ops->probe(found, err);
	if (rc)
		return rc;
	if (!find_arch(ops->arches, &cfg.arch))
		return fail(err, MICROVM_ENOTSUP,
			    "this build has no machine for its guests");
	cfg.program = program[cfg.arch].p;
	cfg.program_len = program[cfg.arch].len;
	rc = vm_create(&cfg, &vm, err);
	if (rc)
		return rc;
	rc = run(vm, ms, err);
	vm_free(vm);
	return rc;
}
