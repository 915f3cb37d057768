/* SPDX-License-Identifier: MIT */
/* ldst.h - the groups of loads and stores that have files of their own. */
#ifndef CPU_ARM64_LDST_H
#define CPU_ARM64_LDST_H

#include "cpu/arm64/decode.h"

/* Exclusive and ordered accesses: excl.c. */
enum a64_flow a64_decode_excl(uint32_t insn, struct a64_op *op);

#endif
