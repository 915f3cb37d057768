/* SPDX-License-Identifier: MIT */
/*
 * nopit.h - where a PC has its interval timer (8254), and this machine none.
 *
 * Linux asks these ports without knowing what is there; see nopit.c for what
 * it makes of the answers.  Nothing to save: there is no state.
 */
#ifndef DEV_NOPIT_H
#define DEV_NOPIT_H

#include "core/bus.h"

enum { NOPIT_SIZES = 1 };       /* for bus_add() */

/* Ports 0x40-0x43, and port 0x61; dev may be NULL. */
extern const struct bus_ops nopit_ops, nopit_gate_ops;

#endif
