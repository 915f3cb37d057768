/* SPDX-License-Identifier: MIT */
/* parts.h - making what a virtual machine consists of. */
#ifndef VM_PARTS_H
#define VM_PARTS_H

#include "vm/vm.h"

/* Everything, from a VM that is described; on failure nothing is held. */
int parts_make(struct vm *vm, const struct vm_config *cfg,
	       mv_error *err) MUST_CHECK;
void parts_unmake(struct vm *vm);

#endif
