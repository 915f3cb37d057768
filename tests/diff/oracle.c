/* SPDX-License-Identifier: MIT */
/*
 * oracle.c - runs test cases on the CPU below and says what became of them.
 *
 * An arm64 Linux program, for qemu-aarch64 or a real arm64 host.  It reads
 * batches of struct dcase from stdin and answers each with results.
 *
 * There is no assembly: a case starts when the signal handler returns into
 * registers that it has put into its frame, and ends when the next signal
 * (the sentinel's SIGTRAP, or a fault) brings all registers back.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "case.h"
#include "value.h"

enum { HANG_SECONDS = 60, HANDLER_STACK = 256 * 1024 };

#define PSTATE_NZCV UINT64_C(0xf0000000)

/* The handler has no other way to find its data. */
static struct {
	uint32_t total, current;
	int started;
	uint64_t own_tpidr;
	mcontext_t own; /* where main() waits for the batch's end */
	struct dcase in[BATCH];
	struct dresult out[BATCH];
	struct dword words[BATCH][RW_BYTES / 8];
	uint64_t image[IMAGES][(RW_BYTES + PAGE) / 8];
} o;

static struct fpsimd_context *fpsimd(mcontext_t *m)
{
	unsigned char *p = (unsigned char *)m->__reserved;

	for (;;) {
		struct _aarch64_ctx *h = (struct _aarch64_ctx *)p;

		if (h->magic == FPSIMD_MAGIC)
			return (struct fpsimd_context *)h;
		if (!h->magic || !h->size) {
			static const char no[] = "oracle: no FP in frame\n";

			(void)!write(2, no, sizeof(no) - 1);
			_exit(2);
		}
		p += h->size;
	}
}

static uint64_t tpidr_read(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, tpidr_el0" : "=r"(v));
	return v;
}

static void tpidr_write(uint64_t v)
{
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(v) : "memory");
}

static uint64_t *window(void)
{
	return (uint64_t *)WINDOW;
}

static void case_load(mcontext_t *m, const struct dcase *c)
{
	struct fpsimd_context *f = fpsimd(m);

	memcpy(window(), o.image[c->image], RW_BYTES);
	memcpy(m->regs, c->x, sizeof(c->x));
	m->sp = c->sp;
	m->pc = slot_va(c->slot);
	m->pstate = (m->pstate & ~PSTATE_NZCV) | c->nzcv;
	memcpy(f->vregs, c->v, sizeof(c->v));
	f->fpcr = c->fpcr;
	f->fpsr = c->fpsr;
}

static void memory_store(struct dresult *r, const struct dcase *c)
{
	const uint64_t *was = o.image[c->image], *is = window();
	struct dword *w = o.words[o.current];
	uint32_t i, n = 0;

	for (i = 0; i < RW_BYTES / 8; i++)
		if (was[i] != is[i])
			w[n++] = (struct dword){ i * 8, is[i] };
	r->words = n;
}

static void case_store(struct dresult *r, mcontext_t *m, uint64_t tpidr)
{
	const struct fpsimd_context *f = fpsimd(m);

	memcpy(r->x, m->regs, sizeof(r->x));
	r->sp = m->sp;
	r->pc = m->pc;
	r->nzcv = (uint32_t)(m->pstate & PSTATE_NZCV);
	memcpy(r->v, f->vregs, sizeof(r->v));
	r->fpcr = f->fpcr;
	r->fpsr = f->fpsr;
	r->tpidr = tpidr;
	memory_store(r, &o.in[o.current]);
}

static int log_event(struct dresult *r, mcontext_t *m, uint64_t offset,
		     enum devent event)
{
	if (r->events == LOG_MAX) {
		r->end = END_LOG;
		return 1;
	}
	r->log[r->events].event = event;
	r->log[r->events++].offset = (uint32_t)offset;
	m->pc += 4;
	return 0;
}

/* What this signal says about the case; true when it is over. */
static int case_judge(struct dresult *r, mcontext_t *m, int sig,
		      const siginfo_t *si)
{
	const struct dcase *c = &o.in[o.current];
	uint64_t offset = m->pc - slot_va(c->slot);
	int inside = offset < 4 * (uint64_t)c->count;

	r->addr = (uint64_t)si->si_addr;
	switch (sig) {
	case SIGTRAP:
		if (inside)
			return log_event(r, m, offset, EVENT_BRK);
		r->end = offset == 4 * c->count ? END_DONE : END_OTHER;
		return 1;
	case SIGILL:
		if (inside)
			return log_event(r, m, offset, EVENT_ILL);
		r->end = END_OTHER;
		return 1;
	case SIGSEGV: r->end = END_SEGV; return 1;
	case SIGBUS: r->end = END_BUS; return 1;
	default: r->end = END_HANG; return 1;
	}
}

static void batch_end(mcontext_t *m)
{
	struct fpsimd_context *f = fpsimd(m);

	memcpy(m->regs, o.own.regs, sizeof(m->regs));
	m->sp = o.own.sp;
	m->pc = o.own.pc + 4;
	m->pstate = o.own.pstate;
	*f = *fpsimd(&o.own);
	o.started = 0;
}

static void on_signal(int sig, siginfo_t *si, void *context)
{
	mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
	uint64_t tpidr = tpidr_read();

	tpidr_write(o.own_tpidr);
	if (!o.started && sig == SIGALRM)
		return; /* between the last case and the alarm's end */
	if (!o.started) {
		o.started = 1;
		o.own = *m;
		o.current = 0;
	} else {
		struct dresult *r = &o.out[o.current];

		if (!case_judge(r, m, sig, si)) {
			tpidr_write(tpidr);
			return;
		}
		case_store(r, m, tpidr);
		o.current++;
	}
	if (o.current == o.total) {
		batch_end(m);
		return;
	}
	case_load(m, &o.in[o.current]);
	tpidr_write(o.in[o.current].tpidr);
}

static void die(const char *what)
{
	fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void code_load(void)
{
	uint32_t *code = (uint32_t *)REGION;
	size_t bytes = (size_t)CODE_PAGES * PAGE, i;

	if (mprotect(code, bytes, PROT_READ | PROT_WRITE))
		die("code");
	for (i = 0; i < bytes / 4; i++)
		code[i] = (uint32_t)SENTINEL;
	for (i = 0; i < o.total; i++)
		memcpy((void *)slot_va(o.in[i].slot), o.in[i].insn,
		       4 * o.in[i].count);
	__builtin___clear_cache((char *)code, (char *)code + bytes);
	if (mprotect(code, bytes, PROT_READ | PROT_EXEC))
		die("code");
}

static void batch_run(void)
{
	struct itimerval hang = { .it_value = { .tv_sec = HANG_SECONDS },
				  .it_interval = { .tv_sec = 1 } };
	struct itimerval off = { 0 };

	memset(o.out, 0, sizeof(o.out[0]) * o.total);
	code_load();
	setitimer(ITIMER_REAL, &hang, NULL);
	__asm__ volatile("brk #0" : : : "memory");
	setitimer(ITIMER_REAL, &off, NULL);
}

static void take(void *p, size_t len)
{
	if (fread(p, 1, len, stdin) != len)
		die("input ends early");
}

static void give(const void *p, size_t len)
{
	if (fwrite(p, 1, len, stdout) != len)
		die("output");
}

static void region_map(void)
{
	uint32_t i;

	if (mmap((void *)REGION, REGION_SIZE, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		 0) == MAP_FAILED ||
	    mprotect((void *)WINDOW, RW_BYTES, PROT_READ | PROT_WRITE) ||
	    mprotect((void *)(WINDOW + RO_OFFSET), PAGE,
		     PROT_READ | PROT_WRITE))
		die("region");
	for (i = 0; i < IMAGES; i++)
		image_fill(o.image[i], sizeof(o.image[i]) / 8, i);
	/* Changing it costs a system call per case: it is the same for all. */
	memcpy((void *)(WINDOW + RO_OFFSET), &o.image[0][RW_BYTES / 8], PAGE);
	if (mprotect((void *)(WINDOW + RO_OFFSET), PAGE, PROT_READ))
		die("read-only page");
}

static void signals_catch(void)
{
	static const int sigs[] = { SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGALRM };
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t stack = { .ss_size = HANDLER_STACK };
	size_t i;

	stack.ss_sp = malloc(HANDLER_STACK);
	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		die("signal stack");
	sa.sa_sigaction = on_signal;
	sigfillset(&sa.sa_mask);
	for (i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		if (sigaction(sigs[i], &sa, NULL))
			die("sigaction");
}

int main(void)
{
	struct dbatch b;
	uint32_t i;

	o.own_tpidr = tpidr_read();
	region_map();
	signals_catch();
	while (fread(&b, sizeof(b), 1, stdin) == 1) {
		if (b.count > BATCH || b.case_size != sizeof(o.in[0]))
			die("a batch of another version");
		o.total = b.count;
		take(o.in, o.total * sizeof(o.in[0]));
		batch_run();
		for (i = 0; i < o.total; i++) {
			give(&o.out[i], sizeof(o.out[i]));
			give(o.words[i], o.out[i].words * sizeof(struct dword));
		}
		if (fflush(stdout))
			die("output");
	}
	return 0;
}
