/* SPDX-License-Identifier: MIT */
/*
 * fuzz_guest_http.c - heads of requests to the guest's HTTP proxy.  The first
 * byte chooses how they are cut into pieces.
 */
#include "guest/outbound-proxy/http.h"

#include <string.h>
#include <strings.h>

#include "feed.h"

/* The length of the head, or 0: its end did not come. */
static size_t scan(const uint8_t *p, size_t len, size_t piece)
{
	struct http_scan s = { 0 };
	size_t at = 0, used, n;
	bool ended = false;

	while (at < len && !ended) {
		n = piece < len - at ? piece : len - at;
		used = http_scan(&s, p + at, n, &ended);
		CHECK(used <= n && (ended || used == n));
		at += used;
		CHECK(s.len == at);
	}
	return ended ? at : 0;
}

/* What goes out instead is one head, of lines that nobody reads otherwise. */
static void check_out(const struct http_request *r)
{
	const char *p = r->out, *end = p + r->out_len, *lf;
	unsigned hosts = 0, lengths = 0;

	CHECK(r->out_len <= sizeof(r->out) && r->out_len > 4);
	CHECK(memcmp(end - 4, "\r\n\r\n", 4) == 0);
	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		CHECK(lf && lf > p && lf[-1] == '\r');
		CHECK(!memchr(p, '\r', (size_t)(lf - 1 - p)));
		CHECK(!memchr(p, '\0', (size_t)(lf - p)));
		CHECK(lf - 1 > p || lf + 1 == end);
		hosts += strncasecmp(p, "Host:", 5) == 0;
		lengths += strncasecmp(p, "Content-Length:", 15) == 0;
		lengths += strncasecmp(p, "Transfer-Encoding:", 18) == 0;
		/* But a method may be called so, in the first line. */
		CHECK(p == r->out || strncasecmp(p, "Proxy-", 6) != 0 ||
		      p[6] == ':');
	}
	CHECK(hosts == 1 && lengths <= 1);
	CHECK(lengths || r->body == 0);
}

static void check_request(const struct http_request *r)
{
	size_t i, len = strlen(r->host);

	CHECK(len && len < sizeof(r->host) && r->port);
	for (i = 0; i < len; i++)
		CHECK(r->host[i] > ' ' && r->host[i] <= '~');
	CHECK(!strchr(r->host, '/') && !strchr(r->host, '@'));
	if (!r->connect)
		check_out(r);
}

static void parse(const uint8_t *p, size_t len)
{
	static struct http_request r;
	static char head[HTTP_HEAD_MAX];
	char text[512];
	unsigned status;

	memcpy(head, p, len);
	status = http_parse(&r, head, len);
	CHECK(!status || status == 400 || status == 431 || status == 501);
	if (status)
		CHECK(http_refusal(text, sizeof(text), status) > 0);
	else
		check_request(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	size_t piece = 1 + feed_take(&f, 1) % 32;
	size_t len = f.len < HTTP_HEAD_MAX ? f.len : HTTP_HEAD_MAX;
	size_t head = scan(f.p, len, len + 1);

	CHECK(scan(f.p, len, piece) == head);
	if (head)
		parse(f.p, head);
	return 0;
}
