/* SPDX-License-Identifier: MIT */
/* vgic.c - making KVM's GIC, and access to what it has inside. */
#include "backend/kvm/arm64/vgic.h"

#include <errno.h>
#include <linux/kvm.h>
#include <unistd.h>

#include "arch/arm64/layout.h"
#include "backend/kvm/sys.h"

static int call(const struct vgic *g, unsigned long request, uint32_t group,
		uint64_t attr, const void *p)
{
	struct kvm_device_attr a = { .group = group,
				     .attr = attr,
				     .addr = (uintptr_t)p };

	return kvm_call(g->fd, request, &a);
}

int vgic_get(const struct vgic *g, uint32_t group, uint64_t attr, void *p)
{
	return call(g, KVM_GET_DEVICE_ATTR, group, attr, p);
}

int vgic_set(const struct vgic *g, uint32_t group, uint64_t attr, const void *p)
{
	return call(g, KVM_SET_DEVICE_ATTR, group, attr, p);
}

static int make(struct vgic *g, int vm, unsigned version, uint32_t type)
{
	struct kvm_create_device d = { .type = type };

	if (kvm_call(vm, KVM_CREATE_DEVICE, &d))
		return -1;
	g->fd = (int)d.fd;
	g->version = version;
	return 0;
}

/* The distributor keeps as many interrupts as the machine has. */
static int set_size(const struct vgic *g, mv_error *err)
{
	uint32_t intids = ARM64_GIC_INTIDS;

	if (vgic_set(g, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &intids))
		return kvm_refused(err, "cannot set the GIC's size");
	return 0;
}

int vgic_init(struct vgic *g, int vm, unsigned cpus, mv_error *err)
{
	int rc;

	*g = (struct vgic){ .fd = -1, .cpus = cpus };
	if (make(g, vm, 3, KVM_DEV_TYPE_ARM_VGIC_V3) &&
	    make(g, vm, 2, KVM_DEV_TYPE_ARM_VGIC_V2)) {
		if (errno != ENODEV)
			return kvm_refused(err, "cannot make a GIC");
		return fail_hint(err,
				 fail(err, MICROVM_ENOTSUP,
				      "the KVM here has neither a GICv3 nor a "
				      "GICv2 for guests"),
				 "use backend soft: this host's interrupt "
				 "controller cannot be shared");
	}
	rc = set_size(g, err);
	if (rc)
		vgic_fini(g);
	return rc;
}

void vgic_fini(struct vgic *g)
{
	(void)close(g->fd); /* nothing was written to it */
	g->fd = -1;
}

static int place(const struct vgic *g, uint64_t type, uint64_t gpa,
		 const char *what, mv_error *err)
{
	if (vgic_set(g, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &gpa))
		return fail_os(err, MICROVM_EHYPERVISOR, errno,
			       "KVM: cannot place the GIC's %s at 0x%llx", what,
			       (unsigned long long)gpa);
	return 0;
}

/*
 * Redistributors follow each other in the order in which their vCPUs were
 * made, which is that of their numbers.
 */
int vgic_ready(const struct vgic *g, mv_error *err)
{
	bool v3 = g->version == 3;
	int rc;

	rc = place(g,
		   v3 ? KVM_VGIC_V3_ADDR_TYPE_DIST : KVM_VGIC_V2_ADDR_TYPE_DIST,
		   ARM64_GICD_BASE, "distributor", err);
	if (rc)
		return rc;
	rc = v3 ? place(g, KVM_VGIC_V3_ADDR_TYPE_REDIST, ARM64_GICR_BASE,
			"redistributors", err)
		: place(g, KVM_VGIC_V2_ADDR_TYPE_CPU, ARM64_GICC_BASE,
			"CPU interface", err);
	if (rc)
		return rc;
	if (vgic_set(g, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT,
		     NULL))
		return kvm_refused(err, "cannot make the GIC final");
	return 0;
}
