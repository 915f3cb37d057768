/* SPDX-License-Identifier: MIT */
/*
 * kvm.h - Linux's KVM.
 *
 * So far only probed: it tells what the host has, and runs no guests.
 */
#ifndef BACKEND_KVM_KVM_H
#define BACKEND_KVM_KVM_H

#include "core/hv.h"

extern const struct hv_ops hv_kvm;

#endif
