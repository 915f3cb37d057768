/* SPDX-License-Identifier: MIT */
/*
 * exit.h - what KVM_RUN came back for, made into calls of the seam.
 *
 * Reads c->run, c->vm->run_size and c->vm->poor, and calls c->hv->vm->on; the
 * descriptors are used for messages only and may be bad, so that tests need no
 * KVM.
 */
#ifndef BACKEND_KVM_EXIT_H
#define BACKEND_KVM_EXIT_H

#include "backend/kvm/private.h"

/* After a KVM_RUN that returned 0.  HV_AGAIN: go on. */
enum hv_run kvm_exit(struct kvm_vcpu *c);

/* After one that failed with this errno, other than EINTR and EAGAIN. */
enum hv_run kvm_exit_failed(struct kvm_vcpu *c, int os);

/* HV_FAILED, with v->err naming an exit that nobody knows. */
enum hv_run kvm_exit_unknown(struct kvm_vcpu *c);

#endif
