/* SPDX-License-Identifier: MIT */
/*
 * private.h - a VM and a vCPU of KVM, for the files of this folder.
 *
 * Linux Documentation/virt/kvm/api.rst is the source of all that is done to
 * their descriptors.
 */
#ifndef BACKEND_KVM_PRIVATE_H
#define BACKEND_KVM_PRIVATE_H

#include <linux/kvm.h>
#include <pthread.h>

#include "core/hv.h"
#include "os/thread.h"

struct kvm_vm {
	struct hv_vm *hv;
	int sys;         /* /dev/kvm */
	int fd;          /* the VM */
	size_t run_size; /* bytes of a vCPU's struct kvm_run mapping */
	void *arch;      /* the architecture's */
};

struct kvm_vcpu {
	struct hv_vcpu *hv;
	struct kvm_vm *vm;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool unfinished; /* the last exit's instruction ends at the next entry
			  */
	void *arch;      /* the architecture's */
};

static inline struct kvm_vm *kvm_vm_of(const struct hv_vm *vm)
{
	return vm->priv;
}

static inline struct kvm_vcpu *kvm_vcpu_of(const struct hv_vcpu *v)
{
	return v->priv;
}

#endif
