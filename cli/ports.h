/* SPDX-License-Identifier: MIT */
/* ports.h - the options that join a guest's ports to the host. */
#ifndef CLI_PORTS_H
#define CLI_PORTS_H

#include <microvm.h>

#include "machine.h"
#include "name.h"
#include "opts.h"

struct ports {
	const char *name_text;
	struct opt_list maps, published;
	uint64_t hold_ms; /* 0: the library's default */

	struct name name; /* once it was taken */
};

/* The group of options that fill `p`. */
struct opt_group ports_group(struct ports *p);

/* One of these needs something in the guest that answers. */
bool ports_wanted(const struct ports *p);

/* Into the config of the machine `m`; takes the name.  Then ports_drop(). */
int ports_config(struct ports *p, const struct machine *m, microvm_config *cfg,
		 microvm_error *err);
void ports_drop(struct ports *p);

/* "PORT=ENDPOINT[,listen]"; `endpoint` has room for the whole text. */
int ports_parse_map(const char *text, uint32_t *port, char *endpoint,
		    enum microvm_direction *direction, microvm_error *err);

#endif
