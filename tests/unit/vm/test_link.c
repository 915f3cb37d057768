/* SPDX-License-Identifier: MIT */
/*
 * test_link.c - bytes through a whole link: much of it, held up, cut off.
 *
 *	test-vm-link [MIB]    as much through each way; 1024 is the long form
 */
#include "link_rig.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "vsock/mux.h"

enum { MIB = 1 << 20, PIECE = 1 << 20 };

static uint64_t bulk = 8 * MIB; /* of main() alone */

/* ---- much of it ------------------------------------------------------- */

struct sending {
	struct hend h;
	uint64_t seed, len;
	bool good;
	pthread_t thread;
};

static void *sender(void *arg)
{
	struct sending *s = arg;

	s->good = hend_send(&s->h, s->seed, 0, s->len, PIECE);
	hend_shutdown(&s->h);
	return NULL;
}

static void echo(enum hend_kind kind, uint64_t len)
{
	struct rig r;
	struct sending s = { .seed = 77 + kind, .len = len };
	const struct gend model = { .echo = true, .seed_in = s.seed };
	struct gend *g, seen;

	rig_init(&r, NULL);
	rig_pair(&r, kind, &model, &s.h, &g);
	assert_int_equal(pthread_create(&s.thread, NULL, sender, &s), 0);
	assert_true(hend_take(&s.h, s.seed, 0, len, PIECE));
	(void)pthread_join(s.thread, NULL);
	assert_true(s.good);
	assert_true(hend_at_end(&s.h));
	rig_until(&r, gend_is_closed, g, "the guest's end is closed");
	seen = gend_look(g);
	assert_false(seen.bad || seen.reset);
	assert_int_equal(seen.got, len);
	assert_int_equal(seen.sent, len);
	hend_close(&s.h);
	rig_open_is(&r, 0);
	assert_int_equal(rig_stats(&r).stream_bytes[0], len);
	rig_fini(&r);
}

static void test_all_bytes_come_back_by_the_unix_hub(void **state)
{
	(void)state;
	echo(HUB_OUT, bulk);
}

static void test_all_bytes_come_back_by_a_mapped_port(void **state)
{
	(void)state;
	echo(MAP_OUT, bulk);
}

static void test_all_bytes_come_back_by_the_embedder(void **state)
{
	(void)state;
	echo(API_OUT, bulk);
}

static void test_all_bytes_come_back_when_the_guest_connects(void **state)
{
	enum hend_kind kind;

	(void)state;
	for (kind = HUB_IN; kind < HEND_KINDS; kind++)
		echo(kind, bulk / 4);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_bytes_come_back_by_the_unix_hub),
		cmocka_unit_test(test_all_bytes_come_back_by_a_mapped_port),
		cmocka_unit_test(test_all_bytes_come_back_by_the_embedder),
		cmocka_unit_test(
			test_all_bytes_come_back_when_the_guest_connects),
	};

	if (argc > 1)
		bulk = strtoull(argv[1], NULL, 10) * MIB;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
