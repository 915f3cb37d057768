/* SPDX-License-Identifier: MIT */
/*
 * dns.h - questions to a name server, and its answers: RFC 1035, RFC 6891.
 *
 * Pure.  One question a message; no pointers are followed, as a question has
 * nothing to point to.
 */
#ifndef GUEST_OUTBOUND_PROXY_DNS_H
#define GUEST_OUTBOUND_PROXY_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_QUERY_MAX = 1232,  /* what we say we take, and take over TCP */
	DNS_ANSWER_MAX = 1232,
	DNS_UDP_MAX = 512,     /* RFC 1035, 2.3.4: when no EDNS says more */
	DNS_NAME_MAX = 255,
	DNS_TTL = 30,          /* seconds */
};

enum dns_type { /* RFC 1035, 3.2.2; RFC 3596; RFC 6891 */
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_AAAA = 28,
	DNS_OPT = 41,
	DNS_IXFR = 251,
	DNS_ANY = 255,
};

enum dns_rcode { /* RFC 1035, 4.1.1; RFC 6891, 6.1.3 */
	DNS_NOERROR,
	DNS_FORMERR,
	DNS_SERVFAIL,
	DNS_NXDOMAIN,
	DNS_NOTIMP,
	DNS_REFUSED,
	DNS_BADVERS = 16,
};

enum dns_verdict {
	DNS_DROP,    /* no question: no answer either */
	DNS_ANSWER,  /* known here: `rcode`, `addr` and `name` tell */
	DNS_FORWARD, /* the address of `name` is wanted */
	DNS_REVERSE, /* the name of `addr` is wanted */
};

struct dns_query {
	uint16_t id, flags, type;
	uint16_t udp_max; /* what its sender takes */
	bool edns;
	enum dns_rcode rcode;
	uint8_t question[DNS_NAME_MAX + 4]; /* as it came */
	size_t question_len;

	char name[DNS_NAME_MAX + 1]; /* "a.example": without the last dot */
	size_t name_len;
	uint8_t addr[16];
	size_t addr_len; /* 4, 16; 0: none */
};

enum dns_verdict dns_read(struct dns_query *q, const uint8_t *p, size_t len);

/*
 * The answer: q->rcode, and when that is DNS_NOERROR q->addr for an A or AAAA
 * question, q->name for a PTR question, where their lengths are not 0.  At
 * most `max` bytes: else it is cut, and says so.
 */
size_t dns_write(uint8_t out[static DNS_ANSWER_MAX], const struct dns_query *q,
		 size_t max);

/* The name of a reverse lookup, into q->name; false: it cannot be one. */
bool dns_set_name(struct dns_query *q, const uint8_t *p, size_t len);

#endif
