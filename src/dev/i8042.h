/* SPDX-License-Identifier: MIT */
/*
 * i8042.h - of a PC's keyboard controller, the wire that resets the machine.
 *
 * There is no keyboard and no mouse.  Nothing to save: it has no memory.
 */
#ifndef DEV_I8042_H
#define DEV_I8042_H

#include "core/bus.h"
#include "dev/power.h"

enum { I8042_SIZES = 1 };       /* for bus_add() */

struct i8042 {
	struct power_switch power;
};

/* One port each: dev is the struct i8042. */
extern const struct bus_ops i8042_data_ops, i8042_cmd_ops;

void i8042_init(struct i8042 *k, struct power_switch power);

#endif
