/* SPDX-License-Identifier: MIT */
/* test_guess.c - which known word somebody meant. */
#include "../check.h"

#include <string.h>

#include "guess.h"

/* The guess among a few names of options; "" for none. */
static const char *meant(const char *word)
{
	static const char *const names[] = { "kernel",  "initrd", "memory",
					     "cmdline", "json",   "env",
					     "timeout", "timing" };
	struct guess g = guess_start(word);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		guess_offer(&g, names[i]);
	return g.best ? g.best : "";
}

static void test_swapped_letters_are_one_mistake(void **state)
{
	(void)state;
	assert_string_equal(meant("memroy"), "memory");
	assert_string_equal(meant("jsno"), "json");
}

static void test_a_letter_too_many_few_or_wrong_is_guessed(void **state)
{
	(void)state;
	assert_string_equal(meant("kernell"), "kernel");
	assert_string_equal(meant("kernl"), "kernel");
	assert_string_equal(meant("kirnel"), "kernel");
}

static void test_a_beginning_is_guessed(void **state)
{
	(void)state;
	assert_string_equal(meant("mem"), "memory");
	assert_string_equal(meant("cmd"), "cmdline");
	assert_string_equal(meant("timi"), "timing");
}

static void test_far_words_are_not_guessed(void **state)
{
	(void)state;
	assert_string_equal(meant("disk"), "");
	assert_string_equal(meant("e"), "");
	assert_string_equal(meant("me"), "");
	assert_string_equal(meant("network"), "");
	assert_string_equal(meant(""), "");
}

static void test_very_long_words_are_left_alone(void **state)
{
	char word[4096];

	(void)state;
	memset(word, 'k', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_string_equal(meant(word), "");
}

static void test_the_nearest_wins_and_the_first_of_equals(void **state)
{
	struct guess g = guess_start("timings");

	(void)state;
	guess_offer(&g, "timid");
	guess_offer(&g, "timing");
	guess_offer(&g, "timingx");
	assert_string_equal(g.best, "timing");
	assert_int_equal(g.distance, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swapped_letters_are_one_mistake),
		cmocka_unit_test(
			test_a_letter_too_many_few_or_wrong_is_guessed),
		cmocka_unit_test(test_a_beginning_is_guessed),
		cmocka_unit_test(test_far_words_are_not_guessed),
		cmocka_unit_test(test_very_long_words_are_left_alone),
		cmocka_unit_test(test_the_nearest_wins_and_the_first_of_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
