/* SPDX-License-Identifier: MIT */
/* reset.S - SYSTEM_RESET ends the machine as a reset, not as a power-off. */
#include "guest.h"

func main
	say	"resetting\n"
	psci	PSCI_SYSTEM_RESET
	say	"and still here\n"
	b	off
	.pool
