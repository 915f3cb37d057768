/* SPDX-License-Identifier: MIT */
/*
 * check.c - `microvm check`: what runs guests on this host, and if not, why.
 *
 * The library tries each backend by running a tiny guest on it; nothing is
 * said here that was not tried.
 */
#include <string.h>

#include "command.h"
#include "guess.h"
#include "guest_arch.h"
#include "json.h"
#include "opts.h"
#include "say.h"

enum { BACKENDS_MAX = 16 };

struct check {
	bool json;
	const char *backend; /* only this one */

	size_t count;
	microvm_report report[BACKENDS_MAX];
};

#define AT(member) offsetof(struct check, member)

static const struct opt check_opts[] = {
	{ "json", 0, OPT_FLAG, AT(json), NULL, "print JSON", NULL },
	{ "backend", 0, OPT_TEXT, AT(backend), "NAME", "try only this one",
	  NULL },
};

static const char usage[] = "check [--json] [--backend NAME]";
static const char about[] =
	"Try every backend by running a tiny guest on it, and tell which\n"
	"work, which is chosen for its guests (default), and what to do\n"
	"about those that do not.\n"
	"Exit status: 0 when at least one works, else 125.";

static int probe(struct check *c, microvm_error *err)
{
	struct guess guess = guess_start(c->backend ? c->backend : "");

	for (unsigned i = 0; c->count < BACKENDS_MAX; i++) {
		microvm_report *r = &c->report[c->count];

		*r = (microvm_report){ .size = sizeof(*r) };
		if (microvm_probe(i, r))
			break;
		if (c->backend)
			guess_offer(&guess, r->name);
		if (!c->backend || !strcmp(c->backend, r->name))
			c->count++;
	}
	if (c->count || !c->backend)
		return 0;
	(void)guess_refuse(&guess, "--backend: unknown backend", err);
	return refuse_hint(err, "microvm check lists those of this build");
}

static bool any_usable(const struct check *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->report[i].usable)
			return true;
	return false;
}

static void print_report(const microvm_report *r)
{
	char guests[32] = "";
	size_t len = 0;

	for (unsigned a = 0; a < ARCHES; a++)
		if (r->arches & 1U << a)
			len += (size_t)snprintf(
				guests + len, sizeof(guests) - len, "%s%s",
				len ? " " : "",
				guest_arch_name((enum microvm_arch)a));
	(void)printf("%-8s %-8s %-14s %s\n", r->name,
		     r->usable ? r->preferred ? "default" : "usable" : "no",
		     guests, r->usable ? r->detail : r->error.msg);
	if (!r->usable && r->error.hint[0])
		(void)printf("%-8s %-8s %-14s fix: %s\n", "", "", "",
			     r->error.hint);
}

static void print_table(const struct check *c)
{
	(void)printf("%-8s %-8s %-14s %s\n", "BACKEND", "USABLE", "GUESTS",
		     "DETAIL");
	for (size_t i = 0; i < c->count; i++)
		print_report(&c->report[i]);
	if (!any_usable(c))
		(void)printf("\nno guest can run on this host%s\n",
			     c->backend ? " with this backend" : "");
}

static json_t *json_of_report(const microvm_report *r, bool *ok)
{
	json_t *o = json_object(), *guests = json_array();

	for (unsigned a = 0; a < ARCHES; a++)
		if (r->arches & 1U << a &&
		    json_array_append_new(
			    guests,
			    json_string(guest_arch_name((enum microvm_arch)a))))
			*ok = false;
	json_put(o, "name", json_string(r->name), ok);
	json_put(o, "guests", guests, ok);
	json_put(o, "usable", json_boolean(r->usable), ok);
	json_put(o, "default", json_boolean(r->preferred), ok);
	if (r->usable)
		json_put(o, "detail", json_text(r->detail), ok);
	else
		json_put(o, "error", json_of_error(&r->error, ok), ok);
	return o;
}

static void print_json(const struct check *c)
{
	json_t *root = json_object(), *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < c->count; i++)
		if (json_array_append_new(list,
					  json_of_report(&c->report[i], &ok)))
			ok = false;
	json_put(root, "version", json_string(microvm_version()), &ok);
	json_put(root, "usable", json_boolean(any_usable(c)), &ok);
	json_put(root, "backends", list, &ok);
	/* Short of memory prints nothing: no JSON is better than half. */
	(void)json_print(root, ok, stdout);
}

int check_main(int argc, char **argv)
{
	struct check c = { 0 };
	struct opt_group group = { "options", check_opts,
				   sizeof(check_opts) / sizeof(*check_opts),
				   &c };
	struct opt_spec spec = { usage, about, &group, 1 };
	struct opt_args args;
	microvm_error err = { 0 };

	if (opts_parse(&spec, argc, argv, &args, &err))
		return say_error(&err);
	if (args.help) {
		opts_help(&spec, stdout);
		return say_flush();
	}
	if (args.words || args.rests) {
		(void)refuse(&err, "check takes no argument '%.80s'",
			     args.words ? args.word[0] : args.rest[0]);
		return say_error(&err);
	}
	if (probe(&c, &err))
		return say_error(&err);
	if (c.json)
		print_json(&c);
	else
		print_table(&c);
	if (say_flush())
		return STATUS_ERROR;
	return any_usable(&c) ? STATUS_OK : STATUS_ERROR;
}
