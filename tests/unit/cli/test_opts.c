/* SPDX-License-Identifier: MIT */
/* test_opts.c - command options from a table. */
#include "../check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"

struct values {
	bool quiet, all;
	const char *kernel;
	struct opt_list env;
	unsigned cpus, clock;
	uint64_t memory, timeout;
	struct opt_maybe json;
};

#define AT(member) offsetof(struct values, member)

static const char *const clocks[] = { "wall", "virtual", NULL };

static const struct opt table[] = {
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "say less", NULL },
	{ NULL, 'A', OPT_FLAG, AT(all), NULL, "all", NULL },
	{ "kernel", 'k', OPT_TEXT, AT(kernel), "FILE", "kernel", NULL },
	{ "env", 0, OPT_LIST, AT(env), "NAME=VALUE", "environment", NULL },
	{ "environment", 0, OPT_LIST, AT(env), "NAME=VALUE", NULL, NULL },
	{ "cpus", 'c', OPT_COUNT, AT(cpus), "N", "CPUs", NULL },
	{ "clock", 0, OPT_CHOICE, AT(clock), "CLOCK", "clock", clocks },
	{ "memory", 'm', OPT_SIZE, AT(memory), "SIZE",
	  "how much memory there is, told in a text that is long enough to be "
	  "wrapped",
	  NULL },
	{ "timeout", 0, OPT_TIME, AT(timeout), "SEC", "time", NULL },
	{ "json", 0, OPT_MAYBE, AT(json), "FILE", "report", NULL },
	{ "disk", 'd', OPT_NEVER, 0, "do this", "is not here", NULL },
};

struct parsed {
	struct values v;
	struct opt_args args;
	microvm_error err;
	char *argv[64], store[8192]; /* words, and their letters */
	int argc, rc;
};

/* Parse words, which end in a NULL; argv[0] is put before them. */
static void parse(struct parsed *p, const char *const *words)
{
	static char name[] = "run";
	size_t at = 0;
	struct opt_group group = { "options", table,
				   sizeof(table) / sizeof(*table), &p->v };
	struct opt_spec spec = { "run [OPTION]...", "About.", &group, 1 };

	memset(p, 0, sizeof(*p));
	p->argv[p->argc++] = name;
	for (; *words; words++) {
		p->argv[p->argc++] = strcpy(p->store + at, *words);
		at += strlen(*words) + 1;
		assert_true(at < sizeof(p->store));
	}
	p->rc = opts_parse(&spec, p->argc, p->argv, &p->args, &p->err);
}

#define PARSE(p, ...) parse(p, (const char *const[]){ __VA_ARGS__, NULL })

static void refused(const struct parsed *p, const char *msg)
{
	assert_int_equal(p->rc, -MICROVM_EINVAL);
	if (!strstr(p->err.msg, msg))
		print_error("'%s' does not say '%s'\n", p->err.msg, msg);
	assert_non_null(strstr(p->err.msg, msg));
}

/* As allow and deny, whose order among each other counts. */
static void test_a_shared_list_tells_who_put_what_into_it(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--env", "a", "--environment=b", "--env", "c");
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.v.env.count, 3);
	assert_string_equal(p.v.env.by[0]->name, "env");
	assert_string_equal(p.v.env.by[1]->name, "environment");
	assert_string_equal(p.v.env.by[2]->name, "env");
	assert_string_equal(p.v.env.word[1], "b");
}

static void test_every_way_to_write_a_value(void **state)
{
	static const char *const ways[][3] = {
		{ "--kernel", "K" }, { "--kernel=K" }, { "-k", "K" }, { "-kK" }
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		parse(&p, ways[i]);
		assert_int_equal(p.rc, 0);
		assert_string_equal(p.v.kernel, "K");
		assert_int_equal(p.args.words, 0);
	}
}

static void test_values_have_types(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-m", "1G", "--cpus=3", "--clock", "virtual", "--timeout",
	      "1.5", "--quiet");
	assert_int_equal(p.rc, 0);
	assert_true(p.v.memory == 1U << 30);
	assert_int_equal(p.v.cpus, 3);
	assert_int_equal(p.v.clock, 1);
	assert_true(p.v.timeout == 1500);
	assert_true(p.v.quiet);
	assert_false(p.v.json.given);
}

static void test_letters_may_stand_together(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-qAm64");
	assert_int_equal(p.rc, 0);
	assert_true(p.v.quiet && p.v.all);
	assert_true(p.v.memory == 64U << 20);
}

static void test_a_value_may_look_like_an_option_or_be_empty(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-k", "--quiet", "--env=");
	assert_int_equal(p.rc, 0);
	assert_string_equal(p.v.kernel, "--quiet");
	assert_false(p.v.quiet);
	assert_string_equal(p.v.env.word[0], "");
}

static void test_lists_keep_their_order_through_aliases(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--env", "A=1", "--environment=B=2", "--env=A=1");
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.v.env.count, 3);
	assert_string_equal(p.v.env.word[0], "A=1");
	assert_string_equal(p.v.env.word[1], "B=2");
	assert_string_equal(p.v.env.word[2], "A=1");
}

static void test_a_full_list_is_refused(void **state)
{
	static struct opt_list list;
	static char *argv[OPT_LIST_MAX + 3];
	static char arg[] = "--env=A=1";
	static const struct opt opt = {
		"env", 0, OPT_LIST, 0, "E", "e.", NULL
	};
	struct opt_group group = { "options", &opt, 1, &list };
	struct opt_spec spec = { "x", "x", &group, 1 };
	struct opt_args args;
	microvm_error err = { 0 };

	(void)state;
	for (int i = 0; i < OPT_LIST_MAX + 2; i++)
		argv[i] = arg;
	assert_int_equal(opts_parse(&spec, OPT_LIST_MAX + 1, argv, &args, &err),
			 0);
	list.count = 0;
	assert_int_equal(opts_parse(&spec, OPT_LIST_MAX + 2, argv, &args, &err),
			 -MICROVM_EINVAL);
	assert_int_equal(list.count, OPT_LIST_MAX);
}

static void test_the_last_of_two_wins(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-m1G", "-m2G");
	assert_int_equal(p.rc, 0);
	assert_true(p.v.memory == 1ULL << 31);
}

static void test_an_optional_value_comes_only_after_equals(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--json", "word");
	assert_int_equal(p.rc, 0);
	assert_true(p.v.json.given);
	assert_null(p.v.json.value);
	assert_int_equal(p.args.words, 1);
	PARSE(&p, "--json=f");
	assert_string_equal(p.v.json.value, "f");
}

static void test_words_and_options_mix(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "dtb", "-q", "-", "-k", "K", "more");
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.args.words, 3);
	assert_string_equal(p.args.word[0], "dtb");
	assert_string_equal(p.args.word[1], "-");
	assert_string_equal(p.args.word[2], "more");
	assert_false(p.args.dashes);
}

static void test_behind_dashes_nothing_is_an_option(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-q", "--", "ls", "--quiet", "--", "-x");
	assert_int_equal(p.rc, 0);
	assert_true(p.args.dashes);
	assert_int_equal(p.args.rests, 4);
	assert_string_equal(p.args.rest[0], "ls");
	assert_string_equal(p.args.rest[2], "--");
	PARSE(&p, "--");
	assert_true(p.args.dashes);
	assert_int_equal(p.args.rests, 0);
}

static void test_unknown_options_say_what_was_meant(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--memroy", "5");
	refused(&p, "--memroy: unknown option (did you mean --memory?)");
	assert_string_equal(p.err.hint, "see microvm run --help");
	PARSE(&p, "--mem=5");
	refused(&p, "--mem: unknown option (did you mean --memory?)");
	PARSE(&p, "--hlep");
	refused(&p, "did you mean --help?");
	PARSE(&p, "--xyzzy");
	refused(&p, "--xyzzy: unknown option");
	assert_null(strstr(p.err.msg, "mean"));
	PARSE(&p, "-qz");
	refused(&p, "-z: unknown option");
}

static void test_missing_and_superfluous_values_are_refused(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--memory");
	refused(&p, "--memory needs a SIZE");
	PARSE(&p, "-m");
	refused(&p, "-m needs a SIZE");
	PARSE(&p, "--quiet=yes");
	refused(&p, "--quiet takes no value");
}

static void test_bad_values_name_the_option(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-m", "64K");
	refused(&p, "-m: '64K'");
	PARSE(&p, "--cpus=two");
	refused(&p, "--cpus: 'two' is not a number");
	PARSE(&p, "--clock=sun");
	refused(&p, "--clock: unknown CLOCK 'sun'");
	assert_string_equal(p.err.hint, "one of: wall, virtual");
}

static void test_refused_options_explain_themselves(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-d", "x");
	refused(&p, "-d: is not here");
	assert_string_equal(p.err.hint, "do this");
	PARSE(&p, "--disk=x");
	refused(&p, "--disk: is not here");
}

static void test_very_long_words_are_quoted_in_part(void **state)
{
	char word[4096] = "--";
	struct parsed p;

	(void)state;
	memset(word + 2, 'x', sizeof(word) - 3);
	PARSE(&p, word);
	refused(&p, "unknown option");
	word[0] = 'k';
	PARSE(&p, "-m", word);
	assert_int_equal(p.rc, -MICROVM_EINVAL);
}

static void test_help_stops_the_reading(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-q", "--help", "--xyzzy");
	assert_int_equal(p.rc, 0);
	assert_true(p.args.help);
	PARSE(&p, "-qh");
	assert_true(p.args.help);
}

static void test_help_lists_what_can_be_given(void **state)
{
	struct opt_group group = { "options", table,
				   sizeof(table) / sizeof(*table), NULL };
	struct opt_spec spec = { "run [OPTION]...", "About.", &group, 1 };
	char *text = NULL, *line;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	opts_help(&spec, f);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(text, "usage: microvm run [OPTION]..."));
	assert_non_null(strstr(text, "  -m, --memory SIZE"));
	assert_non_null(strstr(text, "      --json[=FILE]"));
	assert_non_null(strstr(text, "  -h, --help"));
	assert_null(strstr(text, "--environment"));
	assert_null(strstr(text, "--disk"));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) < 80);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_to_write_a_value),
		cmocka_unit_test(test_a_shared_list_tells_who_put_what_into_it),
		cmocka_unit_test(test_values_have_types),
		cmocka_unit_test(test_letters_may_stand_together),
		cmocka_unit_test(
			test_a_value_may_look_like_an_option_or_be_empty),
		cmocka_unit_test(test_lists_keep_their_order_through_aliases),
		cmocka_unit_test(test_a_full_list_is_refused),
		cmocka_unit_test(test_the_last_of_two_wins),
		cmocka_unit_test(
			test_an_optional_value_comes_only_after_equals),
		cmocka_unit_test(test_words_and_options_mix),
		cmocka_unit_test(test_behind_dashes_nothing_is_an_option),
		cmocka_unit_test(test_unknown_options_say_what_was_meant),
		cmocka_unit_test(
			test_missing_and_superfluous_values_are_refused),
		cmocka_unit_test(test_bad_values_name_the_option),
		cmocka_unit_test(test_refused_options_explain_themselves),
		cmocka_unit_test(test_very_long_words_are_quoted_in_part),
		cmocka_unit_test(test_help_stops_the_reading),
		cmocka_unit_test(test_help_lists_what_can_be_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
