/* SPDX-License-Identifier: MIT */
/*
 * socks5_client.c - the client's side of SOCKS5.  Knows no sockets.
 *
 * Written as the server's side is: a step says how much of the message it needs
 * to see further (reach), so nothing behind the reply is ever taken.
 */
#include "proxy/socks5_client.h"

#include <string.h>

enum {
	VERSION = 5,       /* RFC 1928, 3 */
	LOGIN_VERSION = 1, /* RFC 1929, 2 */
	LOGIN_OK = 0,

	METHOD_NONE = 0x00, /* RFC 1928, 3 */
	METHOD_LOGIN = 0x02,

	REPLY_ATYP = 3, /* where it stands in a reply */
};

enum state { METHOD, LOGIN, REPLY, DONE, BROKEN };

static bool reach(struct socks5_client *c, size_t n)
{
	c->need = n;
	return c->have >= n;
}

static enum socks5_client_event enter(struct socks5_client *c, enum state state,
				      enum socks5_client_event event)
{
	c->state = state;
	c->have = 0;
	c->need = 1;
	return event;
}

static enum socks5_client_event broken(struct socks5_client *c)
{
	return enter(c, BROKEN, SOCKS5_CLIENT_BROKEN);
}

/* RFC 1928, 4: VER, CMD, RSV, ATYP, DST.ADDR, DST.PORT. */
static enum socks5_client_event send_request(struct socks5_client *c)
{
	c->out[0] = VERSION;
	c->out[1] = SOCKS5_CONNECT;
	c->out[2] = 0;
	c->out_len = 3 + socks5_target_write(c->out + 3, c->target.name,
					     &c->target.addr);
	return enter(c, REPLY, SOCKS5_CLIENT_SEND);
}

static size_t put_word(uint8_t *out, const char *word, size_t len)
{
	out[0] = (uint8_t)len;
	memcpy(out + 1, word, len);
	return 1 + len;
}

/* RFC 1929, 2: VER, ULEN, UNAME, PLEN, PASSWD. */
static enum socks5_client_event send_login(struct socks5_client *c)
{
	const char *user = c->login.user;
	const char *password = c->login.password ? c->login.password : "";
	size_t user_len = strlen(user), password_len = strlen(password);

	if (user_len > UINT8_MAX || password_len > UINT8_MAX)
		return broken(c);
	c->out[0] = LOGIN_VERSION;
	c->out_len = 1;
	c->out_len += put_word(c->out + c->out_len, user, user_len);
	c->out_len += put_word(c->out + c->out_len, password, password_len);
	return enter(c, LOGIN, SOCKS5_CLIENT_SEND);
}

/* RFC 1928, 3: VER, METHOD. */
static enum socks5_client_event method(struct socks5_client *c)
{
	if (c->in[0] != VERSION)
		return broken(c);
	if (!reach(c, 2))
		return SOCKS5_CLIENT_MORE;
	if (c->in[1] == METHOD_NONE)
		return send_request(c);
	if (c->in[1] == METHOD_LOGIN && c->login.user)
		return send_login(c);
	return broken(c);
}

/* RFC 1929, 2: VER, STATUS.  Servers are known to put a 5 into VER. */
static enum socks5_client_event status(struct socks5_client *c)
{
	if (!reach(c, 2))
		return SOCKS5_CLIENT_MORE;
	memset(c->out, 0, sizeof(c->out)); /* the password stood there */
	return c->in[1] == LOGIN_OK ? send_request(c) : broken(c);
}

/* RFC 1928, 6: VER, REP, RSV, ATYP, BND.ADDR, BND.PORT. */
static enum socks5_client_event reply(struct socks5_client *c)
{
	const uint8_t *bound = c->in + REPLY_ATYP;
	struct socks5_target t;

	if (c->in[0] != VERSION)
		return broken(c);
	if (!reach(c, REPLY_ATYP + 1))
		return SOCKS5_CLIENT_MORE;
	c->reply = SOCKS5_GENERAL_FAILURE;
	if (c->in[1] <= SOCKS5_ADDRESS_NOT_SUPPORTED)
		c->reply = (enum socks5_reply)c->in[1];
	if (!socks5_target_len(bound)) {
		/* Of a refusal the rest does not matter; some send zeros. */
		if (c->reply == SOCKS5_SUCCEEDED)
			return broken(c);
		return enter(c, DONE, SOCKS5_CLIENT_DONE);
	}
	if (!reach(c, REPLY_ATYP + 2) ||
	    !reach(c, REPLY_ATYP + socks5_target_len(bound)))
		return SOCKS5_CLIENT_MORE;
	/* A name there, or nonsense, tells no address, and does no harm. */
	if (!socks5_target_parse(&t, bound))
		t.addr = (struct addr){ .family = ADDR_NONE };
	c->bound = t.addr;
	return enter(c, DONE, SOCKS5_CLIENT_DONE);
}

static enum socks5_client_event step(struct socks5_client *c)
{
	switch ((enum state)c->state) {
	case METHOD: return method(c);
	case LOGIN: return status(c);
	case REPLY: return reply(c);
	case DONE: return SOCKS5_CLIENT_DONE;
	case BROKEN: break;
	}
	return SOCKS5_CLIENT_BROKEN;
}

void socks5_client_init(struct socks5_client *c,
			const struct socks5_login *login,
			const struct socks5_target *target)
{
	*c = (struct socks5_client){ .target = *target };
	if (login)
		c->login = *login;
	c->out[c->out_len++] = VERSION;
	c->out[c->out_len++] = c->login.user ? 2 : 1;
	c->out[c->out_len++] = METHOD_NONE;
	if (c->login.user)
		c->out[c->out_len++] = METHOD_LOGIN;
	(void)enter(c, METHOD, SOCKS5_CLIENT_SEND);
}

enum socks5_client_event socks5_client_feed(struct socks5_client *c,
					    const uint8_t *p, size_t len,
					    size_t *used)
{
	enum socks5_client_event event = SOCKS5_CLIENT_MORE;
	size_t n;

	*used = 0;
	c->out_len = 0;
	if (c->state == DONE || c->state == BROKEN)
		return step(c);
	while (event == SOCKS5_CLIENT_MORE && *used < len) {
		n = c->need - c->have;
		if (n > len - *used)
			n = len - *used;
		memcpy(c->in + c->have, p + *used, n);
		c->have += n;
		*used += n;
		if (c->have == c->need)
			event = step(c);
	}
	return event;
}
