/* SPDX-License-Identifier: MIT */
/* test_link_proxy.c - a guest's SOCKS dialogues through a whole link. */
#include "link_rig.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HELLO = 2,  /* bytes of the answer to a greeting */
	REPLY = 10, /* ... to a request, with an IPv4 address */
	TALK = 64 * 1024,
	PAYLOAD = 20000,
	UDP_HEAD = 2 + 10, /* a frame's length, and RFC 1928, 7 */
};

static void put_be16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t be16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* ---- a guest that says what it is told -------------------------------- */

struct talk {
	struct rig *r;
	struct vconn *c;
	uint8_t out[TALK], in[TALK];
	size_t out_len, sent, in_len, want;
	size_t piece; /* bytes in a packet */
	bool shut;    /* end our half when all is said */
	bool said, ended, closed;
};

static void speak(struct talk *t)
{
	while (t->sent < t->out_len) {
		size_t left = t->out_len - t->sent;
		size_t n = left < t->piece ? left : t->piece;

		n = vconn_send(t->c, t->out + t->sent, n);
		if (!n)
			return;
		t->sent += n;
	}
	if (t->shut && !t->said) {
		t->said = true;
		vconn_shutdown(t->c, VSOCK_SHUTDOWN_SEND);
	}
	if (t->said && t->ended)
		vconn_shutdown(t->c, VSOCK_SHUTDOWN_SEND | VSOCK_SHUTDOWN_RCV);
}

static void on_opened(struct vconn *c)
{
	(void)c; /* room() follows */
}

static void on_data(struct vconn *c, const uint8_t *p, size_t len)
{
	struct talk *t = c->ctx;

	if (len > TALK - t->in_len)
		rig_stuck("the guest is told no more than it asked for");
	memcpy(t->in + t->in_len, p, len);
	t->in_len += len;
}

static void on_room(struct vconn *c)
{
	speak(c->ctx);
}

static void on_ended(struct vconn *c)
{
	struct talk *t = c->ctx;

	t->ended = true;
}

static void on_closed(struct vconn *c)
{
	struct talk *t = c->ctx;

	t->closed = true;
}

static const struct vconn_ops talk_ops = { on_opened, on_data, on_room,
					   on_ended, on_closed };

static void open_talk(void *arg)
{
	struct talk *t = arg;

	t->c = vguest_open(t->r->g, PROXY_PORT, &talk_ops, t);
}

static struct talk *talk_new(struct rig *r, size_t piece)
{
	struct talk *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->r = r;
	t->piece = piece;
	return t;
}

static void add(struct talk *t, const void *p, size_t len)
{
	assert_true(len <= TALK - t->out_len);
	memcpy(t->out + t->out_len, p, len);
	t->out_len += len;
}

/* RFC 1928, 3 and 4: no login, and a request for an address on loopback. */
static void add_request(struct talk *t, uint8_t command, uint16_t port)
{
	uint8_t m[13] = { 5, 1, 0, 5, command, 0, 1, 127, 0, 0, 1 };

	put_be16(m + 11, port);
	add(t, m, sizeof(m));
}

static bool has_come(void *arg)
{
	const struct talk *t = arg;

	return t->in_len >= t->want || t->closed;
}

static bool is_over(void *arg)
{
	const struct talk *t = arg;

	return t->closed;
}

/* Nothing of it changes any more: the guest's thread is done with it. */
static void talk_fini(struct talk *t)
{
	rig_until(t->r, is_over, t, "the session is over");
	free(t);
}

static void hear(struct talk *t, size_t want, const char *what)
{
	t->want = want;
	rig_until(t->r, has_come, t, what);
	assert_true(t->in_len >= want);
}

/* ---- TCP -------------------------------------------------------------- */

/* The far end: sends back what it gets, and ends when the guest has. */
static void echo_once(struct rig *r)
{
	int fd = rig_accept(r->tcp_fd);
	uint8_t buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		assert_int_equal(send(fd, buf, (size_t)n, MSG_NOSIGNAL), n);
	assert_int_equal(n, 0);
	(void)close(fd);
}

static void connect_by(size_t piece)
{
	const struct rig_options opts = { .net = MICROVM_NET_ALL };
	uint8_t payload[PAYLOAD];
	struct talk *t;
	struct rig r;

	rig_init(&r, &opts);
	t = talk_new(&r, piece);
	pattern(payload, sizeof(payload), 1, 0);
	/* It waits for no answer: everything is on its way at once. */
	add_request(t, 1, r.tcp_port);
	add(t, payload, sizeof(payload));
	t->shut = true;
	rig_call(&r, open_talk, t);
	echo_once(&r);
	rig_until(&r, is_over, t, "both halves have ended");
	assert_int_equal(t->in_len, HELLO + REPLY + PAYLOAD);
	assert_memory_equal(t->in, ((uint8_t[]){ 5, 0, 5, 0, 0, 1 }), 6);
	assert_memory_equal(t->in + HELLO + REPLY, payload, PAYLOAD);
	assert_int_equal(rig_stats(&r).flows, 1);
	assert_int_equal(rig_stats(&r).flow_bytes[0], PAYLOAD);
	assert_int_equal(rig_stats(&r).flow_bytes[1], PAYLOAD);
	talk_fini(t);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static void test_a_connection_asked_for_byte_by_byte(void **state)
{
	(void)state;
	connect_by(1);
}

static void test_a_connection_asked_for_and_used_at_once(void **state)
{
	(void)state;
	connect_by(TALK);
}

static void test_what_is_not_allowed_is_told_so(void **state)
{
	const struct rig_options opts = { .net = MICROVM_NET_PUBLIC };
	struct talk *t;
	struct rig r;

	(void)state;
	rig_init(&r, &opts);
	t = talk_new(&r, TALK);
	add_request(t, 1, r.tcp_port);
	t->shut = true;
	rig_call(&r, open_talk, t);
	rig_until(&r, is_over, t, "the session is over");
	assert_int_equal(t->in_len, HELLO + REPLY);
	assert_int_equal(t->in[HELLO + 1], 2); /* RFC 1928, 6: by ruleset */
	assert_int_equal(rig_stats(&r).flows_denied, 1);
	talk_fini(t);
	rig_fini(&r);
}

/* ---- questions -------------------------------------------------------- */

struct person {
	sem_t asked;
	uint64_t flow; /* written before the post */
};

static enum microvm_verdict on_question(void *ctx, const microvm_flow *flow)
{
	struct person *p = ctx;

	p->flow = flow->id;
	(void)sem_post(&p->asked);
	return MICROVM_ASK_LATER;
}

static void wait_for_question(struct person *p)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_MS / 1000;
	if (sem_timedwait(&p->asked, &until))
		rig_stuck("a question");
}

static struct talk *ask(struct rig *r, struct person *p)
{
	struct talk *t = talk_new(r, TALK);

	add_request(t, 1, r->tcp_port);
	t->shut = true;
	rig_call(r, open_talk, t);
	wait_for_question(p);
	return t;
}

static void test_a_person_answers_later(void **state)
{
	struct person p = { .flow = 0 };
	const struct rig_options opts = { .ask = on_question, .ask_ctx = &p };
	struct talk *yes, *no;
	struct rig r;

	(void)state;
	(void)sem_init(&p.asked, 0, 0);
	rig_init(&r, &opts);
	yes = ask(&r, &p);
	hear(yes, HELLO, "the greeting is answered");
	assert_int_equal(link_answer(&r.link, p.flow + 1, MICROVM_ALLOW, NULL),
			 -MICROVM_ESTATE);
	assert_int_equal(link_answer(&r.link, p.flow, MICROVM_ALLOW, NULL), 0);
	echo_once(&r);
	rig_until(&r, is_over, yes, "both halves have ended");
	assert_int_equal(yes->in[HELLO + 1], 0);
	talk_fini(yes);
	no = ask(&r, &p);
	assert_int_equal(link_answer(&r.link, p.flow, MICROVM_DENY, NULL), 0);
	assert_int_equal(link_answer(&r.link, p.flow, MICROVM_DENY, NULL),
			 -MICROVM_ESTATE);
	rig_until(&r, is_over, no, "the session is over");
	assert_int_equal(no->in[HELLO + 1], 2);
	talk_fini(no);
	rig_open_is(&r, 0);
	rig_fini(&r);
}

static void vanish(void *arg)
{
	struct rig *r = arg;

	vguest_reset(r->g);
}

static void test_nobody_waits_for_an_answer_to_a_guest_that_left(void **state)
{
	struct person p = { .flow = 0 };
	const struct rig_options opts = { .ask = on_question, .ask_ctx = &p };
	struct talk *t;
	struct rig r;

	(void)state;
	(void)sem_init(&p.asked, 0, 0);
	rig_init(&r, &opts);
	t = ask(&r, &p);
	rig_call(&r, vanish, &r);
	rig_open_is(&r, 0);
	assert_int_equal(link_answer(&r.link, p.flow, MICROVM_ALLOW, NULL),
			 -MICROVM_ESTATE);
	talk_fini(t);
	rig_fini(&r);
}

/* The VM ends with a question open, and with one being dialled. */
static void test_a_link_ends_in_the_middle_of_a_dialogue(void **state)
{
	struct person p = { .flow = 0 };
	const struct rig_options opts = { .ask = on_question, .ask_ctx = &p };
	struct talk *asked, *half;
	struct rig r;

	(void)state;
	(void)sem_init(&p.asked, 0, 0);
	rig_init(&r, &opts);
	asked = ask(&r, &p);
	half = talk_new(&r, TALK);
	add(half, "\5", 1);
	rig_call(&r, open_talk, half);
	rig_fini(&r);
	free(asked);
	free(half);
}

/* ---- UDP -------------------------------------------------------------- */

static int udp_server(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct timeval tv = { .tv_sec = RIG_MS / 1000 };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	*port = ntohs(a.sin_port);
	return fd;
}

static void echo_datagram(int fd, size_t want)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t buf[2048];
	ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
			     &len);

	assert_int_equal(n, want);
	assert_int_equal(
		sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len),
		n);
}

/* A datagram for `port` on loopback, its length before it. */
static void add_datagram(struct talk *t, uint16_t port, size_t len,
			 uint64_t seed)
{
	uint8_t m[UDP_HEAD + 2048] = { 0, 0, 0, 0, 0, 1, 127, 0, 0, 1 };

	put_be16(m, UDP_HEAD - 2 + len);
	put_be16(m + 10, port);
	pattern(m + UDP_HEAD, len, seed, 0);
	add(t, m, UDP_HEAD + len);
}

struct more {
	struct talk *t;
	uint16_t port;
	size_t len;
};

static void say_datagram(void *arg)
{
	const struct more *m = arg;

	add_datagram(m->t, m->port, m->len, m->len);
	speak(m->t);
}

static void hang_up(void *arg)
{
	struct talk *t = arg;

	t->shut = true;
	speak(t);
}

static void exchange(size_t piece)
{
	static const size_t len[] = { 0, 1, 512, 1400 };
	const struct rig_options opts = { .net = MICROVM_NET_ALL };
	size_t at = HELLO + REPLY;
	struct more m;
	struct rig r;
	unsigned i;
	int fd;

	rig_init(&r, &opts);
	fd = udp_server(&m.port);
	m.t = talk_new(&r, piece);
	add_request(m.t, 3, 0);
	rig_call(&r, open_talk, m.t);
	hear(m.t, at, "the association is granted");
	assert_int_equal(m.t->in[HELLO + 1], 0);
	for (i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		const uint8_t *f = m.t->in + at;

		m.len = len[i];
		rig_call(&r, say_datagram, &m);
		echo_datagram(fd, m.len);
		at += UDP_HEAD + m.len;
		hear(m.t, at, "a datagram comes back");
		assert_int_equal(be16(f), UDP_HEAD - 2 + m.len);
		assert_int_equal(be16(f + 10), m.port);
		assert_true(pattern_is(f + UDP_HEAD, m.len, m.len, 0));
	}
	rig_call(&r, hang_up, m.t);
	talk_fini(m.t);
	rig_open_is(&r, 0);
	(void)close(fd);
	rig_fini(&r);
}

static void test_datagrams_go_out_and_come_back(void **state)
{
	(void)state;
	exchange(TALK);
	exchange(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_connection_asked_for_byte_by_byte),
		cmocka_unit_test(test_a_connection_asked_for_and_used_at_once),
		cmocka_unit_test(test_what_is_not_allowed_is_told_so),
		cmocka_unit_test(test_a_person_answers_later),
		cmocka_unit_test(
			test_nobody_waits_for_an_answer_to_a_guest_that_left),
		cmocka_unit_test(test_a_link_ends_in_the_middle_of_a_dialogue),
		cmocka_unit_test(test_datagrams_go_out_and_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
