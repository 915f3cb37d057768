/* SPDX-License-Identifier: MIT */
/* main.c - the microvm command: one table of subcommands. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "guess.h"
#include "json.h"
#include "opts.h"
#include "say.h"

struct command {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *what; /* NULL: another name, not listed */
};

static int help_main(int argc, char **argv);
static int version_main(int argc, char **argv);

static const struct command commands[] = {
	{ "run", run_main, "boot a guest" },
	{ "connect", connect_main, "talk to a port of a running guest" },
	{ "check", check_main,
	  "what works on this host, and what to do if not" },
	{ "doctor", check_main, NULL },
	{ "image", image_main, "make a guest image, or look into one" },
	{ "dump", dump_main, "what a guest would be given, without booting" },
	{ "version", version_main, "the version of this program" },
	{ "help", help_main, "this text, or that of a command" },
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static const struct command *find(const char *name, microvm_error *err)
{
	struct guess guess = guess_start(name);

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
		guess_offer(&guess, commands[i].name);
	}
	(void)guess_refuse(&guess, "unknown command", err);
	(void)refuse_hint(err, "microvm help lists the commands");
	return NULL;
}

static void print_commands(FILE *to)
{
	(void)fputs("usage: microvm COMMAND [OPTION]...\n\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].what)
			(void)fprintf(to, "  %-10s %s\n", commands[i].name,
				      commands[i].what);
	(void)fputs("\nmicrovm help COMMAND tells more; so does microvm(1).\n",
		    to);
}

static int help_main(int argc, char **argv)
{
	static char option[] = "--help";
	const struct command *c;
	microvm_error err = { 0 };

	if (argc < 2 || argv[1][0] == '-' || !strcmp(argv[1], "help")) {
		print_commands(stdout);
		return say_flush();
	}
	c = find(argv[1], &err);
	if (!c)
		return say_error(&err);
	return c->main(2, (char *[]){ argv[1], option, NULL });
}

static int version_main(int argc, char **argv)
{
	static const struct opt opt = { "json",       0,   OPT_FLAG, 0, NULL,
					"print JSON", NULL };
	bool json = false;
	struct opt_group group = { "options", &opt, 1, &json };
	struct opt_spec spec = { "version [--json]",
				 "Print the version of this program.", &group,
				 1 };
	struct opt_args args;
	microvm_error err = { 0 };

	if (opts_parse(&spec, argc, argv, &args, &err))
		return say_error(&err);
	if (args.help) {
		opts_help(&spec, stdout);
	} else if (json) {
		json_t *root = json_object();
		bool ok = true;

		json_put(root, "version", json_string(microvm_version()), &ok);
		json_put(root, "abi", json_integer(microvm_abi()), &ok);
		(void)json_print(root, ok, stdout);
	} else {
		(void)printf("microvm %s\n", microvm_version());
	}
	return say_flush();
}

/*
 * Descriptors 0 to 2 that are closed get one that fails for what it is for,
 * so that no file of ours takes their place and is read as the keyboard.
 */
static void fill_stdio(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			/* the lowest free one, which is fd */
			(void)open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

int main(int argc, char **argv)
{
	const struct command *c;
	microvm_error err = { 0 };
	const char *name;

	fill_stdio();
	(void)signal(SIGPIPE, SIG_IGN); /* writing tells, by EPIPE */
	if (microvm_abi() != MICROVM_ABI) {
		(void)refuse(&err, "libmicrovm %s does not fit this program",
			     microvm_version());
		return say_error(&err);
	}
	if (argc < 2) {
		print_commands(stderr);
		return STATUS_ERROR;
	}
	name = argv[1];
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	else if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		name = "version";
	if (name[0] == '-') {
		(void)refuse(&err, "%.80s: a command comes first", name);
		(void)refuse_hint(&err, "microvm run %.80s ...", name);
		return say_error(&err);
	}
	c = find(name, &err);
	if (!c)
		return say_error(&err);
	return c->main(argc - 1, argv + 1);
}
