/* SPDX-License-Identifier: MIT */
/*
 * opts.h - command options from a table: parsing, help, "did you mean".
 *
 * A table says for each option where in the caller's struct its value goes.
 * Understood are --name VALUE, --name=VALUE, -n VALUE, -nVALUE, -abc for
 * flags, and "--", behind which nothing is an option.  Options and other
 * words may be mixed.  Names are not abbreviated, so that a new option never
 * changes what an old script means.  When one is given twice the last wins.
 */
#ifndef CLI_OPTS_H
#define CLI_OPTS_H

#include <microvm.h>
#include <stdbool.h>
#include <stdio.h>

enum opt_kind {
	OPT_FLAG,   /* bool: set to true */
	OPT_TEXT,   /* const char *: the word, which lives in argv */
	OPT_LIST,   /* struct opt_list: each word, in order */
	OPT_COUNT,  /* unsigned */
	OPT_SIZE,   /* uint64_t: bytes */
	OPT_TIME,   /* uint64_t: milliseconds, written in seconds */
	OPT_CHOICE, /* unsigned: index in choices */
	OPT_MAYBE,  /* struct opt_maybe: a value only after '=' */
	OPT_NEVER,  /* refused; `help` says why, `arg` what to do */
};

enum { OPT_LIST_MAX = 128 };

struct opt;

/* Options may share a list: then it tells in which order they were given. */
struct opt_list {
	size_t count;
	const char *word[OPT_LIST_MAX];
	const struct opt *by[OPT_LIST_MAX]; /* the option of each */
};

struct opt_maybe {
	bool given;
	const char *value; /* NULL: given without one */
};

struct opt {
	const char *name; /* without "--"; NULL: only the letter */
	char letter;      /* 0: only the name */
	enum opt_kind kind;
	size_t at;        /* offsetof the value in the group's struct */
	const char *arg;  /* "SIZE", for messages and help */
	const char *help; /* NULL: an alias, not shown */
	const char *const *choices; /* OPT_CHOICE: names up to a NULL */
};

struct opt_group {
	const char *title;
	const struct opt *opts;
	size_t count;
	void *into;
};

struct opt_spec {
	const char *usage; /* "run [OPTION]... [-- CMD [ARG]...]" */
	const char *about; /* some lines on what the command does */
	const struct opt_group *groups;
	size_t count;
};

struct opt_args {
	bool help;   /* --help or -h was given; the rest is not checked */
	char **word; /* words that are no options */
	size_t words;
	char **rest; /* behind "--" */
	size_t rests;
	bool dashes; /* there was a "--" */
};

/* argv[0] is the command's name.  Reorders argv.  0 or an error. */
int opts_parse(const struct opt_spec *spec, int argc, char **argv,
	       struct opt_args *args, microvm_error *err);

void opts_help(const struct opt_spec *spec, FILE *to);

#endif
