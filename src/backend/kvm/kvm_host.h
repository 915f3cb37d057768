/* SPDX-License-Identifier: MIT */
/*
 * kvm_host.h - what kind of KVM a Linux host has, and what that is good for.
 *
 * Looking is apart from judging, so that judging can be tested anywhere.
 */
#ifndef BACKEND_KVM_KVM_HOST_H
#define BACKEND_KVM_KVM_HOST_H

#include <stdbool.h>

#include "core/hv.h"

/* What is to be seen on the host. */
struct kvm_host {
	int open_errno;   /* of opening /dev/kvm; 0: it opened */
	int api;          /* KVM_GET_API_VERSION */
	bool pvm;         /* the module is kvm_pvm */
	bool virtual_cpu; /* this host is a virtual machine itself */
	bool flags;       /* the CPU lists its features by x86's names */
	bool extensions;  /* VMX or SVM is among them */
};

enum kvm_kind {
	KVM_ABSENT,  /* no /dev/kvm */
	KVM_DENIED,  /* not for this user */
	KVM_BUSY,    /* another hypervisor holds the CPU */
	KVM_UNKNOWN, /* speaks another API, or cannot be opened */
	KVM_PVM,     /* guests' kernels are emulated */
	KVM_ODD,     /* the same, as the CPU has no VMX or SVM */
	KVM_NESTED,  /* under another hypervisor: exits are slow */
	KVM_NATIVE,
};

void kvm_host_look(struct kvm_host *h);

enum kvm_kind kvm_host_kind(const struct kvm_host *h);

/* Say in words what the kind means: 0 and found, or why it is unusable. */
int kvm_host_explain(const struct kvm_host *h, struct hv_found *found,
		     mv_error *err) MUST_CHECK;

#endif
