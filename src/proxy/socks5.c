/* SPDX-License-Identifier: MIT */
/*
 * socks5.c - the server's side of SOCKS5.  Knows no sockets and no policy.
 *
 * Each message is collected in `in`.  Its length shows only while it comes, so
 * a step looks at what is there, and either says how much it needs to see
 * further (reach) or is at the message's end.  No byte is asked for before it
 * is known to belong to the message, so none is taken that does not.
 */
#include "proxy/socks5.h"

#include <errno.h>
#include <string.h>

enum {
	VERSION = 5,       /* RFC 1928, 3 */
	LOGIN_VERSION = 1, /* RFC 1929, 2 */
	LOGIN_OK = 0,
	LOGIN_WRONG = 1,

	METHOD_NONE = 0x00, /* RFC 1928, 3 */
	METHOD_LOGIN = 0x02,
	METHOD_NO_ACCEPTABLE = 0xff,

	ATYP_IPV4 = 1, /* RFC 1928, 5 */
	ATYP_NAME = 3,
	ATYP_IPV6 = 4,

	REQUEST_ATYP = 3, /* where it stands in a request, and in UDP */
};

enum state { GREETING, LOGIN, REQUEST, DONE, REFUSED };

/* ---- targets ------------------------------------------------------------ */

size_t socks5_target_len(const uint8_t p[static 2])
{
	switch (p[0]) {
	case ATYP_IPV4: return 1 + 4 + 2;
	case ATYP_NAME: return 1 + 1 + (size_t)p[1] + 2;
	case ATYP_IPV6: return 1 + 16 + 2;
	default: return 0;
	}
}

/*
 * Visible ASCII in labels that are not empty; one dot may end it.  The rest is
 * no host's name, and is a way around rules: a resolver may take a byte of
 * another alphabet for a dot, ends at a NUL, and reads "e\vil" and "\101vil" as
 * "evil" (RFC 1035, 5.1).
 */
static bool name_ok(const char *name, size_t len)
{
	size_t i, label = 0;

	for (i = 0; i < len; i++) {
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '\\')
			return false;
		if (name[i] != '.')
			label++;
		else if (label)
			label = 0;
		else
			return false;
	}
	return len > 0;
}

/* An address in words is an address: it is not to be asked of a resolver. */
static bool literal(const char *name, size_t len, struct addr *a)
{
	char text[SOCKS5_NAME_MAX + 1];

	memcpy(text, name, len + 1);
	if (text[0] == '[') {
		if (text[len - 1] != ']')
			return false;
		text[len - 1] = '\0';
		return addr_parse_ip(text + 1, a) && a->family == ADDR_IPV6;
	}
	if (text[len - 1] == '.')
		text[len - 1] = '\0';
	return addr_parse_ip(text, a);
}

static bool take_name(struct socks5_target *t, const uint8_t *p, size_t len)
{
	memcpy(t->name, p, len);
	t->name[len] = '\0';
	if (!name_ok(t->name, len))
		return false;
	if (literal(t->name, len, &t->addr))
		t->name[0] = '\0';
	else if (t->name[0] == '[')
		return false;
	else
		t->addr = (struct addr){ .family = ADDR_NONE };
	return true;
}

static void take_ip(struct socks5_target *t, const uint8_t *p, uint8_t atyp)
{
	if (atyp == ATYP_IPV4) {
		t->addr.family = ADDR_IPV4;
		memcpy(t->addr.ip, p, 4);
	} else {
		t->addr.family = ADDR_IPV6;
		memcpy(t->addr.ip, p, 16);
	}
}

bool socks5_target_parse(struct socks5_target *t, const uint8_t *p)
{
	const uint8_t *port = p + socks5_target_len(p) - 2;
	bool ok = true;

	*t = (struct socks5_target){ .name = "" };
	if (p[0] == ATYP_NAME)
		ok = take_name(t, p + 2, p[1]);
	else
		take_ip(t, p + 1, p[0]);
	t->addr.port = (uint16_t)(port[0] << 8 | port[1]);
	return ok;
}

size_t socks5_target_write(uint8_t out[static SOCKS5_TARGET_MAX],
			   const char *name, const struct addr *a)
{
	size_t len = name ? strnlen(name, SOCKS5_NAME_MAX) : 0;
	size_t n = 0;

	if (len) {
		out[n++] = ATYP_NAME;
		out[n++] = (uint8_t)len;
		memcpy(out + n, name, len);
	} else if (a && a->family == ADDR_IPV6) {
		out[n++] = ATYP_IPV6;
		memcpy(out + n, a->ip, len = 16);
	} else {
		out[n++] = ATYP_IPV4;
		memset(out + n, 0, len = 4);
		if (a && a->family == ADDR_IPV4)
			memcpy(out + n, a->ip, len);
	}
	n += len;
	out[n++] = (uint8_t)(a ? a->port >> 8 : 0);
	out[n++] = (uint8_t)(a ? a->port : 0);
	return n;
}

/* ---- messages ----------------------------------------------------------- */

/* Is the message there up to its n-th byte?  If not, that is asked for. */
static bool reach(struct socks5 *s, size_t n)
{
	s->need = n;
	return s->have >= n;
}

static void enter(struct socks5 *s, enum state state)
{
	s->state = state;
	s->have = 0;
	s->need = 1;
}

static enum socks5_event answer(struct socks5 *s, uint8_t version, uint8_t what)
{
	s->out[0] = version;
	s->out[1] = what;
	s->out_len = 2;
	return SOCKS5_ANSWER;
}

static enum socks5_event refuse(struct socks5 *s)
{
	enter(s, REFUSED);
	return SOCKS5_REFUSE;
}

static enum socks5_event refuse_request(struct socks5 *s, enum socks5_reply rep)
{
	s->out_len = socks5_reply(s->out, rep, NULL, NULL);
	return refuse(s);
}

/* RFC 1928, 3: VER, NMETHODS, METHODS. */
static enum socks5_event greeting(struct socks5 *s)
{
	uint8_t method = s->login.user ? METHOD_LOGIN : METHOD_NONE;

	/* Whatever it speaks, it would not understand what we say. */
	if (s->in[0] != VERSION)
		return refuse(s);
	if (!reach(s, 2) || !reach(s, 2 + (size_t)s->in[1]))
		return SOCKS5_MORE;
	if (!memchr(s->in + 2, method, s->in[1])) {
		(void)answer(s, VERSION, METHOD_NO_ACCEPTABLE);
		return refuse(s);
	}
	enter(s, method == METHOD_LOGIN ? LOGIN : REQUEST);
	return answer(s, VERSION, method);
}

/*
 * Nothing about `want` shows in how long this takes, but its length: not where
 * it begins to differ, and not whether it does.
 */
static size_t differ(const uint8_t *got, size_t len, const char *want)
{
	uint8_t full[UINT8_MAX] = { 0 };
	size_t want_len = want ? strlen(want) : 0;
	size_t diff = len ^ want_len, i;

	if (want_len)
		memcpy(full, want,
		       want_len < sizeof(full) ? want_len : sizeof(full));
	for (i = 0; i < len; i++)
		diff |= (size_t)(got[i] ^ full[i]);
	return diff;
}

/* RFC 1929, 2: VER, ULEN, UNAME, PLEN, PASSWD. */
static enum socks5_event log_in(struct socks5 *s)
{
	size_t user, password, diff;

	if (s->in[0] != LOGIN_VERSION) {
		(void)answer(s, LOGIN_VERSION, LOGIN_WRONG);
		return refuse(s);
	}
	if (!reach(s, 2))
		return SOCKS5_MORE;
	user = s->in[1];
	if (!reach(s, 2 + user + 1))
		return SOCKS5_MORE;
	password = s->in[2 + user];
	if (!reach(s, 2 + user + 1 + password))
		return SOCKS5_MORE;

	diff = differ(s->in + 2, user, s->login.user);
	diff |= differ(s->in + 2 + user + 1, password, s->login.password);
	memset(s->in, 0, sizeof(s->in));
	if (diff) {
		(void)answer(s, LOGIN_VERSION, LOGIN_WRONG);
		return refuse(s);
	}
	enter(s, REQUEST);
	return answer(s, LOGIN_VERSION, LOGIN_OK);
}

static bool cmd_known(uint8_t cmd)
{
	switch (cmd) {
	case SOCKS5_CONNECT:
	case SOCKS5_BIND:
	case SOCKS5_UDP_ASSOCIATE:
	case SOCKS5_RESOLVE:
	case SOCKS5_RESOLVE_PTR: return true;
	default: return false;
	}
}

/* RFC 1928, 4: VER, CMD, RSV, ATYP, DST.ADDR, DST.PORT. */
static enum socks5_event request(struct socks5 *s)
{
	const uint8_t *target = s->in + REQUEST_ATYP;
	size_t len;

	if (s->in[0] != VERSION)
		return refuse_request(s, SOCKS5_GENERAL_FAILURE);
	if (!reach(s, REQUEST_ATYP + 1))
		return SOCKS5_MORE;
	/* Without a known ATYP nobody can tell where the request ends. */
	if (!socks5_target_len(target))
		return refuse_request(s, SOCKS5_ADDRESS_NOT_SUPPORTED);
	if (!reach(s, REQUEST_ATYP + 2))
		return SOCKS5_MORE;
	len = socks5_target_len(target);
	if (!reach(s, REQUEST_ATYP + len))
		return SOCKS5_MORE;

	s->cmd = s->in[1];
	if (!cmd_known(s->cmd))
		return refuse_request(s, SOCKS5_COMMAND_NOT_SUPPORTED);
	if (!socks5_target_parse(&s->target, target))
		return refuse_request(s, SOCKS5_GENERAL_FAILURE);
	enter(s, DONE);
	return SOCKS5_REQUEST;
}

static enum socks5_event step(struct socks5 *s)
{
	switch ((enum state)s->state) {
	case GREETING: return greeting(s);
	case LOGIN: return log_in(s);
	case REQUEST: return request(s);
	case DONE: return SOCKS5_REQUEST;
	case REFUSED: break;
	}
	return SOCKS5_REFUSE;
}

void socks5_init(struct socks5 *s, const struct socks5_login *login)
{
	*s = (struct socks5){ .cmd = 0 };
	if (login)
		s->login = *login;
	enter(s, GREETING);
}

enum socks5_event socks5_feed(struct socks5 *s, const uint8_t *p, size_t len,
			      size_t *used)
{
	enum socks5_event event = SOCKS5_MORE;
	size_t n;

	*used = 0;
	s->out_len = 0;
	if (s->state == DONE || s->state == REFUSED)
		return step(s);
	while (event == SOCKS5_MORE && *used < len) {
		n = s->need - s->have;
		if (n > len - *used)
			n = len - *used;
		memcpy(s->in + s->have, p + *used, n);
		s->have += n;
		*used += n;
		if (s->have == s->need)
			event = step(s);
	}
	return event;
}

size_t socks5_reply(uint8_t out[static SOCKS5_OUT_MAX], enum socks5_reply rep,
		    const struct addr *bound, const char *name)
{
	if (name && strnlen(name, SOCKS5_NAME_MAX + 1) > SOCKS5_NAME_MAX) {
		name = NULL; /* half a name would be another one */
		rep = SOCKS5_GENERAL_FAILURE;
	}
	out[0] = VERSION;
	out[1] = (uint8_t)rep;
	out[2] = 0;
	return 3 + socks5_target_write(out + 3, name, bound);
}

enum socks5_reply socks5_reply_of(int os)
{
	switch (os) {
	case ENETUNREACH: return SOCKS5_NETWORK_UNREACHABLE;
	case EHOSTUNREACH: return SOCKS5_HOST_UNREACHABLE;
	case ECONNREFUSED: return SOCKS5_CONNECTION_REFUSED;
	case ETIMEDOUT: return SOCKS5_TTL_EXPIRED;
	case EAFNOSUPPORT: return SOCKS5_ADDRESS_NOT_SUPPORTED;
	case EACCES:
	case EPERM: return SOCKS5_NOT_ALLOWED;
	default: return SOCKS5_GENERAL_FAILURE;
	}
}

/* ---- datagrams ---------------------------------------------------------- */

/* RFC 1928, 7: RSV, RSV, FRAG, ATYP, DST.ADDR, DST.PORT. */
size_t socks5_udp_parse(struct socks5_udp *u, const uint8_t *p, size_t len)
{
	size_t n;

	if (len < REQUEST_ATYP + 2)
		return 0;
	n = socks5_target_len(p + REQUEST_ATYP);
	if (!n || n > len - REQUEST_ATYP)
		return 0;
	u->frag = p[2];
	if (!socks5_target_parse(&u->target, p + REQUEST_ATYP))
		return 0;
	return REQUEST_ATYP + n;
}

size_t socks5_udp_write(uint8_t out[static SOCKS5_OUT_MAX],
			const struct addr *from)
{
	memset(out, 0, REQUEST_ATYP);
	return REQUEST_ATYP +
	       socks5_target_write(out + REQUEST_ATYP, NULL, from);
}
