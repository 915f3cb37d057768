/* SPDX-License-Identifier: MIT */
/*
 * acpi_pm.h - sleep and reset registers of hardware-reduced ACPI.
 *
 * Three ports in a row, where arch/x86_64/layout.h says: sleep control, sleep
 * status, reset.  The one sleeping state is S5, soft off.
 */
#ifndef DEV_ACPI_PM_H
#define DEV_ACPI_PM_H

#include <stdint.h>

#include "core/bus.h"
#include "core/state.h"
#include "dev/power.h"
#include "os/thread.h"

enum {
	ACPI_PM_SIZES = 1,      /* for bus_add() */
	ACPI_PM_PORTS = 3,
};

struct acpi_pm {
	struct power_switch power;
	struct mutex        mu;

	/* under mu */
	uint8_t             control;
};

extern const struct bus_ops acpi_pm_ops;

int  acpi_pm_init(struct acpi_pm *p, struct power_switch power,
		  mv_error *err) MUST_CHECK;
void acpi_pm_fini(struct acpi_pm *p);
void acpi_pm_state(struct acpi_pm *p, struct state *s);

#endif
