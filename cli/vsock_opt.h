/* SPDX-License-Identifier: MIT */
/* vsock_opt.h - the value of --vsock: "cid=N[,socket=PATH]". */
#ifndef CLI_VSOCK_OPT_H
#define CLI_VSOCK_OPT_H

#include <microvm.h>

struct vsock_opt {
	uint32_t cid;       /* 3 when it is not told */
	const char *socket; /* in the text; NULL: none.  It may hold commas */
};

int vsock_opt_parse(const char *text, struct vsock_opt *v, microvm_error *err);

/* "4294967295" at most, and nothing behind it. */
int vsock_port_parse(const char *text, size_t len, uint32_t *port,
		     microvm_error *err);

#endif
