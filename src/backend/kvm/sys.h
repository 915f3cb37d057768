/* SPDX-License-Identifier: MIT */
/*
 * sys.h - calls to KVM, and what is asked of it before it is used.
 */
#ifndef BACKEND_KVM_SYS_H
#define BACKEND_KVM_SYS_H

#include <stddef.h>

#include "base/error.h"

/* ioctl(), again while a signal interrupts it; -1 and errno on failure. */
int kvm_call(int fd, unsigned long request, void *arg) MUST_CHECK;
int kvm_call_n(int fd, unsigned long request, unsigned long n) MUST_CHECK;

/* KVM_CHECK_EXTENSION: 0 for what KVM does not have or know. */
int kvm_has(int fd, int cap);

/* A capability one cannot do without, and in words what it is. */
struct kvm_need {
	int cap;
	const char *what;
};

/* 0, or which of them is not there. */
int kvm_needs(int fd, const struct kvm_need *need, size_t count,
	      mv_error *err) MUST_CHECK;

/* For ioctls that failed: EHYPERVISOR, with errno's words. */
int kvm_refused(mv_error *err, const char *what);

#endif
