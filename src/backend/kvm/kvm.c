/* SPDX-License-Identifier: MIT */
/* kvm.c - KVM as a backend: its probe. */
#include "backend/kvm/kvm.h"

#include "backend/kvm/kvm_host.h"

static int probe(struct hv_found *found, mv_error *err)
{
	struct kvm_host host;

	(void)found; /* for those that are usable */
	kvm_host_look(&host);
	return kvm_host_explain(&host, err);
}

/* No architectures: nothing is ever made on it. */
const struct hv_ops hv_kvm = {
	.name = "kvm",
	.probe = probe,
};
