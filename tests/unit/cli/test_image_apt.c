/* SPDX-License-Identifier: MIT */
#include "image_apt.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

/* `apt-get indextargets` leaves what it does not know as it was asked. */
static const char targets[] =
	"http://mirror.example/debian/|bookworm|main|Debian\n"
	"http://mirror.example/debian/|bookworm|contrib|Debian\n"
	"http://sec.example/debian-security|bookworm-security|main|$(ORIGIN)\n"
	"https://other.example/apt|stable|main|Other\n"
	"nonsense\n";

static void test_only_debian_main_is_taken(void **s)
{
	char *text = apt_make_sources(targets, NULL);

	(void)s;
	assert_non_null(text);
	assert_non_null(strstr(text, "http://mirror.example/debian/ bookworm "
				     "main\n"));
	assert_non_null(strstr(text, "debian-security bookworm-security "
				     "main\n"));
	assert_null(strstr(text, "contrib"));
	assert_null(strstr(text, "other.example"));
	free(text);
}

static void test_a_suite_comes_from_the_main_archive(void **s)
{
	static const char turned[] =
		"http://sec.example/debian-security|x-security|main|Debian\n"
		"http://mirror.example/debian|x|main|Debian\n";
	char *text = apt_make_sources(turned, "trixie");

	(void)s;
	assert_non_null(text);
	assert_non_null(strstr(text, "http://mirror.example/debian trixie "
				     "main\n"));
	assert_null(strstr(text, "debian-security trixie"));
	free(text);
}

static void test_without_debian_there_are_no_sources(void **s)
{
	char *text =
		apt_make_sources("https://x.example/|a|main|Other\n", "trixie");

	(void)s;
	assert_string_equal(text, "");
	free(text);
}

static void test_the_first_error_is_quoted(void **s)
{
	char line[40];

	(void)s;
	apt_first_error("Get:1 x\nW: careful\nE: Unable to locate x\nE: 2\n",
			line, sizeof(line));
	assert_string_equal(line, "Unable to locate x");
	apt_first_error("Err:1 http://x\nW: old key\n"
			"W: Failed to fetch http://x  Resolving\n",
			line, sizeof(line));
	assert_string_equal(line, "http://x  Resolving");
	apt_first_error("fine\n", line, sizeof(line));
	assert_string_equal(line, "");
	apt_first_error("E: far too long for the forty bytes that are there",
			line, sizeof(line));
	assert_int_equal(strlen(line), sizeof(line) - 1);
}

static void test_wrong_names_are_refused_before_anything_runs(void **s)
{
	static const char *const bad[] = { "",    "-o",   "a",   "A-b",
					   "a b", "../x", "a=1", "x/suite" };
	const struct apt apt = { .dir = "/nonexistent", .arch = "arm64" };
	struct apt suite = { .dir = "/nonexistent",
			     .arch = "arm64",
			     .suite = "x y" };
	microvm_error err = { 0 };
	char *path = NULL;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(apt_fetch(&apt, bad[i], &path, &err),
				 -MICROVM_EINVAL);
		assert_non_null(strstr(err.msg, "name of a package"));
	}
	assert_int_equal(apt_begin(&suite, &err), -MICROVM_EINVAL);
	assert_string_equal(err.msg, "'x y' is no name of a suite");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_debian_main_is_taken),
		cmocka_unit_test(test_a_suite_comes_from_the_main_archive),
		cmocka_unit_test(test_without_debian_there_are_no_sources),
		cmocka_unit_test(test_the_first_error_is_quoted),
		cmocka_unit_test(
			test_wrong_names_are_refused_before_anything_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
