/* SPDX-License-Identifier: MIT */
/*
 * apic.h - an interrupt message, as the IOAPIC sends and local APICs take it.
 *
 * It is what a message-signalled interrupt says (SDM volume 3, 11.11), taken
 * apart.
 */
#ifndef DEV_APIC_H
#define DEV_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Delivery modes: SDM volume 3, 11.6.1; 82093AA 3.2.4. */
enum apic_mode {
	APIC_FIXED   = 0,
	APIC_LOWEST  = 1,       /* the one that has least to do */
	APIC_SMI     = 2,
	APIC_NMI     = 4,
	APIC_INIT    = 5,
	APIC_SIPI    = 6,
	APIC_EXTINT  = 7,       /* the vector is a PIC's: there is none */
};

#define APIC_ALL UINT32_MAX     /* a physical destination: every CPU */

struct apic_message {
	uint32_t dest;          /* APIC_ALL, where 8 bits are all ones */
	uint8_t  vector;
	uint8_t  mode;          /* enum apic_mode; others do nothing */
	bool     logical;
	bool     level;         /* its end is to be told */
};

#endif
