/* SPDX-License-Identifier: MIT */
/* upstream.c - the URL of an upstream proxy.  Connects to nothing. */
#include "proxy/upstream.h"

#include <stdlib.h>
#include <string.h>

#define SCHEME "socks5h://"

/* The URL may hold a password, so no message repeats it. */
static int bad(mv_error *err, const char *why)
{
	int rc = fail(err, MICROVM_EINVAL, "upstream proxy: %s", why);

	return fail_hint(err, rc, "give socks5h://[user:password@]host:port");
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* 1 to 255 characters out of [p, end), "%41" as "A"; or false. */
static bool take(char out[static SOCKS5_NAME_MAX + 1], const char *p,
		 const char *end)
{
	size_t n = 0;

	while (p < end) {
		char c = *p++;

		if (c == '%') {
			int hi = end - p < 2 ? -1 : hex(p[0]);
			int lo = hi < 0 ? -1 : hex(p[1]);

			if (lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			p += 2;
		}
		if (!c || n == SOCKS5_NAME_MAX)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n > 0;
}

static int take_login(struct upstream *u, const char *p, const char *end,
		      mv_error *err)
{
	const char *colon = memchr(p, ':', (size_t)(end - p));

	if (!colon)
		return bad(err, "a user needs a password behind a colon");
	if (!take(u->user, p, colon))
		return bad(err, "the user's name has 1 to 255 characters");
	if (!take(u->password, colon + 1, end))
		return bad(err, "the password has 1 to 255 characters");
	u->has_login = true;
	return 0;
}

static bool take_port(uint16_t *port, const char *p)
{
	unsigned v = 0;

	if (!*p)
		return false;
	for (; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (unsigned)(*p - '0');
		if (v > UINT16_MAX)
			return false;
	}
	*port = (uint16_t)v;
	return v > 0;
}

/* "host:port" or "[v6]:port", and perhaps a slash. */
static int take_place(struct upstream *u, char *p, mv_error *err)
{
	size_t len = strlen(p);
	struct addr ip;
	char *colon, *end;

	if (len && p[len - 1] == '/')
		p[len - 1] = '\0';
	colon = strrchr(p, ':');
	if (!colon)
		return bad(err, "no port behind the host");
	end = colon;
	if (*p == '[' && end > p + 1 && end[-1] == ']') {
		p++;
		end--;
	} else if (memchr(p, ':', (size_t)(end - p))) {
		return bad(err, "an IPv6 address stands in brackets");
	}
	if (!take(u->host, p, end))
		return bad(err, "the host has 1 to 255 characters");
	if (end != colon &&
	    (!addr_parse_ip(u->host, &ip) || ip.family != ADDR_IPV6))
		return bad(err, "what is in brackets is no IPv6 address");
	if (!take_port(&u->port, colon + 1))
		return bad(err, "the port is a number from 1 to 65535");
	return 0;
}

int upstream_parse(struct upstream *u, const char *url, mv_error *err)
{
	char *text, *at;
	int rc = 0;

	memset(u, 0, sizeof(*u));
	if (strncmp(url, SCHEME, sizeof(SCHEME) - 1) != 0)
		return bad(err, "the URL does not begin with " SCHEME);
	text = strdup(url + sizeof(SCHEME) - 1);
	if (!text)
		return fail(err, MICROVM_ENOMEM, "no memory for a URL");
	at = strrchr(text, '@');
	if (at)
		rc = take_login(u, text, at, err);
	if (!rc)
		rc = take_place(u, at ? at + 1 : text, err);
	memset(text, 0, strlen(text)); /* shorter by a slash at most */
	free(text);
	return rc;
}

int proxy_check_upstream(const char *url, mv_error *err)
{
	struct upstream u;

	return upstream_parse(&u, url, err);
}
