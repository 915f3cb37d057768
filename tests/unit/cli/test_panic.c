/* SPDX-License-Identifier: MIT */
/* test_panic.c - finding a panic in what a guest prints. */
#include "../check.h"

#include <string.h>

#include "panic.h"

static const char boot[] =
	"[    0.91] Kernel paniKernel panic - Kernel panic - not syncing: "
	"VFS: Unable to mount root fs on unknown-block(0,0)\r\n"
	"[    0.92] CPU: 0 PID: 1 Comm: swapper/0 Not tainted\r\n";

static void check_boot(const struct panic *p)
{
	assert_true(p->seen);
	assert_true(p->complete);
	assert_string_equal(p->why, "VFS: Unable to mount root fs on "
				    "unknown-block(0,0)");
}

static void test_it_is_found_in_one_piece(void **state)
{
	struct panic p = { 0 };

	(void)state;
	panic_feed(&p, boot, sizeof(boot) - 1);
	check_boot(&p);
}

static void test_it_is_found_byte_by_byte(void **state)
{
	struct panic p = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(boot) - 1; i++)
		panic_feed(&p, boot + i, 1);
	check_boot(&p);
}

static void test_it_is_found_wherever_the_stream_is_cut(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < sizeof(boot); cut++) {
		struct panic p = { 0 };

		panic_feed(&p, boot, cut);
		panic_feed(&p, boot + cut, sizeof(boot) - 1 - cut);
		check_boot(&p);
	}
}

static void test_near_misses_are_no_panic(void **state)
{
	static const char *const harmless[] = {
		"Kernel panic - not syncin",
		"kernel panic - not syncing",
		"Kernel panic  - not syncing",
		"Kernel panic - not synKernel panic - not syncinK",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		struct panic p = { 0 };

		panic_feed(&p, harmless[i], strlen(harmless[i]));
		assert_false(p.seen);
		assert_null(panic_hint(&p));
	}
}

static void test_a_line_cut_off_keeps_what_there_was(void **state)
{
	static const char text[] = "Kernel panic - not syncing: Oops";
	struct panic p = { 0 };

	(void)state;
	panic_feed(&p, text, sizeof(text) - 1);
	assert_true(p.seen);
	assert_string_equal(p.why, "Oops");
	assert_null(panic_hint(&p));
}

static void test_an_endless_or_dirty_reason_is_cut_and_cleaned(void **state)
{
	static const char text[] =
		"Kernel panic - not syncing: \033[2J\377\0ok";
	struct panic p = { 0 };

	(void)state;
	panic_feed(&p, text, sizeof(text) - 1);
	assert_string_equal(p.why, "?[2J??ok");
	for (int i = 0; i < 1000; i++)
		panic_feed(&p, "aaaaaaaaaa", 10);
	assert_int_equal(strlen(p.why), PANIC_WHY - 1);
	assert_true(p.complete);
}

static void test_only_the_first_panic_counts(void **state)
{
	static const char more[] =
		"---[ end Kernel panic - not syncing: other ]---\n";
	struct panic p = { 0 };

	(void)state;
	panic_feed(&p, boot, sizeof(boot) - 1);
	panic_feed(&p, more, sizeof(more) - 1);
	check_boot(&p);
}

static void test_known_reasons_have_a_hint(void **state)
{
	static const char *const known[][2] = {
		{ "VFS: Unable to mount root fs on", "-i INITRD" },
		{ "No working init found.  Try passing init=", "/init" },
		{ "Attempted to kill init! exitcode=0x0000", "ended" },
		{ "Requested init /x failed (error -2).", "rdinit=" },
		{ "System is deadlocked on memory", "-m" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct panic p = { 0 };

		panic_feed(&p, "Kernel panic - not syncing: ", 28);
		panic_feed(&p, known[i][0], strlen(known[i][0]));
		assert_non_null(panic_hint(&p));
		assert_non_null(strstr(panic_hint(&p), known[i][1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_found_in_one_piece),
		cmocka_unit_test(test_it_is_found_byte_by_byte),
		cmocka_unit_test(test_it_is_found_wherever_the_stream_is_cut),
		cmocka_unit_test(test_near_misses_are_no_panic),
		cmocka_unit_test(test_a_line_cut_off_keeps_what_there_was),
		cmocka_unit_test(
			test_an_endless_or_dirty_reason_is_cut_and_cleaned),
		cmocka_unit_test(test_only_the_first_panic_counts),
		cmocka_unit_test(test_known_reasons_have_a_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
