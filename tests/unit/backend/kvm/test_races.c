/* SPDX-License-Identifier: MIT */
/*
 * All that can happen to a VM of four CPUs at once, two hundred times: guests
 * that come out for registers, ring the doorbell, take interrupts and sleep;
 * messages from one thread, kicks from another; and an end at any moment.
 * That run() comes back for all of it is what the time limit judges, the rest
 * ThreadSanitizer.
 */
#include "rig.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arch/x86_64/boot_regs.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/tables.h"
#include "base/bytes.h"
#include "base/container.h"
#include "os/doorbell.h"
#include "os/mem.h"
#include "os/thread.h"

#include "../../check.h"

enum {
	CPUS = 4,
	ROUNDS = 200,
	TURNS_MAX = 40, /* of a guest, behind which it may be ended */
	MESSAGES = 60,  /* in a round, at most, */
	KICKS = 60,     /* and of these, too */
	PATIENCE = 50,  /* times that others may run */
	PORT = 0x10,
	VECTOR = 0x50,
	ASSERT = 1 << 14, /* SDM volume 3, 11.11.2 */
	LEVEL = 1 << 15,
	/* Guest memory, as the code below has it. */
	IDTR = 0x4e0,
	GDTR = 0x4f0,
	TURNS = 0x200000,
	TAKEN = 0x200008,
	SLEEPS = 0x200018,
	AP_CODE = 0x101000,
};

#define BELL UINT64_C(0xd0000050)
#define REGISTER UINT64_C(0xd0001000) /* somebody's, that is read */

/* Real mode, page 1: the way to long mode, with the first CPU's tables. */
GUEST(16, start_up,
      "cli\nxor %ax, %ax\nmov %ax, %ds\nlgdtl 0x4f0\n"
      "mov $0x20, %eax\nmov %eax, %cr4\nmov $0x9000, %eax\n"
      "mov %eax, %cr3\nmov $0xc0000080, %ecx\nrdmsr\nor $0x100, %eax\n"
      "wrmsr\nmov $0x80000011, %eax\nmov %eax, %cr0\n"
      "ljmpl $0x10, $0x101000\n");

/* The first: INIT and twice a start-up at page 1 to all others, SDM 11.6.1. */
GUEST(64, first,
      "mov $0xfee00300, %edi\nmovl $0x1ff, -0x210(%rdi)\n"
      "movl $0xc4500, (%rdi)\nmovl $0xc4601, (%rdi)\nmovl $0xc4601, (%rdi)\n"
      "mov $0x101000, %eax\njmp *%rax\n");

/* All of them: a stack of its own, then round and round, and to sleep. */
GUEST(64, all,
      "mov $0x18, %eax\nmov %eax, %ss\nmov %eax, %ds\nmov %eax, %es\n"
      "mov $1, %eax\nlock xadd %eax, 0x200010\ninc %eax\nshl $12, %eax\n"
      "lea 0x300000(%rax), %rsp\nlidt 0x4e0\n"
      "mov $0xfee000f0, %edi\nmovl $0x1ff, (%rdi)\n"
      "mov $0xd0000050, %esi\nmov $0xd0001000, %ebx\nsti\n"
      "1: lock incq 0x200000\nmovl %eax, (%rsi)\nmovl (%rbx), %eax\n"
      "out %al, $0x10\ncmpb $0, 0x200018\nje 1b\nhlt\njmp 1b\n");

GUEST(64, handler,
      "push %rdi\nlock incq 0x200008\nmov $0xfee000b0, %edi\n"
      "movl $0, (%rdi)\npop %rdi\niretq\n");

struct machine;

struct cpu {
	struct machine *m;
	struct hv_vcpu v;
	pthread_t thread;
	unsigned returns; /* its thread's, as those below are */
	unsigned reads, outs, eois, strays;
	enum hv_run why;
};

struct machine {
	struct gmem mem;
	void *ram;
	struct hv_vm vm;
	struct cpu cpu[CPUS];
	struct doorbell bell; /* only its descriptor */
	uv_barrier_t made, ready, ended;
	atomic_bool stop, quiet, failed;
	atomic_uint tired; /* of the two that do things to it */
	uint64_t rung;     /* the messenger's */
	uint32_t seed;
};

static struct cpu *cpu_of(struct hv_vcpu *v)
{
	return container_of(v, struct cpu, v);
}

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	struct cpu *c = cpu_of(v);
	bool is_read = !a->write && a->space == SPACE_MMIO &&
		       a->addr == REGISTER && a->size == 4;
	bool is_out = a->write && a->space == SPACE_PIO && a->addr == PORT &&
		      a->size == 1;

	if (!a->write)
		a->value = 0x12345678;
	c->reads += is_read;
	c->outs += is_out;
	c->strays += !is_read && !is_out;
	return true;
}

static void on_eoi(struct hv_vcpu *v, unsigned vector)
{
	struct cpu *c = cpu_of(v);

	c->eois++;
	c->strays += vector != VECTOR;
}

static bool on_sysreg(struct hv_vcpu *v, struct sysreg_access *a)
{
	(void)a;
	cpu_of(v)->strays++;
	return false;
}

static const struct hv_events events = {
	.access = on_access,
	.sysreg = on_sysreg,
	.eoi = on_eoi,
};

/* ---- guest memory ----------------------------------------------------- */

static void put(struct machine *m, uint64_t gpa, const uint8_t *p,
		const uint8_t *end)
{
	assert_true(gmem_write(&m->mem, gpa, p, (size_t)(end - p)));
}

/* SDM volume 3, 6.14.1: interrupt gates of long mode, all the same. */
static void put_gates(struct machine *m)
{
	uint8_t gate[16] = { 0 };
	unsigned i;

	put_le64(gate, (RIG_ISR & 0xffff) | X86_SEL_CODE64 << 16 |
			       UINT64_C(0x8e00) << 32 |
			       (uint64_t)(RIG_ISR >> 16) << 48);
	for (i = 0; i < 256; i++)
		put(m, RIG_IDT + 16 * i, gate, gate + sizeof(gate));
}

static void put_guest(struct machine *m, bool sleeps)
{
	uint8_t gdtr[10] = { 0 }, idtr[10] = { 0 }, flag = sleeps;
	uint8_t *ram = m->ram;

	x86_gdt_write(ram + X86_GDT_GPA);
	x86_page_tables_write(ram + X86_PML4_GPA);
	put_gates(m);
	put_le16(gdtr, X86_GDT_LEN - 1);
	put_le64(gdtr + 2, X86_GDT_GPA);
	put_le16(idtr, 0xfff);
	put_le64(idtr + 2, RIG_IDT);
	put(m, GDTR, gdtr, gdtr + sizeof(gdtr));
	put(m, IDTR, idtr, idtr + sizeof(idtr));
	put(m, SLEEPS, &flag, &flag + 1);
	put(m, RIG_REAL, start_up, start_up_end);
	put(m, RIG_CODE, first, first_end);
	put(m, AP_CODE, all, all_end);
	put(m, RIG_ISR, handler, handler_end);
}

static uint64_t peek(const struct machine *m, uint32_t gpa)
{
	const uint8_t *ram = m->ram;
	const void *at = ram + gpa;

	return __atomic_load_n((const uint64_t *)at, __ATOMIC_ACQUIRE);
}

/* ---- the threads ------------------------------------------------------ */

static void *live(void *arg)
{
	struct cpu *c = arg;
	struct machine *m = c->m;
	struct regs regs;

	assert_int_equal(hv_kvm.vcpu_init(&c->v, NULL), 0);
	(void)uv_barrier_wait(&m->made);
	(void)uv_barrier_wait(&m->ready);
	if (c->v.index == 0) {
		x86_boot_regs(&regs, X86_ENTRY_64, RIG_CODE, 0);
		regs.x86.gpr[X86_RSP] = RIG_STACK;
		hv_kvm.set_regs(&c->v, &regs);
	}
	c->why = HV_AGAIN;
	while (!atomic_load(&m->stop) && c->why == HV_AGAIN) {
		c->why = hv_kvm.run(&c->v);
		c->returns++;
	}
	if (c->why != HV_AGAIN)
		atomic_store(&m->failed, true);
	(void)uv_barrier_wait(&m->ended);
	hv_kvm.vcpu_fini(&c->v);
	return NULL;
}

static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* The destination is an APIC ID, in bits 19:12, or all of them. */
static void send_one(struct machine *m, uint32_t random)
{
	uint64_t id = random & 4 ? 0xff : random & 3;
	uint32_t level = random & 8 ? LEVEL : 0;

	hv_kvm.message(&m->vm, X86_LAPIC_BASE | id << 12,
		       VECTOR | ASSERT | level);
}

/*
 * Give the guest some time between two things that happen to it: until it got
 * somewhere, or for so long that it may be asleep.
 */
static void pause_some(const struct machine *m)
{
	uint64_t before = peek(m, TURNS) + peek(m, TAKEN);
	unsigned i;

	for (i = 0; i < PATIENCE; i++) {
		sched_yield();
		if (peek(m, TURNS) + peek(m, TAKEN) != before)
			break;
	}
}

/* What the loop thread does in a VM. */
static void *message(void *arg)
{
	struct machine *m = arg;
	uint32_t seed = m->seed ^ 0x5555;
	unsigned i;

	for (i = 0; i < MESSAGES && !atomic_load(&m->quiet); i++) {
		uint32_t random = next(&seed);
		eventfd_t n;

		send_one(m, random);
		hv_kvm.wire(&m->vm, random & 15, random & 1);
		if (!eventfd_read(m->bell.fd[0], &n))
			m->rung += n;
		if (random & 0x300)
			pause_some(m);
	}
	atomic_fetch_add(&m->tired, 1);
	return NULL;
}

static void *kick(void *arg)
{
	struct machine *m = arg;
	uint32_t seed = m->seed ^ 0xaaaa;
	unsigned i;

	for (i = 0; i < KICKS && !atomic_load(&m->quiet); i++) {
		hv_kvm.kick(&m->cpu[next(&seed) % CPUS].v);
		if (seed & 0x300)
			pause_some(m);
	}
	atomic_fetch_add(&m->tired, 1);
	return NULL;
}

static void start(pthread_t *t, void *(*body)(void *arg), void *arg)
{
	assert_int_equal(pthread_create(t, NULL, body, arg), 0);
}

static void join(pthread_t t)
{
	assert_int_equal(pthread_join(t, NULL), 0);
}

/* ---- a life ----------------------------------------------------------- */

static void make(struct machine *m, uint32_t seed)
{
	unsigned i;

	*m = (struct machine){ .seed = seed };
	assert_int_equal(mem_map(&m->ram, RIG_RAM, NULL), 0);
	assert_int_equal(gmem_add(&m->mem, 0, m->ram, RIG_RAM, NULL), 0);
	put_guest(m, seed & 1);
	m->vm = (struct hv_vm){
		.ops = &hv_kvm,
		.on = &events,
		.mem = &m->mem,
		.cfg = { .arch = ARCH_X86_64, .cpus = CPUS },
	};
	assert_int_equal(hv_kvm.vm_init(&m->vm, NULL), 0);
	assert_int_equal(hv_kvm.map(&m->vm, &m->mem.region[0], NULL), 0);
	m->bell.fd[0] = m->bell.fd[1] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(m->bell.fd[0] >= 0);
	assert_int_equal(hv_kvm.doorbell(&m->vm, BELL, 4, &m->bell, NULL), 0);
	assert_int_equal(uv_barrier_init(&m->made, CPUS + 1), 0);
	assert_int_equal(uv_barrier_init(&m->ready, CPUS + 1), 0);
	assert_int_equal(uv_barrier_init(&m->ended, CPUS + 1), 0);
	for (i = 0; i < CPUS; i++) {
		m->cpu[i].m = m;
		m->cpu[i].v = (struct hv_vcpu){ .vm = &m->vm, .index = i };
		start(&m->cpu[i].thread, live, &m->cpu[i]);
	}
	(void)uv_barrier_wait(&m->made);
	assert_int_equal(hv_kvm.ready(&m->vm, NULL), 0);
	(void)uv_barrier_wait(&m->ready);
}

static void unmake(struct machine *m)
{
	uv_barrier_destroy(&m->made);
	uv_barrier_destroy(&m->ready);
	uv_barrier_destroy(&m->ended);
	hv_kvm.vm_fini(&m->vm);
	(void)close(m->bell.fd[0]);
	mem_unmap(m->ram, RIG_RAM);
}

static void stop(struct machine *m)
{
	unsigned i;

	atomic_store(&m->stop, true);
	for (i = 0; i < CPUS; i++)
		hv_kvm.kick(&m->cpu[i].v);
}

/* What has to have happened in all rounds together. */
struct sum {
	uint64_t turns, taken, rung;
	unsigned returns, reads, outs, eois;
	unsigned started; /* rounds in which all CPUs ran */
};

static void add(struct sum *s, const struct machine *m)
{
	unsigned i, running = 0;

	for (i = 0; i < CPUS; i++) {
		const struct cpu *c = &m->cpu[i];

		if (c->why == HV_FAILED)
			print_error("%s\n", c->v.err.msg);
		assert_int_equal(c->why, HV_AGAIN);
		assert_int_equal(c->strays, 0);
		s->returns += c->returns;
		s->reads += c->reads;
		s->outs += c->outs;
		s->eois += c->eois;
		running += c->outs != 0;
	}
	s->turns += peek(m, TURNS);
	s->taken += peek(m, TAKEN);
	s->rung += m->rung;
	s->started += running == CPUS;
}

/* Ended behind so many turns of the guest, at once, or when all is done. */
static void round_of(struct sum *s, uint32_t seed)
{
	uint32_t random = seed;
	pthread_t messenger, kicker;
	struct machine m;
	unsigned turns;

	make(&m, seed);
	turns = next(&random) % TURNS_MAX;
	start(&messenger, message, &m);
	start(&kicker, kick, &m);
	while (peek(&m, TURNS) < turns && !atomic_load(&m.failed) &&
	       atomic_load(&m.tired) < 2)
		sched_yield();
	if (seed & 2) /* with all of it going on, or none */
		stop(&m);
	atomic_store(&m.quiet, true);
	join(messenger);
	join(kicker);
	stop(&m);
	(void)uv_barrier_wait(&m.ended);
	for (turns = 0; turns < CPUS; turns++)
		join(m.cpu[turns].thread);
	add(s, &m);
	unmake(&m);
}

static void test_cpus_messages_kicks_and_ends_at_once(void **state)
{
	struct sum s = { 0 };
	uint32_t i;

	(void)state;
	for (i = 1; i <= ROUNDS; i++)
		round_of(&s, i * 2654435761u);
	print_message("%llu turns, %llu interrupts, %u ends of levels, %llu "
		      "rings, %u runs; in %u rounds all CPUs were up\n",
		      (unsigned long long)s.turns, (unsigned long long)s.taken,
		      s.eois, (unsigned long long)s.rung, s.returns, s.started);
	assert_true(s.taken > 0);
	assert_true(s.eois > 0);
	assert_true(s.rung > 0);
	assert_true(s.reads > 0);
	assert_true(s.returns > ROUNDS * CPUS);
	assert_true(s.started > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpus_messages_kicks_and_ends_at_once),
	};
	int missing = rig_missing();

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
