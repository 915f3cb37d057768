/* SPDX-License-Identifier: MIT */
/* addr.h - an IP address with a port, as a value; no system calls. */
#ifndef OS_ADDR_H
#define OS_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum addr_family { ADDR_NONE, ADDR_IPV4 = 4, ADDR_IPV6 = 6 };

struct addr {
	uint8_t  family;        /* enum addr_family */
	uint8_t  ip[16];        /* network order; IPv4: the first 4, rest 0 */
	uint16_t port;          /* host order */
	uint32_t scope;         /* IPv6 link-local: interface index, or 0 */
};

/* "[0123:...%4294967295]:65535" and its NUL. */
enum { ADDR_TEXT = 64 };

/*
 * An IP address in text, without brackets; the port becomes 0.  The scope is a
 * number, "fe80::1%2": to look up an interface's name takes a system call.
 */
bool addr_parse_ip(const char *text, struct addr *a);

/* "1.2.3.4:80" or "[::1]:80"; numbers without leading zeros. */
bool addr_parse(const char *text, struct addr *a);

/* The IP alone, or with its port as addr_parse() takes it.  Returns buf. */
const char *addr_ip_text(const struct addr *a, char buf[static ADDR_TEXT]);
const char *addr_text(const struct addr *a, char buf[static ADDR_TEXT]);

/* Same family, IP and port. */
bool addr_equal(const struct addr *a, const struct addr *b);

#endif
