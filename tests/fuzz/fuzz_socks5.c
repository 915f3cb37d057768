/* SPDX-License-Identifier: MIT */
/*
 * fuzz_socks5.c - any bytes to both sides of SOCKS5.  However they are cut, the
 * same happens; nothing behind the last event is eaten; what is asked for is
 * what a request may ask for.
 */
#include <string.h>

#include "feed.h"
#include "proxy/socks5_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { EVENTS = 8, OUT_MAX = SOCKS5_OUT_MAX + 600 };

/* What happened, and at which byte. */
struct log {
	unsigned n;
	struct {
		int event;
		size_t at, len;
		uint8_t out[OUT_MAX];
	} e[EVENTS];
};

static void log_add(struct log *l, int event, size_t at, const uint8_t *out,
		    size_t len)
{
	CHECK(l->n < EVENTS); /* both sides say a few words, then end */
	CHECK(len <= OUT_MAX);
	l->e[l->n].event = event;
	l->e[l->n].at = at;
	l->e[l->n].len = len;
	memcpy(l->e[l->n].out, out, len);
	l->n++;
}

static void log_same(const struct log *a, const struct log *b)
{
	unsigned i;

	CHECK(a->n == b->n);
	for (i = 0; i < a->n; i++) {
		CHECK(a->e[i].event == b->e[i].event);
		CHECK(a->e[i].at == b->e[i].at && a->e[i].len == b->e[i].len);
		CHECK(!memcmp(a->e[i].out, b->e[i].out, a->e[i].len));
	}
}

enum { WHOLE, BYTES }; /* or any other number: pieces of 1 to 16 bytes */

static size_t piece(uint64_t *how, size_t left)
{
	size_t n;

	if (*how == WHOLE || *how == BYTES)
		return *how == WHOLE ? left : 1;
	n = 1 + (size_t)(*how % 16);
	*how = *how >> 4 | *how << 60;
	return n < left ? n : left;
}

static void check_target(const struct socks5_target *t)
{
	const char *end = memchr(t->name, '\0', sizeof(t->name)), *p;

	CHECK(end);
	CHECK((t->addr.family == ADDR_NONE) == (end > t->name));
	for (p = t->name; p < end; p++)
		CHECK(*p > ' ' && *p <= '~');
}

/* How many bytes it ate; `how`: in which pieces. */
static size_t serve(struct log *l, const struct socks5_login *login,
		    const uint8_t *p, size_t len, uint64_t how)
{
	enum socks5_event e = SOCKS5_MORE;
	struct socks5 s;
	size_t at = 0, n, used;

	socks5_init(&s, login);
	while (at < len && e != SOCKS5_REQUEST && e != SOCKS5_REFUSE) {
		uint8_t *exact;

		n = piece(&how, len - at);
		exact = malloc(n);
		CHECK(exact);
		memcpy(exact, p + at, n);
		e = socks5_feed(&s, exact, n, &used);
		free(exact);
		CHECK(used <= n && (e != SOCKS5_MORE || used == n));
		at += used;
		if (e != SOCKS5_MORE)
			log_add(l, (int)e, at, s.out, s.out_len);
	}
	if (e == SOCKS5_REQUEST) {
		check_target(&s.target);
		CHECK(s.target.addr.port == (p[at - 2] << 8 | p[at - 1]));
	}
	return at;
}

static size_t ask(struct log *l, const struct socks5_login *login,
		  const uint8_t *p, size_t len, uint64_t how)
{
	const struct socks5_target t = { .name = "example.com" };
	enum socks5_client_event e = SOCKS5_CLIENT_SEND;
	struct socks5_client c;
	size_t at = 0, n, used;

	socks5_client_init(&c, login, &t);
	while (at < len &&
	       (e == SOCKS5_CLIENT_MORE || e == SOCKS5_CLIENT_SEND)) {
		uint8_t *exact;

		n = piece(&how, len - at);
		exact = malloc(n);
		CHECK(exact);
		memcpy(exact, p + at, n);
		e = socks5_client_feed(&c, exact, n, &used);
		free(exact);
		CHECK(used <= n && (e != SOCKS5_CLIENT_MORE || used == n));
		CHECK(e != SOCKS5_CLIENT_SEND || c.out_len);
		CHECK(c.reply <= SOCKS5_ADDRESS_NOT_SUPPORTED);
		at += used;
		if (e != SOCKS5_CLIENT_MORE)
			log_add(l, (int)e, at, c.out, c.out_len);
	}
	return at;
}

typedef size_t side(struct log *l, const struct socks5_login *login,
		    const uint8_t *p, size_t len, uint64_t how);

static void both_ways(side *play, const struct socks5_login *login,
		      const uint8_t *p, size_t len, uint64_t how)
{
	struct log whole = { .n = 0 }, cut = { .n = 0 }, bytes = { .n = 0 };
	size_t ate = play(&whole, login, p, len, WHOLE);

	CHECK(play(&cut, login, p, len, how) == ate);
	log_same(&whole, &cut);
	CHECK(play(&bytes, login, p, len, BYTES) == ate);
	log_same(&whole, &bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct socks5_login login = { "guest", "secret" };
	struct feed f = { data, len };
	uint64_t how = feed_take(&f, 8);
	const struct socks5_login *l = how & 1 ? &login : NULL;

	both_ways(how & 2 ? ask : serve, l, f.p, f.len, how);
	return 0;
}
