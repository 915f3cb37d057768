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
#include <stdatomic.h>

#include "backend/kvm/sys.h"
#include "core/hv.h"
#include "os/thread.h"

/* A region of guest RAM; its index is the number KVM knows it by. */
struct kvm_slot {
	struct gmem_region region;
	bool watched;
};

/* Writes there ring this descriptor. */
struct kvm_bell {
	uint64_t gpa;
	unsigned size;
	int fd;
};

enum { KVM_BELLS = 32 };

struct kvm_vm {
	struct hv_vm *hv;
	int sys;         /* /dev/kvm */
	int fd;          /* the VM */
	size_t run_size; /* bytes of a vCPU's struct kvm_run mapping */
	bool poor;       /* see struct hv_found */
	unsigned slots, bells;
	struct kvm_slot slot[GMEM_MAX_REGIONS];
	struct kvm_bell bell[KVM_BELLS];
	void *arch; /* the architecture's */

	/* any thread */
	atomic_bool levels; /* ends of interrupts come up as exits */
};

struct kvm_vcpu {
	struct hv_vcpu *hv;
	struct kvm_vm *vm;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool was_open;   /* the thread took the kick's signal before */
	bool broken;     /* hv->err tells why; run() is to say so */
	bool unfinished; /* the next entry ends the last exit's instruction */
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

/* vm.c: /dev/kvm, if it is good for us. */
int kvm_open(int *fd, struct hv_found *found, mv_error *err) MUST_CHECK;

/* vm.c, of struct hv_ops */
int kvm_vm_init(struct hv_vm *vm, mv_error *err) MUST_CHECK;
void kvm_vm_fini(struct hv_vm *vm);
int kvm_vm_map(struct hv_vm *vm, const struct gmem_region *r,
	       mv_error *err) MUST_CHECK;
int kvm_vm_doorbell(struct hv_vm *vm, uint64_t gpa, unsigned size,
		    const struct doorbell *bell, mv_error *err) MUST_CHECK;
int kvm_vm_watch(struct hv_vm *vm, const struct gmem_region *r, bool on,
		 mv_error *err) MUST_CHECK;
int kvm_vm_dirty(struct hv_vm *vm, const struct gmem_region *r, uint64_t *bits,
		 mv_error *err) MUST_CHECK;

/* vcpu.c, of struct hv_ops */
int kvm_vcpu_init(struct hv_vcpu *v, mv_error *err) MUST_CHECK;
void kvm_vcpu_fini(struct hv_vcpu *v);
enum hv_run kvm_vcpu_run(struct hv_vcpu *v);
void kvm_vcpu_kick(struct hv_vcpu *v);

/*
 * Before registers are looked at or set: end the instruction that the last
 * exit left half done.  The next run() may come back at once.
 */
void kvm_vcpu_finish(struct kvm_vcpu *c);

#endif
