/* SPDX-License-Identifier: MIT */
/*
 * vgic.h - the GIC inside KVM: a v3, or a v2 where the host's has no v3.
 *
 * Linux Documentation/virt/kvm/devices/arm-vgic{,-v3}.rst.  No ITS: nothing
 * in this machine sends messages.
 */
#ifndef BACKEND_KVM_ARM64_VGIC_H
#define BACKEND_KVM_ARM64_VGIC_H

#include <stdint.h>

#include "base/error.h"
#include "core/state.h"

struct vgic {
	int fd;
	unsigned version; /* 2 or 3 */
	unsigned cpus;
};

/* For the VM of this descriptor, before it has vCPUs. */
int vgic_init(struct vgic *g, int vm, unsigned cpus, mv_error *err) MUST_CHECK;
void vgic_fini(struct vgic *g);

/* All vCPUs are there: place its registers and make it final. */
int vgic_ready(const struct vgic *g, mv_error *err) MUST_CHECK;

/* vgic_state.c: all vCPUs at rest, and made final before. */
void vgic_state(const struct vgic *g, struct state *s);

/* A register, or another property: 0, or -1 and errno. */
int vgic_get(const struct vgic *g, uint32_t group, uint64_t attr,
	     void *p) MUST_CHECK;
int vgic_set(const struct vgic *g, uint32_t group, uint64_t attr,
	     const void *p) MUST_CHECK;

#endif
