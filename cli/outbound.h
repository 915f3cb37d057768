/* SPDX-License-Identifier: MIT */
/* outbound.h - the options on what the guest may reach by the proxy. */
#ifndef CLI_OUTBOUND_H
#define CLI_OUTBOUND_H

#include <microvm.h>

#include "machine.h"
#include "netlog.h"
#include "opts.h"

struct outbound {
	unsigned net; /* enum microvm_net, or that nothing was said */
	struct opt_list rules;
	const char *upstream, *login;
	struct opt_maybe log;
};

/* The group of options that fill `o`. */
struct opt_group outbound_group(struct outbound *o);

/* Into the config of the machine `m`; with --log-net, flows go to `log`. */
int outbound_config(const struct outbound *o, const struct machine *m,
		    struct netlog *log, microvm_config *cfg,
		    microvm_error *err);

#endif
