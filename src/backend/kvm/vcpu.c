/* SPDX-License-Identifier: MIT */
/*
 * vcpu.c - a vCPU of KVM: its run loop, and how it is kicked out of it.
 *
 * How a kick works.  The vCPU's thread has KICK blocked all the time; only
 * KVM_RUN itself, by KVM_SET_SIGNAL_MASK, opens it, and closes it again before
 * it returns.  So no handler is ever called and none is needed.  A kick sets
 * run->immediate_exit and sends KICK to the thread:
 *
 *  - in guest code, or asleep in KVM: the signal ends KVM_RUN with EINTR;
 *  - between two KVM_RUNs, or before the first: the signal is pending, and the
 *    next KVM_RUN ends with EINTR before it enters the guest, having finished
 *    the instruction of the exit before.  So the loop need not look for kicks;
 *  - after EINTR, before the kick is taken back: it is taken back with the one
 *    that was seen, and run() returns after both, which is all they want;
 *  - after that: it is the next run()'s.
 *
 * Nothing is lost, then, as long as the signal is not.  One case is left: it
 * is pending, and the program sets KICK's disposition to what ignores it, which
 * by POSIX discards it.  immediate_exit, that nobody but this file writes,
 * stands in for it: KVM_RUN sees it as well before it enters the guest.  In
 * KVM_RUN a discarded signal has done its work, which is the interruption.
 * Only tell_ends() relies on the signal alone, for a moment.
 *
 * Which signal.  SIGURG: what nobody takes is ignored, so that one gone astray
 * does nothing; few programs use it, and a kick is sent to our thread and not
 * to the process, so that those do not see it.  Blocked, it stays pending
 * although it would be ignored.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "backend/kvm/arch.h"
#include "backend/kvm/exit.h"

enum { KICK = SIGURG };

/* As the kernel counts signals, and not as the C library does. */
enum { SIGNAL_BYTES = 8 };

static void only_kick(sigset_t *set)
{
	(void)sigemptyset(set); /* these fail for signals there are not */
	(void)sigaddset(set, KICK);
}

/* Block KICK here, and have KVM_RUN open it. */
static int close_kick(struct kvm_vcpu *c, mv_error *err)
{
	/* struct kvm_signal_mask, with its array */
	struct {
		uint32_t len;
		uint8_t set[SIGNAL_BYTES];
	} mask = { .len = SIGNAL_BYTES };
	sigset_t kick, before;

	only_kick(&kick);
	(void)pthread_sigmask(SIG_BLOCK, &kick, &before); /* cannot fail */
	c->was_open = sigismember(&before, KICK) == 0;
	(void)sigdelset(&before, KICK);
	memcpy(mask.set, &before, SIGNAL_BYTES);
	if (kvm_call(c->fd, KVM_SET_SIGNAL_MASK, &mask))
		return kvm_refused(err, "cannot set a vCPU's signals");
	return 0;
}

/*
 * A blocked signal is pending at most once, and our own is taken before one
 * that somebody sent to the whole process.
 */
static void take_kick(struct kvm_vcpu *c)
{
	static const struct timespec now = { 0, 0 };
	sigset_t kick;

	/* acquire: pairs with kvm_vcpu_kick() */
	(void)__atomic_exchange_n(&c->run->immediate_exit, 0, __ATOMIC_ACQUIRE);
	only_kick(&kick);
	(void)sigtimedwait(&kick, NULL, &now); /* none: another's interrupt */
}

static void open_kick(struct kvm_vcpu *c)
{
	sigset_t kick;

	take_kick(c);
	only_kick(&kick);
	if (c->was_open)
		(void)pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
}

static int map_run(struct kvm_vcpu *c, mv_error *err)
{
	void *p = mmap(NULL, c->vm->run_size, PROT_READ | PROT_WRITE,
		       MAP_SHARED, c->fd, 0);

	if (p == MAP_FAILED)
		return kvm_refused(err, "cannot map a vCPU's page");
	c->run = p;
	return 0;
}

static void unmap_run(struct kvm_vcpu *c)
{
	(void)munmap(c->run, c->vm->run_size); /* it is what was mapped */
}

static int open_vcpu(struct kvm_vcpu *c, mv_error *err)
{
	int rc;

	c->fd = kvm_call_n(c->vm->fd, KVM_CREATE_VCPU, c->hv->index);
	if (c->fd < 0)
		return kvm_refused(err, "cannot make a vCPU");
	rc = map_run(c, err);
	if (rc)
		goto out_fd;
	rc = close_kick(c, err);
	if (!rc)
		rc = kvm_arch_vcpu_init(c, err);
	if (!rc)
		return 0;
	open_kick(c);
	unmap_run(c);
out_fd:
	(void)close(c->fd); /* nothing was written to it */
	return rc;
}

int kvm_vcpu_init(struct hv_vcpu *v, mv_error *err)
{
	struct kvm_vcpu *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	c->hv = v;
	c->vm = kvm_vm_of(v->vm);
	c->thread = pthread_self();
	rc = open_vcpu(c, err);
	if (rc) {
		free(c);
		return rc;
	}
	v->priv = c;
	return 0;
}

void kvm_vcpu_fini(struct hv_vcpu *v)
{
	struct kvm_vcpu *c = kvm_vcpu_of(v);

	kvm_arch_vcpu_fini(c);
	open_kick(c);
	unmap_run(c);
	(void)close(c->fd); /* nothing was written to it */
	free(c);
	v->priv = NULL;
}

/* 0, or the number of what was wrong. */
static int enter(struct kvm_vcpu *c)
{
	c->unfinished = false;
	return ioctl(c->fd, KVM_RUN, 0) ? errno : 0;
}

static bool is_kicked(const struct kvm_vcpu *c)
{
	/* relaxed: run() comes back all the same */
	return __atomic_load_n(&c->run->immediate_exit, __ATOMIC_RELAXED);
}

/*
 * KVM may have been interrupted when it was to tell the end of an interrupt,
 * which is in nothing that can be saved.  It tells when it is entered again,
 * before it looks for signals; but after immediate_exit, that another kick may
 * set meanwhile.
 */
static enum hv_run tell_ends(struct kvm_vcpu *c)
{
	enum hv_run why = HV_AGAIN;
	int os;

	/* relaxed: KVM knows of those messages, and this of KVM's entries */
	if (!atomic_load_explicit(&c->vm->levels, memory_order_relaxed))
		return HV_AGAIN;
	(void)pthread_kill(c->thread, KICK); /* lest the guest go on */
	do {
		__atomic_store_n(&c->run->immediate_exit, 0, __ATOMIC_RELAXED);
		os = enter(c);
		if (os == 0)
			why = kvm_exit(c);
	} while (why == HV_AGAIN && (os == 0 || is_kicked(c)));
	return why;
}

enum hv_run kvm_vcpu_run(struct hv_vcpu *v)
{
	struct kvm_vcpu *c = kvm_vcpu_of(v);
	enum hv_run why = c->broken ? HV_FAILED : HV_AGAIN;

	while (why == HV_AGAIN) {
		int os = enter(c);

		if (os == EINTR) {
			why = tell_ends(c);
			take_kick(c);
			break;
		}
		if (os == 0)
			why = kvm_exit(c);
		else if (os != EAGAIN) /* what it slept for has come */
			why = kvm_exit_failed(c, os);
	}
	return why;
}

void kvm_vcpu_kick(struct hv_vcpu *v)
{
	struct kvm_vcpu *c = kvm_vcpu_of(v);

	/* release: pairs with take_kick() */
	__atomic_store_n(&c->run->immediate_exit, 1, __ATOMIC_RELEASE);
	(void)pthread_kill(c->thread, KICK); /* it lives until fini */
}

/*
 * A kick of our own, that the next run() takes back: clearing it here could
 * clear one of somebody else.  An instruction can need several exits, such as
 * a REP OUTS; they are served.
 */
void kvm_vcpu_finish(struct kvm_vcpu *c)
{
	while (c->unfinished) {
		/* relaxed: nobody is told anything */
		__atomic_store_n(&c->run->immediate_exit, 1, __ATOMIC_RELAXED);
		if (enter(c) == 0)
			(void)kvm_exit(c); /* its end is not ours to tell */
	}
}
