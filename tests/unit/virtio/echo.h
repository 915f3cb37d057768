/* SPDX-License-Identifier: MIT */
/*
 * echo.h - a stream that gives back what it takes, for whoever tests what
 * carries streams.  It holds at most ECHO_ROOM bytes, takes and gives at most
 * `step` at once, and keeps the promises of core/stream.h, no others.
 */
#ifndef TESTS_VIRTIO_ECHO_H
#define TESTS_VIRTIO_ECHO_H

#include "core/stream.h"

enum { ECHO_ROOM = 4096 };

/* What all echoes of a test have in common. */
struct echo_home {
	size_t step;         /* 0: as many as fit */
	unsigned live;       /* made and not closed */
	unsigned closed[5];  /* by enum stream_why */
	uint64_t taken;      /* bytes, by all of them */
};

/* NULL: no memory. */
struct stream *echo_new(struct echo_home *home);

#endif
