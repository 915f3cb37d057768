/* SPDX-License-Identifier: MIT */
/*
 * opts.c - command options from a table.
 *
 * Not getopt_long: it prints by itself, abbreviates, keeps state in globals,
 * and knows neither types nor likely mistakes.
 */
#include "opts.h"

#include <string.h>

#include "guess.h"
#include "number.h"
#include "say.h"

enum {
	HELP_COLUMN = 26, /* where explanations begin */
	LABEL_MAX = 64,
};

/* An option found in its group, as the user wrote it. */
struct hit {
	const struct opt *opt;
	void *into;
	char label[LABEL_MAX]; /* "--memory" or "-m" */
};

static bool takes_word(const struct opt *o)
{
	return o->kind != OPT_FLAG && o->kind != OPT_MAYBE &&
	       o->kind != OPT_NEVER;
}

static bool find_letter(const struct opt_spec *spec, char c, struct hit *hit)
{
	for (size_t g = 0; g < spec->count; g++) {
		const struct opt_group *group = &spec->groups[g];

		for (size_t i = 0; i < group->count; i++) {
			if (group->opts[i].letter != c)
				continue;
			hit->opt = &group->opts[i];
			hit->into = group->into;
			(void)snprintf(hit->label, LABEL_MAX, "-%c", c);
			return true;
		}
	}
	return false;
}

static bool find_name(const struct opt_spec *spec, const char *name, size_t len,
		      struct hit *hit)
{
	for (size_t g = 0; g < spec->count; g++) {
		const struct opt_group *group = &spec->groups[g];

		for (size_t i = 0; i < group->count; i++) {
			const char *n = group->opts[i].name;

			if (!n || strlen(n) != len || memcmp(n, name, len) != 0)
				continue;
			hit->opt = &group->opts[i];
			hit->into = group->into;
			(void)snprintf(hit->label, LABEL_MAX, "--%s", n);
			return true;
		}
	}
	return false;
}

static int unknown_name(const struct opt_spec *spec, const char *name,
			size_t len, microvm_error *err)
{
	char word[LABEL_MAX];
	struct guess guess;

	(void)snprintf(word, sizeof(word), "%.*s", (int)len, name);
	guess = guess_start(word);
	guess_offer(&guess, "help");
	for (size_t g = 0; g < spec->count; g++)
		for (size_t i = 0; i < spec->groups[g].count; i++)
			if (spec->groups[g].opts[i].name &&
			    spec->groups[g].opts[i].kind != OPT_NEVER)
				guess_offer(&guess,
					    spec->groups[g].opts[i].name);
	if (guess.best)
		return refuse(err, "--%s: unknown option (did you mean --%s?)",
			      word, guess.best);
	return refuse(err, "--%s: unknown option", word);
}

static int set_choice(const struct hit *hit, const char *word,
		      microvm_error *err)
{
	const char *const *names = hit->opt->choices;
	unsigned *value = (void *)((char *)hit->into + hit->opt->at);
	char all[128] = "";
	size_t len = 0;

	for (unsigned i = 0; names[i]; i++) {
		if (!strcmp(names[i], word)) {
			*value = i;
			return 0;
		}
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
					i ? ", " : "", names[i]);
		if (len >= sizeof(all))
			len = sizeof(all) - 1;
	}
	(void)refuse(err, "%s: unknown %s '%s'", hit->label, hit->opt->arg,
		     word);
	return refuse_hint(err, "one of: %s", all);
}

static int add_word(const struct hit *hit, const char *word, microvm_error *err)
{
	struct opt_list *list = (void *)((char *)hit->into + hit->opt->at);

	if (list->count == OPT_LIST_MAX)
		return refuse(err, "%s: given more than %d times", hit->label,
			      OPT_LIST_MAX);
	list->by[list->count] = hit->opt;
	list->word[list->count++] = word;
	return 0;
}

/* Put the option's name before what a parser said about its value. */
static int with_label(const struct hit *hit, int rc, microvm_error *err)
{
	char msg[sizeof(err->msg)];

	if (rc) {
		memcpy(msg, err->msg, sizeof(msg));
		(void)snprintf(err->msg, sizeof(err->msg), "%s: %.180s",
			       hit->label, msg);
	}
	return rc;
}

/* `word` is NULL only for kinds that take none. */
static int store(const struct hit *hit, const char *word, microvm_error *err)
{
	void *to = (char *)hit->into + hit->opt->at;

	switch (hit->opt->kind) {
	case OPT_FLAG: *(bool *)to = true; return 0;
	case OPT_TEXT: *(const char **)to = word; return 0;
	case OPT_LIST: return add_word(hit, word, err);
	case OPT_COUNT: return with_label(hit, count_parse(word, to, err), err);
	case OPT_SIZE: return with_label(hit, size_parse(word, to, err), err);
	case OPT_TIME:
		return with_label(hit, seconds_parse(word, to, err), err);
	case OPT_CHOICE: return set_choice(hit, word, err);
	case OPT_MAYBE:
		*(struct opt_maybe *)to = (struct opt_maybe){ true, word };
		return 0;
	case OPT_NEVER:
		(void)refuse(err, "%s: %s", hit->label, hit->opt->help);
		return refuse_hint(err, "%s", hit->opt->arg);
	}
	return refuse(err, "%s: unknown kind of option", hit->label);
}

/* What is being read. */
struct reader {
	const struct opt_spec *spec;
	char **argv;
	int argc, next;
	struct opt_args *args;
};

/* The next argument as the option's value, or NULL: there is none. */
static const char *next_word(struct reader *r, const struct hit *hit,
			     microvm_error *err)
{
	if (r->next < r->argc)
		return r->argv[r->next++];
	(void)refuse(err, "%s needs a %s", hit->label, hit->opt->arg);
	return NULL;
}

static int read_long(struct reader *r, const char *name, microvm_error *err)
{
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const char *word = equals ? equals + 1 : NULL;
	struct hit hit;

	if (!strcmp(name, "help")) {
		r->args->help = true;
		return 0;
	}
	if (!find_name(r->spec, name, len, &hit))
		return unknown_name(r->spec, name, len, err);
	if (word && hit.opt->kind == OPT_FLAG)
		return refuse(err, "%s takes no value", hit.label);
	if (!word && takes_word(hit.opt)) {
		word = next_word(r, &hit, err);
		if (!word)
			return -MICROVM_EINVAL;
	}
	return store(&hit, word, err);
}

/* One argument of letters: "-q", "-qm", "-m512M". */
static int read_letters(struct reader *r, const char *s, microvm_error *err)
{
	struct hit hit;
	const char *word;
	int rc;

	for (; *s; s++) {
		bool known = find_letter(r->spec, *s, &hit);

		if (!known && *s == 'h') {
			r->args->help = true;
			return 0;
		}
		if (!known)
			return refuse(err, "-%c: unknown option", *s);
		if (!takes_word(hit.opt)) {
			rc = store(&hit, NULL, err);
			if (rc)
				return rc;
			continue;
		}
		word = s + 1;
		if (!*word) {
			word = next_word(r, &hit, err);
			if (!word)
				return -MICROVM_EINVAL;
		}
		return store(&hit, word, err);
	}
	return 0;
}

int opts_parse(const struct opt_spec *spec, int argc, char **argv,
	       struct opt_args *args, microvm_error *err)
{
	struct reader r = { spec, argv, argc, 1, args };
	int rc = 0;

	*args = (struct opt_args){ .word = argv + 1 };
	while (!rc && !args->help && r.next < argc) {
		char *s = argv[r.next++];

		if (!strcmp(s, "--")) {
			args->dashes = true;
			args->rest = argv + r.next;
			args->rests = (size_t)(argc - r.next);
			break;
		}
		if (s[0] == '-' && s[1] == '-')
			rc = read_long(&r, s + 2, err);
		else if (s[0] == '-' && s[1])
			rc = read_letters(&r, s + 1, err);
		else /* never overtakes r.next */
			args->word[args->words++] = s;
	}
	if (rc && !err->hint[0])
		(void)refuse_hint(err, "see microvm %s --help", argv[0]);
	return rc;
}

/* Print words from `column` on, wrapped before the 80th. */
static void print_wrapped(FILE *to, const char *text, size_t column)
{
	size_t at = column;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (at > column && at + 1 + len > 79) {
			(void)fprintf(to, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			(void)fputc(' ', to);
			at++;
		}
		(void)fprintf(to, "%.*s", (int)len, text);
		at += len;
		text += len;
		text += strspn(text, " ");
	}
	(void)fputc('\n', to);
}

static void print_opt(FILE *to, const struct opt *o)
{
	char left[LABEL_MAX];
	int n;

	if (o->letter && o->name)
		n = snprintf(left, sizeof(left), "  -%c, --%s", o->letter,
			     o->name);
	else if (o->name)
		n = snprintf(left, sizeof(left), "      --%s", o->name);
	else
		n = snprintf(left, sizeof(left), "  -%c", o->letter);
	if (o->arg && n > 0 && (size_t)n < sizeof(left))
		n += snprintf(left + n, sizeof(left) - (size_t)n,
			      o->kind == OPT_MAYBE ? "[=%s]" : " %s", o->arg);
	(void)fputs(left, to);
	if (n + 2 > HELP_COLUMN)
		(void)fprintf(to, "\n%*s", HELP_COLUMN, "");
	else
		(void)fprintf(to, "%*s", HELP_COLUMN - n, "");
	print_wrapped(to, o->help, HELP_COLUMN);
}

void opts_help(const struct opt_spec *spec, FILE *to)
{
	static const struct opt help = { "help", 'h',  OPT_FLAG,
					 0,      NULL, "print this text",
					 NULL };

	(void)fprintf(to, "usage: microvm %s\n\n%s\n", spec->usage,
		      spec->about);
	for (size_t g = 0; g < spec->count; g++) {
		const struct opt_group *group = &spec->groups[g];

		(void)fprintf(to, "\n%s:\n", group->title);
		for (size_t i = 0; i < group->count; i++)
			if (group->opts[i].help &&
			    group->opts[i].kind != OPT_NEVER)
				print_opt(to, &group->opts[i]);
		if (g + 1 == spec->count)
			print_opt(to, &help);
	}
	if (!spec->count) {
		(void)fputs("\noptions:\n", to);
		print_opt(to, &help);
	}
}
