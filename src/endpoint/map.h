/* SPDX-License-Identifier: MIT */
/*
 * map.h - one vsock port joined to one socket address of the host.
 *
 * To the guest: whoever connects to the address is connected to the guest's
 * port.  From the guest: a connection of the guest to that host port is
 * connected to the address.  An address is "unix:PATH" or "tcp:IP:PORT".
 */
#ifndef ENDPOINT_MAP_H
#define ENDPOINT_MAP_H

#include "endpoint/place.h"
#include "os/addr.h"

enum { MAP_PATH_MAX = 107 }; /* sun_path, without its NUL */

struct map_spec {
	uint32_t port;
	bool to_guest;
	char path[MAP_PATH_MAX + 1]; /* "": addr counts */
	struct addr addr;
};

/* "unix:PATH" or "tcp:IP:PORT" into spec's address; names the fault. */
int map_parse(struct map_spec *spec, const char *endpoint,
	      mv_error *err) MUST_CHECK;

struct map;

int map_new(const struct place *at, const struct map_spec *spec,
	    struct map **out, mv_error *err) MUST_CHECK;
/* NULL is fine. */
void map_close(struct map *m);

/* Where it listens; false: it does not, or on a path. */
bool map_addr(const struct map *m, struct addr *a);

#endif
