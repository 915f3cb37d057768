/* SPDX-License-Identifier: MIT */
/*
 * fuzz_guest_dns.c - questions to the guest's name server, and its answers:
 * whatever was asked, what is written has the form of an answer to it.
 */
#include "guest/outbound-proxy/dns.h"

#include <string.h>

#include "feed.h"

enum { HEADER = 12, POINTER = 0xc0 };

struct reader {
	const uint8_t *p;
	size_t len, at;
};

static unsigned u16(struct reader *r)
{
	CHECK(r->len - r->at >= 2);
	r->at += 2;
	return (unsigned)r->p[r->at - 2] << 8 | r->p[r->at - 1];
}

/* A name; a pointer only leads to the question. */
static void name(struct reader *r)
{
	size_t start = r->at;
	unsigned n;

	for (;;) {
		CHECK(r->at < r->len);
		n = r->p[r->at++];
		if (n >= POINTER) {
			CHECK(n == POINTER && r->at < r->len);
			CHECK(r->p[r->at++] == HEADER);
			return;
		}
		CHECK(n <= 63 && r->len - r->at >= n);
		r->at += n;
		CHECK(r->at - start <= DNS_NAME_MAX);
		if (!n)
			return;
	}
}

static void record(struct reader *r, unsigned *type)
{
	size_t len;

	name(r);
	*type = u16(r);
	r->at += 6;
	len = u16(r);
	CHECK(r->at <= r->len && r->len - r->at >= len);
	if (*type == DNS_A)
		CHECK(len == 4);
	if (*type == DNS_AAAA)
		CHECK(len == 16);
	if (*type == DNS_PTR) {
		struct reader data = { r->p, r->at + len, r->at };

		name(&data);
		CHECK(data.at == r->at + len);
	}
	r->at += len;
}

/* The answer to `q`, of at most `max` bytes. */
static void check_answer(const struct dns_query *q, const uint8_t *ask,
			 size_t max)
{
	uint8_t out[DNS_ANSWER_MAX];
	size_t len = dns_write(out, q, max);
	struct reader r = { out, len, 0 };
	unsigned flags, questions, answers, more, type;

	CHECK(len >= HEADER && len <= max);
	CHECK(memcmp(out, ask, 2) == 0);
	r.at = 2;
	flags = u16(&r);
	CHECK(flags & 0x8000);
	CHECK((flags & 0xf) == (q->rcode & 0xf));
	questions = u16(&r);
	answers = u16(&r);
	CHECK(u16(&r) == 0);
	more = u16(&r);
	CHECK(questions <= 1 && answers <= 1 && more == q->edns);
	CHECK(!answers || (questions && !(flags & 0x200)));
	if (questions) {
		name(&r);
		r.at += 4;
		CHECK(memcmp(out + HEADER, ask + HEADER, r.at - HEADER) == 0);
	}
	for (; answers; answers--) {
		record(&r, &type);
		CHECK(type == q->type);
	}
	for (; more; more--) {
		record(&r, &type);
		CHECK(type == DNS_OPT);
	}
	CHECK(r.at == len);
}

/* As the host may answer: some address, or a name out of the input. */
static void from_host(struct dns_query *q, const uint8_t *p, size_t len,
		      unsigned how)
{
	q->rcode = (enum dns_rcode)(how % 6);
	if (q->type == DNS_PTR) {
		if (!dns_set_name(q, p, len < 300 ? len : 300))
			q->name_len = 0;
		return;
	}
	q->addr_len = how & 8 ? 4 : 16;
	memset(q->addr, 1, sizeof(q->addr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	unsigned how = (unsigned)feed_take(&f, 1);
	enum dns_verdict verdict;
	struct dns_query q;

	verdict = dns_read(&q, f.p, f.len);
	if (verdict == DNS_DROP)
		return 0;
	CHECK(q.question_len <= sizeof(q.question));
	CHECK(q.name_len <= DNS_NAME_MAX);
	if (verdict == DNS_FORWARD) {
		CHECK(q.name_len && strlen(q.name) == q.name_len);
		CHECK(q.type == DNS_A || q.type == DNS_AAAA);
	} else if (verdict == DNS_REVERSE) {
		CHECK(q.addr_len == 4 || q.addr_len == 16);
	}
	if (verdict != DNS_ANSWER)
		from_host(&q, f.p, f.len, how);
	CHECK(q.udp_max >= DNS_UDP_MAX);
	check_answer(&q, f.p, DNS_UDP_MAX);
	check_answer(&q, f.p, DNS_ANSWER_MAX);
	return 0;
}
