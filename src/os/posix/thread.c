/* SPDX-License-Identifier: MIT */
/*
 * thread.c - starting a thread that takes none of the process's signals.
 *
 * The host application's handlers must run on its threads, not on ours, where
 * they would find a stack and locks they know nothing of.
 */
#include "os/thread.h"

#include <signal.h>

/*
 * Less than a huge page: of the usual 8 MiB the kernel makes huge pages, so
 * that a thread takes 2 MiB of memory for the first word on its stack.  Enough
 * for the host application's functions, which we call.
 */
enum { STACK = 1 << 20 };

/* What a thread does to itself, and what profilers send, stays open. */
static void fill(sigset_t *set)
{
	static const int open[] = { SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
				    SIGTRAP, SIGABRT, SIGSYS, SIGPROF };
	size_t i;

	(void)sigfillset(set);
	for (i = 0; i < sizeof(open) / sizeof(*open); i++)
		(void)sigdelset(set, open[i]);
}

int thread_start(struct thread *t, void (*body)(void *), void *arg,
		 mv_error *err)
{
	const uv_thread_options_t options = {
		.flags = UV_THREAD_HAS_STACK_SIZE,
		.stack_size = STACK,
	};
	sigset_t ours, before;
	int rc;

	fill(&ours);
	/* The new thread inherits the mask; ours is put back at once. */
	(void)pthread_sigmask(SIG_SETMASK, &ours, &before);
	rc = uv_thread_create_ex(&t->uv, &options, body, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc ? fail_os(err, MICROVM_EIO, -rc, "cannot start a thread") : 0;
}
