/* SPDX-License-Identifier: MIT */
/* test_json.c - what the command's JSON reports have in common. */
#include "../check.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

/* json_print() into a string, which the caller frees; NULL: it refused. */
static char *printed(json_t *root, bool ok)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	ok = json_print(root, ok, f);
	assert_int_equal(fclose(f), 0);
	if (ok)
		return text;
	free(text);
	return NULL;
}

static void test_text_that_is_not_utf8_is_still_printed(void **state)
{
	json_t *v = json_text("caf\xe9");

	(void)state;
	assert_string_equal(json_string_value(v), "caf?");
	json_decref(v);
	v = json_text("caf\xc3\xa9");
	assert_string_equal(json_string_value(v), "caf\xc3\xa9");
	json_decref(v);
}

static void test_a_value_that_failed_is_noticed(void **state)
{
	json_t *root = json_object();
	bool ok = true;

	(void)state;
	json_put(root, "a", json_integer(1), &ok);
	assert_true(ok);
	json_put(root, "b", NULL, &ok);
	assert_false(ok);
	assert_null(printed(root, ok));
}

static void test_large_numbers_do_not_turn_negative(void **state)
{
	json_t *v = json_of_u64(UINT64_MAX);

	(void)state;
	assert_true(json_integer_value(v) == INT64_MAX);
	json_decref(v);
}

static void test_an_error_has_its_fix_when_there_is_one(void **state)
{
	microvm_error err = { MICROVM_EIO, 13, "no \"access\"", "ask" };
	bool ok = true;
	char *text = printed(json_of_error(&err, &ok), ok);

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "\"os\": 13"));
	assert_non_null(strstr(text, "no \\\"access\\\""));
	assert_non_null(strstr(text, "\"fix\": \"ask\""));
	free(text);
	err.hint[0] = '\0';
	text = printed(json_of_error(&err, &ok), ok);
	assert_non_null(text);
	assert_null(strstr(text, "fix"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_that_is_not_utf8_is_still_printed),
		cmocka_unit_test(test_a_value_that_failed_is_noticed),
		cmocka_unit_test(test_large_numbers_do_not_turn_negative),
		cmocka_unit_test(test_an_error_has_its_fix_when_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
