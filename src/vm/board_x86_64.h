/* SPDX-License-Identifier: MIT */
/* board_x86_64.h - the x86_64 machine's devices; arch/x86_64/layout.h its map.
 */
#ifndef VM_BOARD_X86_64_H
#define VM_BOARD_X86_64_H

#include "dev/acpi_pm.h"
#include "dev/cmos.h"
#include "dev/i8042.h"
#include "dev/ioapic.h"
#include "dev/lapic.h"
#include "dev/uart8250.h"
#include "vm/board.h"

struct board_x86_64 {
	struct lapic lapic; /* unless the backend has them */
	struct ioapic ioapic;
	struct uart8250 uart;
	struct cmos cmos;
	struct acpi_pm pm;
	struct i8042 i8042;
};

extern const struct board_ops board_x86_64_ops;

#endif
