/* SPDX-License-Identifier: MIT */
/* fuse.c - operations that often come in pairs get one handler. */
#include "cpu/arm64/decode.h"

void a64_fuse(struct a64_op *op, unsigned count)
{
	(void)op;
	(void)count;
}
