/* SPDX-License-Identifier: MIT */
/* options.h - the command line of outbound-proxy. */
#ifndef GUEST_OUTBOUND_PROXY_OPTIONS_H
#define GUEST_OUTBOUND_PROXY_OPTIONS_H

#include "guest/common/endpoint.h"

struct options {
	bool socks, http, dns, forward, verbose, help;
	uint16_t socks_port, http_port, dns_port;
	struct endpoint host;       /* its SOCKS server */
	struct endpoint forward_at; /* where the host asks for our ports */
	int ready_fd;               /* closed when all is open; -1: none */
};

/* False: *bad is the word that is wrong. */
bool options_parse(struct options *o, int argc, char **argv, const char **bad);

extern const char options_help[];

#endif
