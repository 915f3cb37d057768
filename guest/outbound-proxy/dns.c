/* SPDX-License-Identifier: MIT */
/*
 * dns.c - questions to a name server, and its answers.
 *
 * A message (RFC 1035, 4.1) is a header of 12 bytes,
 *
 *	ID | QR Opcode AA TC RD | RA Z AD CD RCODE | QDCOUNT ANCOUNT NSCOUNT
 *	ARCOUNT
 *
 * then the question (name, type, class), then records (name, type, class,
 * TTL, length, data).  The one record of interest in a question is EDNS' OPT.
 */
#include "guest/outbound-proxy/dns.h"

#include <string.h>
#include <strings.h>

#include "guest/common/number.h"

enum {
	HEADER = 12,
	LABEL_MAX = 63,
	POINTER = 0xc0, /* RFC 1035, 4.1.4; other high bits: RFC 6891, 5 */
	CLASS_IN = 1,
	RECORD = 10, /* type, class, TTL, length */
};

enum { /* RFC 1035, 4.1.1; RFC 4035, 3.2.2 */
       QR = 0x8000,
       OPCODE = 0x7800,
       TC = 0x0200,
       RD = 0x0100,
       RA = 0x0080,
       CD = 0x0010,
};

struct reader {
	const uint8_t *p;
	size_t len, off;
};

static bool read_u16(struct reader *r, uint16_t *v)
{
	if (r->len - r->off < 2)
		return false;
	*v = (uint16_t)(r->p[r->off] << 8 | r->p[r->off + 1]);
	r->off += 2;
	return true;
}

static bool skip(struct reader *r, size_t n)
{
	if (r->len - r->off < n)
		return false;
	r->off += n;
	return true;
}

/* Over a name of a record, of which a pointer is the end. */
static bool skip_name(struct reader *r)
{
	uint8_t n;

	while (r->off < r->len) {
		n = r->p[r->off++];
		if (n == 0)
			return true;
		if (n >= POINTER)
			return skip(r, 1);
		if (n > LABEL_MAX || !skip(r, n))
			return false;
	}
	return false;
}

/* The labels of the question, joined by dots; *odd: no host is called so. */
static bool read_name(struct reader *r, struct dns_query *q, bool *odd)
{
	size_t start = r->off, i;
	uint8_t n, c;

	*odd = false;
	q->name_len = 0;
	while (r->off < r->len) {
		n = r->p[r->off++];
		if (n == 0) {
			q->name[q->name_len] = '\0';
			return true;
		}
		/* One byte more is the least that follows. */
		if (n > LABEL_MAX || r->len - r->off < n ||
		    r->off + n - start >= DNS_NAME_MAX)
			return false;
		if (q->name_len)
			q->name[q->name_len++] = '.';
		for (i = 0; i < n; i++) {
			c = r->p[r->off + i];
			*odd |= c <= ' ' || c > '~' || strchr(".:/\\@%", c);
			q->name[q->name_len++] = (char)c;
		}
		r->off += n;
	}
	return false;
}

/* False: malformed. */
static bool read_opt(struct reader *r, struct dns_query *q)
{
	uint16_t type, size, ext, flags, len;
	bool root = r->off < r->len && r->p[r->off] == 0;

	if (!skip_name(r) || !read_u16(r, &type) || !read_u16(r, &size) ||
	    !read_u16(r, &ext) || !read_u16(r, &flags) || !read_u16(r, &len) ||
	    !skip(r, len))
		return false;
	if (type != DNS_OPT)
		return true;
	if (q->edns || !root)
		return false; /* RFC 6891, 6.1.1 */
	q->edns = true;
	q->udp_max = size < DNS_UDP_MAX ? DNS_UDP_MAX : size;
	if (ext & 0xff) /* the extended RCODE, then the version */
		q->rcode = DNS_BADVERS;
	return true;
}

/* "4.3.2.1.in-addr.arpa" (RFC 1035, 3.5) */
static bool reverse_ipv4(struct dns_query *q, const char *end)
{
	const char *p = q->name, *dot;
	uint64_t n;
	int i;

	for (i = 3; i >= 0; i--) {
		dot = memchr(p, '.', (size_t)(end - p));
		if (!dot)
			dot = end;
		if (!number_read(p, (size_t)(dot - p), 255, &n))
			return false;
		q->addr[i] = (uint8_t)n;
		p = dot < end ? dot + 1 : end;
	}
	q->addr_len = 4;
	return p == end;
}

/* 32 hexadecimal digits, the last one first (RFC 3596, 2.5) */
static bool reverse_ipv6(struct dns_query *q, const char *end)
{
	static const char hex[] = "0123456789abcdef";
	const char *p = q->name, *digit;
	unsigned v;
	int i;

	if (end - p != 63)
		return false;
	for (i = 31; i >= 0; i--, p += 2) {
		digit = memchr(hex, *p | 0x20, sizeof(hex) - 1);
		if (!digit || (i > 0 && p[1] != '.'))
			return false;
		v = (unsigned)(digit - hex);
		if (i % 2) /* its second digit comes first */
			q->addr[i / 2] = (uint8_t)v;
		else
			q->addr[i / 2] = (uint8_t)(q->addr[i / 2] | v << 4);
	}
	q->addr_len = 16;
	return true;
}

/* Where `suffix` begins in the name, behind a dot; NULL: not there. */
static const char *before(const struct dns_query *q, const char *suffix)
{
	size_t n = strlen(suffix);

	if (q->name_len <= n ||
	    strcasecmp(q->name + q->name_len - n, suffix) != 0)
		return NULL;
	return q->name + q->name_len - n;
}

static enum dns_verdict say(struct dns_query *q, enum dns_rcode rcode)
{
	q->rcode = rcode;
	q->addr_len = 0;
	q->name_len = 0;
	return DNS_ANSWER;
}

static bool is_loopback(const struct dns_query *q)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (q->addr_len == 4)
		return q->addr[0] == 127;
	return memcmp(q->addr, one, sizeof(one)) == 0;
}

static enum dns_verdict judge_ptr(struct dns_query *q)
{
	const char *v4 = before(q, ".in-addr.arpa");
	const char *v6 = before(q, ".ip6.arpa");

	if (!(v4 && reverse_ipv4(q, v4)) && !(v6 && reverse_ipv6(q, v6)))
		return say(q, v4 || v6 ? DNS_NXDOMAIN : DNS_NOERROR);
	if (!is_loopback(q))
		return DNS_REVERSE;
	(void)dns_set_name(q, (const uint8_t *)"localhost", 9);
	q->rcode = DNS_NOERROR;
	return DNS_ANSWER;
}

/* RFC 6761, 6.3: never leaves the machine. */
static enum dns_verdict answer_localhost(struct dns_query *q)
{
	memset(q->addr, 0, sizeof(q->addr));
	if (q->type == DNS_A) {
		q->addr[0] = 127;
		q->addr_len = 4;
	} else {
		q->addr_len = 16;
	}
	q->addr[q->addr_len - 1] = 1;
	q->rcode = DNS_NOERROR;
	return DNS_ANSWER;
}

static enum dns_verdict judge(struct dns_query *q, bool odd)
{
	if (q->type >= DNS_IXFR && q->type <= DNS_ANY)
		return say(q, DNS_NOTIMP); /* whole zones, everything */
	if (q->type == DNS_PTR)
		return odd ? say(q, DNS_NOERROR) : judge_ptr(q);
	/* Existing names without that kind of record, for all we know. */
	if ((q->type != DNS_A && q->type != DNS_AAAA) || q->name_len == 0)
		return say(q, DNS_NOERROR);
	if (odd)
		return say(q, DNS_NXDOMAIN);
	if (strcasecmp(q->name, "localhost") == 0 || before(q, ".localhost"))
		return answer_localhost(q);
	return DNS_FORWARD;
}

/* The header is there; the rest may be anything. */
static bool read_rest(struct dns_query *q, struct reader *r, bool *odd,
		      uint16_t *class)
{
	uint16_t count[4], i;
	size_t start;

	r->off = 4;
	for (i = 0; i < 4; i++)
		if (!read_u16(r, &count[i]))
			return false;
	if (count[0] != 1 || count[1] || count[2])
		return false;
	start = r->off;
	if (!read_name(r, q, odd) || !read_u16(r, &q->type) ||
	    !read_u16(r, class))
		return false;
	q->question_len = r->off - start;
	memcpy(q->question, r->p + start, q->question_len);
	for (i = 0; i < count[3]; i++)
		if (!read_opt(r, q))
			return false;
	return true;
}

enum dns_verdict dns_read(struct dns_query *q, const uint8_t *p, size_t len)
{
	struct reader r = { p, len, 0 };
	uint16_t class = 0;
	bool odd = false;

	memset(q, 0, sizeof(*q));
	q->udp_max = DNS_UDP_MAX;
	if (len < HEADER || !read_u16(&r, &q->id) || !read_u16(&r, &q->flags))
		return DNS_DROP;
	if (q->flags & QR)
		return DNS_DROP; /* answering answers never ends */
	if (q->flags & OPCODE)
		return say(q, DNS_NOTIMP);
	if (!read_rest(q, &r, &odd, &class))
		return say(q, DNS_FORMERR);
	if (q->rcode == DNS_BADVERS)
		return say(q, DNS_BADVERS);
	if (class != CLASS_IN)
		return say(q, DNS_NOTIMP);
	return judge(q, odd);
}

struct writer {
	uint8_t *p;
	size_t off;
};

static void write_u16(struct writer *w, unsigned v)
{
	w->p[w->off++] = (uint8_t)(v >> 8);
	w->p[w->off++] = (uint8_t)v;
}

static void write_header(struct writer *w, const struct dns_query *q,
			 unsigned records, bool cut)
{
	unsigned flags = QR | RA | (q->flags & (OPCODE | RD | CD)) |
			 (cut ? TC : 0) | (q->rcode & 0xf);

	write_u16(w, q->id);
	write_u16(w, flags);
	write_u16(w, q->question_len ? 1 : 0);
	write_u16(w, records);
	write_u16(w, 0);
	write_u16(w, q->edns ? 1 : 0);
	memcpy(w->p + w->off, q->question, q->question_len);
	w->off += q->question_len;
}

/* The name as labels; its length on the wire is at most DNS_NAME_MAX. */
static size_t write_name(uint8_t *p, const struct dns_query *q)
{
	const char *label = q->name, *end = q->name + q->name_len, *dot;
	uint8_t *at = p;
	size_t n;

	while (label < end) {
		dot = memchr(label, '.', (size_t)(end - label));
		n = (size_t)((dot ? dot : end) - label);
		*at++ = (uint8_t)n;
		memcpy(at, label, n);
		at += n;
		label = dot ? dot + 1 : end;
	}
	*at++ = 0;
	return (size_t)(at - p);
}

static void write_record(struct writer *w, const struct dns_query *q,
			 const uint8_t *data, size_t len)
{
	write_u16(w, POINTER << 8 | HEADER); /* the name of the question */
	write_u16(w, q->type);
	write_u16(w, CLASS_IN);
	write_u16(w, 0);
	write_u16(w, DNS_TTL);
	write_u16(w, (unsigned)len);
	memcpy(w->p + w->off, data, len);
	w->off += len;
}

static void write_opt(struct writer *w, const struct dns_query *q)
{
	w->p[w->off++] = 0;
	write_u16(w, DNS_OPT);
	write_u16(w, DNS_QUERY_MAX);
	write_u16(w, (unsigned)(q->rcode >> 4) << 8);
	write_u16(w, 0);
	write_u16(w, 0);
}

/* The data of the one record, if there is one to tell. */
static size_t record_data(uint8_t *p, const struct dns_query *q)
{
	if (q->rcode != DNS_NOERROR)
		return 0;
	if (q->type == DNS_PTR)
		return q->name_len ? write_name(p, q) : 0;
	if ((q->type == DNS_A && q->addr_len == 4) ||
	    (q->type == DNS_AAAA && q->addr_len == 16)) {
		memcpy(p, q->addr, q->addr_len);
		return q->addr_len;
	}
	return 0;
}

size_t dns_write(uint8_t out[static DNS_ANSWER_MAX], const struct dns_query *q,
		 size_t max)
{
	struct writer w = { out, 0 };
	uint8_t data[DNS_NAME_MAX + 1];
	size_t len = record_data(data, q);
	size_t all = HEADER + q->question_len + (len ? 2 + RECORD + len : 0) +
		     (q->edns ? 1 + RECORD : 0);
	bool cut = all > max;

	write_header(&w, q, len && !cut, cut);
	if (len && !cut)
		write_record(&w, q, data, len);
	if (q->edns)
		write_opt(&w, q);
	return w.off;
}

bool dns_set_name(struct dns_query *q, const uint8_t *p, size_t len)
{
	size_t i, label = 0;

	q->name_len = 0;
	if (len && p[len - 1] == '.')
		len--;
	if (len == 0 || len > DNS_NAME_MAX - 2) /* on the wire: 2 more */
		return false;
	for (i = 0; i < len; i++) {
		label = p[i] == '.' ? 0 : label + 1;
		if (p[i] == 0 || label > LABEL_MAX ||
		    (p[i] == '.' && (i == 0 || p[i - 1] == '.')))
			return false;
	}
	memcpy(q->name, p, len);
	q->name[len] = '\0';
	q->name_len = len;
	return true;
}
