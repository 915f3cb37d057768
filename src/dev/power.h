/* SPDX-License-Identifier: MIT */
/* power.h - whom a device tells that the guest wants to end. */
#ifndef DEV_POWER_H
#define DEV_POWER_H

enum power { POWER_OFF, POWER_RESET };

struct power_switch {
	/* On the thread of the vCPU that asks, with no lock held. */
	void (*set)(void *ctx, enum power what);
	void *ctx;
};

#endif
