/* SPDX-License-Identifier: MIT */
/*
 * http.c - the head of a request to an HTTP proxy.
 *
 * Strict where laxness would let two readers see two requests (RFC 9112,
 * 11.2): folded lines, blanks before a colon, two lengths, control characters
 * are refused.
 */
#include "guest/outbound-proxy/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "guest/common/number.h"
#include "guest/outbound-proxy/socks.h"

size_t http_scan(struct http_scan *s, const uint8_t *p, size_t len, bool *ended)
{
	size_t i;

	*ended = false;
	for (i = 0; i < len && !*ended; i++) {
		if (p[i] == '\r')
			continue; /* RFC 9112, 2.2: LF alone will do */
		if (p[i] != '\n')
			s->line++;
		else if (s->line == 0 && s->begun)
			*ended = true;
		else
			s->line = 0;
		s->begun |= s->line > 0;
	}
	s->len += i;
	return i;
}

/* The next line, ended by NUL, without its CR LF; NULL: no more, or bad. */
static char *next_line(char **cursor, char *end)
{
	char *line = *cursor, *lf, *p;

	lf = memchr(line, '\n', (size_t)(end - line));
	if (!lf)
		return NULL;
	*cursor = lf + 1;
	if (lf > line && lf[-1] == '\r')
		lf--;
	*lf = '\0';
	for (p = line; p < lf; p++)
		if ((unsigned char)*p < ' ' && *p != '\t')
			return NULL;
	return line;
}

/* RFC 9110, 5.6.2 */
static bool is_token(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] > '~' ||
		    strchr("\"(),/:;<=>?@[\\]{}", p[i]))
			return false;
	return len > 0;
}

/* The name or address of a host as a URI has it. */
static bool is_host(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] > '~' ||
		    strchr("\"#%/<>?@[\\]^`{|}", p[i]))
			return false;
	return len > 0 && len < 256;
}

/* "host", "host:port", "[v6]:port"; `port` is what it has when none is said. */
static bool read_authority(struct http_request *r, const char *p, size_t len,
			   uint64_t port)
{
	const char *end = p + len, *colon, *host = p;
	size_t host_len;

	if (len && *p == '[') {
		colon = memchr(p, ']', len);
		if (!colon)
			return false;
		host++;
		host_len = (size_t)(colon++ - host);
	} else {
		colon = memchr(p, ':', len);
		if (!colon)
			colon = end;
		host_len = (size_t)(colon - host);
	}
	if (!is_host(host, host_len))
		return false;
	if (colon < end &&
	    (*colon != ':' || !number_read(colon + 1, (size_t)(end - colon - 1),
					   UINT16_MAX, &port)))
		return false;
	if (port == 0)
		return false;
	memcpy(r->host, host, host_len);
	r->host[host_len] = '\0';
	r->port = (uint16_t)port;
	return true;
}

static bool put(struct http_request *r, const char *p, size_t len)
{
	if (len > sizeof(r->out) - r->out_len)
		return false;
	memcpy(r->out + r->out_len, p, len);
	r->out_len += len;
	return true;
}

static bool put_text(struct http_request *r, const char *text)
{
	return put(r, text, strlen(text));
}

/* "GET http://host/path HTTP/1.1" becomes "GET /path HTTP/1.1" and a Host. */
static unsigned absolute_form(struct http_request *r, const char *method,
			      const char *uri, const char *version)
{
	const char *host = uri + 7, *path = host + strcspn(host, "/?#");
	size_t host_len = (size_t)(path - host);

	if (strncasecmp(uri, "http://", 7) != 0)
		return strstr(uri, "://") ? 501 : 400;
	/* Names and passwords in an address are for the client's eyes. */
	if (!read_authority(r, host, host_len, 80))
		return 400;
	if (!put_text(r, method) || !put_text(r, " ") ||
	    !put_text(r, *path == '/' ? "" : "/") ||
	    !put(r, path, strcspn(path, "#")) || !put_text(r, " ") ||
	    !put_text(r, version) || !put_text(r, "\r\nHost: ") ||
	    !put(r, host, host_len) ||
	    !put_text(r, "\r\nConnection: close\r\n"))
		return 431;
	return 0;
}

/* METHOD SP TARGET SP VERSION: RFC 9112, 3 */
static unsigned request_line(struct http_request *r, char *line)
{
	char *target = strchr(line, ' '), *version;

	if (!target || !is_token(line, (size_t)(target - line)))
		return 400;
	*target++ = '\0';
	version = strchr(target, ' ');
	if (!version || strncmp(version + 1, "HTTP/1.", 7) != 0 ||
	    strlen(version + 1) != 8)
		return 400;
	*version++ = '\0';
	r->connect = strcmp(line, "CONNECT") == 0;
	if (!r->connect)
		return absolute_form(r, line, target, version);
	return read_authority(r, target, strlen(target), 0) ? 0 : 400;
}

/* Is `name` one of the comma-separated words of `list`? */
static bool lists(const char *list, const char *name, size_t len)
{
	size_t n;

	while (*list) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == len && strncasecmp(list, name, n) == 0)
			return true;
		list += n;
	}
	return false;
}

static bool is(const char *name, size_t len, const char *what)
{
	return strlen(what) == len && strncasecmp(name, what, len) == 0;
}

/* Between us and the client only: RFC 9110, 7.6.1; or said anew by us. */
static bool is_ours(const char *name, size_t len)
{
	static const char *const ours[] = { "Connection", "Keep-Alive", "Host",
					    "TE", "Upgrade" };
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (is(name, len, ours[i]))
			return true;
	return len > 6 && strncasecmp(name, "Proxy-", 6) == 0;
}

struct lengths {
	bool told, chunked;
};

/* Tells where the message ends: nobody may have it taken out. */
static bool is_framing(const char *name, size_t len)
{
	return is(name, len, "Transfer-Encoding") ||
	       is(name, len, "Content-Length");
}

/* How long the body is: RFC 9112, 6.3; saying it twice is refused. */
static bool note_length(struct http_request *r, struct lengths *l,
			const char *name, size_t len, const char *value)
{
	if (is(name, len, "Transfer-Encoding")) {
		if (l->told)
			return false;
		l->told = l->chunked = true;
		r->body = UINT64_MAX;
	} else if (is(name, len, "Content-Length")) {
		if (l->told)
			return false;
		l->told = true;
		return number_parse(value, UINT64_MAX - 1, &r->body);
	}
	return true;
}

static unsigned header(struct http_request *r, struct lengths *l, char *line,
		       const char *connection)
{
	char *colon = strchr(line, ':'), *value, *end;
	size_t len;

	if (!colon || !is_token(line, (size_t)(colon - line)))
		return 400;
	len = (size_t)(colon - line);
	value = colon + 1 + strspn(colon + 1, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	if (r->connect)
		return 0;
	if (!note_length(r, l, line, len, value))
		return 400;
	if (is_ours(line, len) ||
	    (lists(connection, line, len) && !is_framing(line, len)))
		return 0;
	if (!put(r, line, len) || !put_text(r, ": ") || !put_text(r, value) ||
	    !put_text(r, "\r\n"))
		return 431;
	return 0;
}

/* The words of the Connection headers, which come anywhere, into `list`. */
static void find_connection(const char *p, const char *end, char *list,
			    size_t size)
{
	const char *lf;
	size_t n, have = 0;

	for (; (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1) {
		n = (size_t)(lf - p);
		if (n < 11 || strncasecmp(p, "Connection:", 11) != 0)
			continue;
		n -= 11;
		if (n + 1 >= size - have)
			n = size - have - 2;
		memcpy(list + have, p + 11, n);
		have += n;
		list[have++] = ',';
		if (have + 2 >= size)
			break;
	}
	list[have] = '\0';
	for (n = 0; n < have; n++)
		if (list[n] == '\r' || list[n] == '\0')
			list[n] = ' ';
}

unsigned http_parse(struct http_request *r, char *head, size_t len)
{
	char *end = head + len, *cursor = head, *line, connection[256];
	struct lengths l = { 0 };
	unsigned status;

	r->out_len = 0;
	r->body = 0;
	find_connection(head, end, connection, sizeof(connection));
	do
		line = next_line(&cursor, end);
	while (line && !*line && cursor < end); /* RFC 9112, 2.2 */
	if (!line)
		return 400;
	status = request_line(r, line);
	while (!status) {
		line = next_line(&cursor, end);
		if (!line)
			return 400;
		if (!*line)
			break;
		status = header(r, &l, line, connection);
	}
	if (!status && !r->connect && !put_text(r, "\r\n"))
		return 431;
	return status;
}

unsigned http_status(unsigned reply)
{
	switch (reply) {
	case SOCKS_DENIED: return 403;
	case SOCKS_TIMED_OUT: return 504;
	default: return 502;
	}
}

static const char *phrase(unsigned status)
{
	switch (status) {
	case 400: return "Bad Request";
	case 403: return "Forbidden";
	case 408: return "Request Timeout";
	case 431: return "Request Header Fields Too Large";
	case 501: return "Not Implemented";
	case 504: return "Gateway Timeout";
	default: return "Bad Gateway";
	}
}

static const char *help(unsigned status)
{
	switch (status) {
	case 400:
		return "not a request to a proxy: use CONNECT, or an http:// "
		       "address";
	case 403: return "the policy of this VM does not allow that address";
	case 408: return "the request did not come to its end in time";
	case 431: return "the head of the request is too long";
	case 501:
		return "only CONNECT and http:// addresses; for everything "
		       "else use socks5h://";
	case 504: return "the server did not answer in time";
	default: return "the server cannot be reached, or has no such name";
	}
}

size_t http_refusal(char *out, size_t size, unsigned status)
{
	const char *text = help(status);
	int n = snprintf(out, size,
			 "HTTP/1.1 %u %s\r\nContent-Type: text/plain\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n"
			 "outbound-proxy: %s\n",
			 status, phrase(status),
			 strlen("outbound-proxy: ") + strlen(text) + 1, text);

	return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}
