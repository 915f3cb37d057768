/* SPDX-License-Identifier: MIT */
/* board.c - which machines there are, and what all of them do. */
#include "vm/board.h"

#include "vm/board_arm64.h"
#include "vm/board_x86_64.h"
#include "vm/vm.h"

static const struct board_ops *const boards[ARCH_COUNT] = {
	[ARCH_ARM64] = &board_arm64_ops,
	[ARCH_X86_64] = &board_x86_64_ops,
};

int board_program(struct vm *vm, const struct vm_config *cfg, uint64_t gpa,
		  mv_error *err)
{
	if (gmem_write(&vm->mem, gpa, cfg->program, cfg->program_len))
		return 0;
	return fail(err, MICROVM_EINVAL,
		    "a program of %zu bytes, more than RAM", cfg->program_len);
}

const struct board_ops *board_of(enum arch arch)
{
	return (unsigned)arch < ARCH_COUNT ? boards[arch] : NULL;
}
