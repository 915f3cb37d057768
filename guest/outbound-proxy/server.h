/* SPDX-License-Identifier: MIT */
/* server.h - what all parts of outbound-proxy share, and their limits. */
#ifndef GUEST_OUTBOUND_PROXY_SERVER_H
#define GUEST_OUTBOUND_PROXY_SERVER_H

#include "guest/common/listener.h"

enum {
	SERVER_SESSIONS = 1024,   /* clients at once; the host has no more */
	SERVER_INBOUND = 1024,    /* forwarded connections at once */
	SERVER_LOOKUPS = 256,     /* names being asked for at once */
	SERVER_DNS_CLIENTS = 64,  /* TCP connections to the name server */
	SERVER_HEAD_MS = 30000,   /* until a client has said what it wants */
	SERVER_DIAL_MS = 40000,   /* the host gives up after 30 s */
	SERVER_LOOKUP_MS = 20000,
	SERVER_LINGER_MS = 2000,  /* until a refused client has read why */
	SERVER_LISTENERS = 4,     /* two ports, two families */
};

struct server {
	struct loop loop;
	struct endpoint host; /* its SOCKS server */
	struct listener clients[SERVER_LISTENERS];
	struct listener inbound, dns;
	struct loop_watch dns_udp;
	unsigned sessions, inbounds, lookups, dns_clients;
};

#endif
