/* SPDX-License-Identifier: MIT */
/* scripted_exit.h - a vCPU's page as KVM would leave it, without any KVM. */
#ifndef TESTS_UNIT_BACKEND_SCRIPTED_EXIT_H
#define TESTS_UNIT_BACKEND_SCRIPTED_EXIT_H

#include <stdint.h>
#include <string.h>

#include "backend/kvm/exit.h"

enum { SCRIPTED_PAGE = 8192, SCRIPTED_LOG = 64 };

struct scripted {
	union {
		struct kvm_run run;
		uint8_t page[SCRIPTED_PAGE];
	};
	struct hv_vm vm;
	struct hv_vcpu v;
	struct kvm_vm k;
	struct kvm_vcpu c;

	/* what came up */
	struct access log[SCRIPTED_LOG];
	unsigned accesses; /* counted on when the log is full */
	struct sysreg_access msr;
	unsigned msrs, eois, vector;

	/* what is answered */
	uint64_t answer;
	bool refuse;
};

/* The table of up-calls is the test's: it finds us by vm.priv. */
static inline void scripted_init(struct scripted *s, uint32_t reason,
				 const struct hv_events *on)
{
	memset(s, 0, sizeof(*s));
	s->run.exit_reason = reason;
	s->vm = (struct hv_vm){ .on = on, .priv = s };
	s->v = (struct hv_vcpu){ .vm = &s->vm };
	s->k = (struct kvm_vm){
		.hv = &s->vm, .sys = -1, .fd = -1, .run_size = SCRIPTED_PAGE
	};
	s->c = (struct kvm_vcpu){
		.hv = &s->v, .vm = &s->k, .fd = -1, .run = &s->run
	};
}

static inline bool scripted_access(struct hv_vcpu *v, struct access *a)
{
	struct scripted *s = v->vm->priv;

	if (!a->write)
		a->value = s->answer;
	if (s->accesses < SCRIPTED_LOG)
		s->log[s->accesses] = *a;
	s->accesses++;
	return !s->refuse;
}

static inline bool scripted_sysreg(struct hv_vcpu *v, struct sysreg_access *a)
{
	struct scripted *s = v->vm->priv;

	s->msrs++;
	s->msr = *a;
	if (!a->write)
		a->value = s->answer;
	return !s->refuse;
}

static inline void scripted_eoi(struct hv_vcpu *v, unsigned vector)
{
	struct scripted *s = v->vm->priv;

	s->eois++;
	s->vector = vector;
}

#endif
