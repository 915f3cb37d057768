/* SPDX-License-Identifier: MIT */
/* seam.h - what tests of KVM at the seam share, whatever the architecture. */
#ifndef TESTS_UNIT_BACKEND_KVM_SEAM_H
#define TESTS_UNIT_BACKEND_KVM_SEAM_H

#include "core/hv.h"

/* 77, meson's "skipped", with the reason printed; or 0: there is a KVM. */
int rig_missing(void);

/* A call that must not fail: prints why it did. */
void rig_ok(int rc, const mv_error *e);

/* All state of a VM and of its first `cpus` vCPUs; the buffer is the test's. */
struct state seam_save(struct hv_vm *vm, struct hv_vcpu *v, unsigned cpus);
int seam_load(struct hv_vm *vm, struct hv_vcpu *v, unsigned cpus, const void *p,
	      size_t len, mv_error *e);

#endif
