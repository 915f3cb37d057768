/* SPDX-License-Identifier: MIT */
/* board_arm64.h - the arm64 machine's devices; arch/arm64/layout.h its map. */
#ifndef VM_BOARD_ARM64_H
#define VM_BOARD_ARM64_H

#include "dev/gicv3.h"
#include "dev/pl011.h"
#include "dev/pl031.h"
#include "vm/board.h"

struct board_arm64 {
	struct pl011 uart;
	struct pl031 rtc;
	struct gicv3 gic; /* unless the backend has one */
};

extern const struct board_ops board_arm64_ops;

#endif
