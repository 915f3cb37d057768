/* SPDX-License-Identifier: MIT */
/*
 * pump.h - a thread that carries what the guest prints to a descriptor.
 *
 * It may block in write(2) as long as the reader likes; the main loop, with
 * its signals and time-outs, does not feel it.  Descriptors are shared with
 * other processes, so that making them non-blocking is not for us to do.
 */
#ifndef CLI_PUMP_H
#define CLI_PUMP_H

#include <microvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "panic.h"
#include "wake.h"

struct pump {
	microvm_vm *vm;
	int fd;
	const struct wake *wake;
	pthread_t thread;

	pthread_mutex_t mu;
	pthread_cond_t cond;
	bool ready; /* under mu: there may be something to read */
	bool last;  /* under mu: the VM has ended, nothing more comes */

	atomic_bool cancelled; /* write no more */
	atomic_bool drained;   /* since it was cleared: all there was is out */
	atomic_bool done;
	struct sigaction before; /* of SIGURG, while we have it */

	/* The pump's thread; others after pump_join. */
	struct panic panic;
	uint64_t bytes; /* printed so far */
	int os;         /* why writing failed; 0: it did not */
};

int pump_init(struct pump *p, int fd, const struct wake *wake,
	      microvm_error *err);
void pump_fini(struct pump *p);

/* Start to carry; `done` is set and `wake` poked at the end. */
int pump_start(struct pump *p, microvm_vm *vm, microvm_error *err);

/* From events of the VM: there is output; there will be no more. */
void pump_ready(struct pump *p);
void pump_last(struct pump *p);

/* Stop, also in the middle of a blocked write, which SIGURG interrupts: not
 * pthread_cancel(), for AddressSanitizer takes that for a corrupt stack. */
void pump_cancel(struct pump *p);

/* Wait until all is written, or writing failed. */
void pump_join(struct pump *p);

#endif
