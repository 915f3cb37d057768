/* SPDX-License-Identifier: MIT */
/* board.c - which machines there are. */
#include "vm/board.h"

#include "vm/board_arm64.h"
#include "vm/board_x86_64.h"

static const struct board_ops *const boards[ARCH_COUNT] = {
	[ARCH_ARM64] = &board_arm64_ops,
	[ARCH_X86_64] = &board_x86_64_ops,
};

const struct board_ops *board_of(enum arch arch)
{
	return (unsigned)arch < ARCH_COUNT ? boards[arch] : NULL;
}
