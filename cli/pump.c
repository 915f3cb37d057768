/* SPDX-License-Identifier: MIT */
/* pump.c - a thread that carries what the guest prints to a descriptor. */
#include "pump.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum { PUMP_BUF = 16 * 1024 };

/* To be interrupted is all that it is for. */
static void on_signal(int sig)
{
	(void)sig;
}

int pump_init(struct pump *p, int fd, const struct wake *wake,
	      microvm_error *err)
{
	struct sigaction interrupt = { .sa_handler = on_signal };
	int rc;

	*p = (struct pump){ .fd = fd, .wake = wake };
	rc = pthread_mutex_init(&p->mu, NULL);
	if (rc)
		return refuse_os(err, rc, "cannot make a lock");
	rc = pthread_cond_init(&p->cond, NULL);
	if (rc) {
		(void)pthread_mutex_destroy(&p->mu);
		return refuse_os(err, rc, "cannot make a condition");
	}
	/* Without SA_RESTART; fails only for signals that there are not. */
	(void)sigaction(SIGURG, &interrupt, &p->before);
	return 0;
}

void pump_fini(struct pump *p)
{
	(void)sigaction(SIGURG, &p->before, NULL);
	(void)pthread_cond_destroy(&p->cond);
	(void)pthread_mutex_destroy(&p->mu);
}

/* Somebody else has made it non-blocking. */
static void wait_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	(void)poll(&pfd, 1, -1); /* whatever comes of it, write() tells */
}

/* 0, or an errno; ECANCELED when it was cut short by pump_cancel(). */
static int write_all(struct pump *p, const uint8_t *buf, size_t len)
{
	while (len) {
		ssize_t n;

		if (atomic_load(&p->cancelled))
			return ECANCELED;
		n = write(p->fd, buf, len);
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			wait_writable(p->fd);
		} else if (n < 0 && errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

/* False when there is nothing to wait for any more. */
static bool wait_ready(struct pump *p)
{
	bool more;

	(void)pthread_mutex_lock(&p->mu);
	while (!p->ready && !p->last)
		(void)pthread_cond_wait(&p->cond, &p->mu);
	more = p->ready;
	p->ready = false;
	(void)pthread_mutex_unlock(&p->mu);
	return more;
}

/* Until nothing waits; true when there was something. */
static bool empty(struct pump *p)
{
	uint64_t before = p->bytes;
	uint8_t buf[PUMP_BUF];

	while (!p->os) {
		size_t n = microvm_console_read(p->vm, buf, sizeof(buf));

		if (!n)
			break;
		p->bytes += n;
		panic_feed(&p->panic, buf, n);
		p->os = write_all(p, buf, n);
	}
	return p->bytes != before;
}

static void *carry(void *arg)
{
	struct pump *p = arg;

	do {
		if (empty(p)) {
			atomic_store(&p->drained, true);
			wake_poke(p->wake);
		}
	} while (!p->os && wait_ready(p));
	atomic_store(&p->done, true);
	wake_poke(p->wake);
	return NULL;
}

int pump_start(struct pump *p, microvm_vm *vm, microvm_error *err)
{
	int rc;

	p->vm = vm;
	p->ready = false;
	p->last = false;
	p->panic = (struct panic){ 0 };
	p->bytes = 0;
	p->os = 0;
	atomic_store(&p->cancelled, false);
	atomic_store(&p->drained, false);
	atomic_store(&p->done, false);
	rc = pthread_create(&p->thread, NULL, carry, p);
	return rc ? refuse_os(err, rc, "cannot start a thread") : 0;
}

static void tell(struct pump *p, bool last)
{
	(void)pthread_mutex_lock(&p->mu);
	p->ready = true;
	p->last = p->last || last;
	(void)pthread_cond_signal(&p->cond);
	(void)pthread_mutex_unlock(&p->mu);
}

void pump_ready(struct pump *p)
{
	tell(p, false);
}

void pump_last(struct pump *p)
{
	tell(p, true);
}

void pump_cancel(struct pump *p)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	atomic_store(&p->cancelled, true);
	pump_last(p);
	/* One may come between the look at `cancelled` and the write. */
	while (!atomic_load(&p->done)) {
		(void)pthread_kill(p->thread, SIGURG);
		(void)nanosleep(&moment, NULL);
	}
	pump_join(p);
}

void pump_join(struct pump *p)
{
	(void)pthread_join(p->thread, NULL);
}
