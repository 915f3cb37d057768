/* SPDX-License-Identifier: MIT */
/* addr.c - an IP address with a port: text in, text out; knows no socket. */
#include "os/addr.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/container.h"

enum { SCOPE_DIGITS = 10, PORT_DIGITS = 5 };

/* All of `text` is a number up to `max`, in the one way to write it. */
static bool number(const char *text, size_t digits, uint64_t max, uint64_t *out)
{
	size_t len = strlen(text);
	uint64_t v = 0;
	size_t i;

	if (!len || len > digits || (len > 1 && text[0] == '0'))
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text[i] - '0');
	}
	*out = v;
	return v <= max;
}

/* "::1", or with a scope "fe80::1%2"; `text` is ours to cut. */
static bool parse_ipv6(char *text, struct addr *a)
{
	char *percent = strchr(text, '%');
	uint64_t scope = 0;

	if (percent) {
		*percent = '\0';
		if (!number(percent + 1, SCOPE_DIGITS, UINT32_MAX, &scope))
			return false;
	}
	a->family = ADDR_IPV6;
	a->scope = (uint32_t)scope;
	return !uv_inet_pton(AF_INET6, text, a->ip);
}

bool addr_parse_ip(const char *text, struct addr *a)
{
	size_t len = strlen(text);
	struct addr got = { 0 };
	char copy[ADDR_TEXT];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len + 1);
	if (strchr(copy, ':')) {
		if (!parse_ipv6(copy, &got))
			return false;
	} else {
		got.family = ADDR_IPV4;
		if (uv_inet_pton(AF_INET, copy, got.ip))
			return false;
	}
	*a = got;
	return true;
}

bool addr_parse(const char *text, struct addr *a)
{
	const char *colon = strrchr(text, ':');
	bool brackets = text[0] == '[';
	const char *ip = text + brackets;
	struct addr got;
	char copy[ADDR_TEXT];
	uint64_t port;
	size_t len;

	if (!colon || colon < ip + brackets)
		return false;
	len = (size_t)(colon - ip);
	if (brackets && ip[--len] != ']')
		return false;
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, ip, len);
	copy[len] = '\0';
	if (!number(colon + 1, PORT_DIGITS, UINT16_MAX, &port) ||
	    !addr_parse_ip(copy, &got) || brackets != (got.family == ADDR_IPV6))
		return false;
	*a = got;
	a->port = (uint16_t)port;
	return true;
}

const char *addr_ip_text(const struct addr *a, char buf[static ADDR_TEXT])
{
	int af = a->family == ADDR_IPV4 ? AF_INET : AF_INET6;

	if (a->family == ADDR_NONE || uv_inet_ntop(af, a->ip, buf, ADDR_TEXT)) {
		(void)snprintf(buf, ADDR_TEXT, "none");
	} else if (a->family == ADDR_IPV6 && a->scope) {
		size_t len = strlen(buf);

		(void)snprintf(buf + len, ADDR_TEXT - len, "%%%lu",
			       (unsigned long)a->scope);
	}
	return buf;
}

const char *addr_text(const struct addr *a, char buf[static ADDR_TEXT])
{
	bool brackets = a->family == ADDR_IPV6;
	char ip[ADDR_TEXT];

	(void)snprintf(buf, ADDR_TEXT, "%s%.54s%s:%u", brackets ? "[" : "",
		       addr_ip_text(a, ip), brackets ? "]" : "",
		       (unsigned)a->port);
	return buf;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->port == b->port &&
	       !memcmp(a->ip, b->ip, sizeof(a->ip));
}
