/* SPDX-License-Identifier: MIT */
/* kvm.h - Linux's KVM, for guests of the host's own architecture. */
#ifndef BACKEND_KVM_KVM_H
#define BACKEND_KVM_KVM_H

#include "core/hv.h"

extern const struct hv_ops hv_kvm;

#endif
