/* SPDX-License-Identifier: MIT */
/* names.c - getaddrinfo() and getnameinfo() of the tests. */
#define _GNU_SOURCE 1 /* EAI_NODATA */
#include "names.h"

#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "os/sockaddr.h"

static const struct {
	const char *name, *ip;
	int error; /* of the family it has no address of; 0: EAI_NODATA */
} table[] = {
	{ "one.test", "127.0.0.1", 0 },
	{ "six.test", "::1", 0 },
	{ "both.test", "::1", 0 },
	{ "both.test", "127.0.0.1", 0 },
	{ "mixed.test", "10.1.2.3", 0 },
	{ "mixed.test", "127.0.0.1", 0 },
	{ "meta.test", "169.254.169.254", 0 },
	{ "empty.test", NULL, EAI_NODATA },
	{ "broken.test", NULL, EAI_AGAIN },
	{ "slow.test", "127.0.0.1", 0 },
	{ "hosts4.test", "127.0.0.1", EAI_NONAME },
	{ "hosts6.test", "::1", EAI_NONAME },
};

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static bool held;
static unsigned asked[LEN(table)];

void names_hold(void)
{
	(void)pthread_mutex_lock(&mu);
	held = true;
	(void)pthread_mutex_unlock(&mu);
}

void names_release(void)
{
	(void)pthread_mutex_lock(&mu);
	held = false;
	(void)pthread_cond_broadcast(&released);
	(void)pthread_mutex_unlock(&mu);
}

unsigned names_asked(const char *name)
{
	unsigned n = 0;
	size_t i;

	(void)pthread_mutex_lock(&mu);
	for (i = 0; i < LEN(table); i++)
		if (strcmp(table[i].name, name) == 0) {
			n = asked[i];
			break;
		}
	(void)pthread_mutex_unlock(&mu);
	return n;
}

static void note(const char *name)
{
	bool noted = false;
	size_t i;

	(void)pthread_mutex_lock(&mu);
	for (i = 0; i < LEN(table) && !noted; i++)
		if (strcmp(table[i].name, name) == 0) {
			asked[i]++;
			noted = true;
		}
	while (held && strcmp(name, "slow.test") == 0)
		(void)pthread_cond_wait(&released, &mu);
	(void)pthread_mutex_unlock(&mu);
}

struct entry {
	struct addrinfo ai;
	struct sockaddr_storage sa;
};

static struct addrinfo *entry(const struct addr *a)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->ai.ai_addrlen = sockaddr_from_addr(&e->sa, a);
	e->ai.ai_family = e->sa.ss_family;
	e->ai.ai_addr = (struct sockaddr *)&e->sa;
	return &e->ai;
}

int getaddrinfo(const char *node, const char *service,
		const struct addrinfo *hints, struct addrinfo **res)
{
	struct addrinfo **end = res;
	int rc = EAI_NONAME;
	size_t i;

	(void)service;
	*res = NULL;
	note(node);
	for (i = 0; i < LEN(table); i++) {
		struct addr a;

		if (strcmp(table[i].name, node) != 0)
			continue;
		if (!table[i].ip)
			return table[i].error;
		rc = table[i].error ? table[i].error : EAI_NODATA;
		if (!addr_parse_ip(table[i].ip, &a))
			abort();
		if ((hints->ai_family == AF_INET6) != (a.family == ADDR_IPV6)) {
			continue;
		}
		*end = entry(&a);
		end = &(*end)->ai_next;
		rc = 0;
	}
	return *res ? 0 : rc;
}

void freeaddrinfo(struct addrinfo *ai)
{
	while (ai) {
		struct addrinfo *next = ai->ai_next;

		free(container_of(ai, struct entry, ai));
		ai = next;
	}
}

int getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
		socklen_t host_len, char *serv, socklen_t serv_len, int flags)
{
	char text[ADDR_TEXT];
	struct addr a;

	(void)len;
	(void)flags;
	if (serv && serv_len)
		serv[0] = '\0';
	if (!sockaddr_to_addr(sa, &a))
		return EAI_FAMILY;
	if (strcmp(addr_ip_text(&a, text), "127.0.0.1") != 0)
		return EAI_NONAME;
	if (host_len < sizeof("one.test"))
		return EAI_OVERFLOW;
	memcpy(host, "one.test", sizeof("one.test"));
	return 0;
}
