/* SPDX-License-Identifier: MIT */
/* rig.h - a whole VM whose CPUs follow scripts, and who listens to it. */
#ifndef TESTS_VM_RIG_H
#define TESTS_VM_RIG_H

#include "arch/arm64/layout.h"
#include "arch/x86_64/layout.h"
#include "backend/script/script.h"
#include "base/container.h"
#include "vm/vm.h"

#define MIB UINT64_C(0x100000)

/* Steps of guests. */
#define WRITE(at, v)                             \
	{                                        \
		.op = SCRIPT_ACCESS, .access = { \
			.addr = (at),            \
			.value = (v),            \
			.size = 4,               \
			.write = true            \
		}                                \
	}
#define READ(at)                                                          \
	{                                                                 \
		.op = SCRIPT_ACCESS, .access = {.addr = (at), .size = 4 } \
	}
#define CALL(...)                                       \
	{                                               \
		.op = SCRIPT_CALL, .x = { __VA_ARGS__ } \
	}
#define PRINT(c) WRITE(ARM64_UART_BASE, (c))
#define WFI(t)                              \
	{                                   \
		.op = SCRIPT_WFI, .ns = (t) \
	}
#define SLEEP WFI(CLOCK_NEVER)
#define TICK(t)                              \
	{                                    \
		.op = SCRIPT_TICK, .ns = (t) \
	}
#define GOTO(n)                              \
	{                                    \
		.op = SCRIPT_GOTO, .to = (n) \
	}
#define SPIN                      \
	{                         \
		.op = SCRIPT_SPIN \
	}
#define RETURN(v)                                 \
	{                                         \
		.op = SCRIPT_RETURN, .value = (v) \
	}
#define OUT(port, v)                             \
	{                                        \
		.op = SCRIPT_ACCESS, .access = { \
			.addr = (port),          \
			.value = (v),            \
			.size = 1,               \
			.space = SPACE_PIO,      \
			.write = true            \
		}                                \
	}
#define IN(port)                                 \
	{                                        \
		.op = SCRIPT_ACCESS, .access = { \
			.addr = (port),          \
			.size = 1,               \
			.space = SPACE_PIO       \
		}                                \
	}
#define TAKE                      \
	{                         \
		.op = SCRIPT_TAKE \
	}
#define ACPI_OFF OUT(X86_PORT_SLEEP, 0x20 | X86_SLEEP_S5 << 2) /* 4.8.3.7 */
#define SYSTEM_OFF CALL(UINT64_C(0x84000008)) /* PSCI, DEN 0022 5.9 */

struct rig {
	struct script script;
	struct vm_config cfg; /* may be changed before rig_create() */
	struct vm *vm;
	atomic_uint events;
	enum microvm_event event[256]; /* the first of them */
	void (*also)(struct rig *r, enum microvm_event e);
};

/* One CPU, 1 MiB, virtual time, a console, no program but the script. */
void rig_init(struct rig *r);
void rig_follow(struct rig *r, unsigned cpu, struct script_step *step,
		size_t count);
#define FOLLOW(r, cpu, list) rig_follow(r, cpu, list, LEN(list))

/* Make the VM; make and start it; wait for its end. */
void rig_create(struct rig *r);
void rig_start(struct rig *r);
enum microvm_reason rig_end(struct rig *r);

/* Until the guest has had `n` slices. */
void rig_slices(struct rig *r, uint64_t n);

/* Frees the VM, if there is one, and looks whether all was given back. */
void rig_fini(struct rig *r);

/* What this process holds. */
struct holdings {
	unsigned threads, files, maps;
};

struct holdings holdings(void);

/*
 * The same, once it is no more than before: the kernel takes a joined thread
 * off its list a moment after the join.  Looks for 10 seconds at most.
 */
struct holdings holdings_again(struct holdings before);

#endif
