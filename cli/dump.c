/* SPDX-License-Identifier: MIT */
/* dump.c - `microvm dump`: what a guest would be given, without booting. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "guess.h"
#include "machine.h"
#include "opts.h"
#include "say.h"

struct dump {
	struct machine machine;
	const char *output;
};

struct artifact {
	const char *name;
	enum microvm_artifact which;
	bool text;
};

static const struct artifact artifacts[] = {
	{ "dtb", MICROVM_ARTIFACT_DTB, false },
	{ "cmdline", MICROVM_ARTIFACT_CMDLINE, true },
};

enum { ARTIFACTS = sizeof(artifacts) / sizeof(*artifacts) };

static const struct opt dump_opts[] = {
	{ "output", 'o', OPT_TEXT, offsetof(struct dump, output), "FILE",
	  "write to FILE (default: standard output)", NULL },
};

static const char usage[] =
	"dump dtb|cmdline [OPTION]... [-o FILE] [-- CMD [ARG]...]";
static const char about[] =
	"Make the machine that `microvm run` with the same options would\n"
	"start, and write what its guest would be given: the device tree\n"
	"(binary; read it with dtc -I dtb) or the kernel command line.";

static const struct artifact *find_artifact(const char *name,
					    microvm_error *err)
{
	struct guess guess = guess_start(name);

	for (size_t i = 0; i < ARTIFACTS; i++) {
		if (!strcmp(artifacts[i].name, name))
			return &artifacts[i];
		guess_offer(&guess, artifacts[i].name);
	}
	(void)guess_refuse(&guess, "dump: unknown", err);
	(void)refuse_hint(err, "one of: dtb, cmdline");
	return NULL;
}

/* The first word is the artifact; the others are as for `run`. */
static const struct artifact *take_words(struct dump *d, struct opt_args *args,
					 microvm_error *err)
{
	const struct artifact *a;

	if (!args->words) {
		(void)refuse(err, "dump what?");
		(void)refuse_hint(err, "one of: dtb, cmdline");
		return NULL;
	}
	a = find_artifact(args->word[0], err);
	args->word++;
	args->words--;
	return a && !machine_words(&d->machine, args, err) ? a : NULL;
}

static int write_out(FILE *to, const struct artifact *a, const void *data,
		     size_t len)
{
	if (fwrite(data, 1, len, to) != len)
		return -1;
	return a->text && fputc('\n', to) == EOF ? -1 : 0;
}

static int write_file(const char *path, const struct artifact *a,
		      const void *data, size_t len, microvm_error *err)
{
	FILE *f = fopen(path, "we");
	int rc;

	if (!f)
		return refuse_os(err, errno, "-o: %.160s", path);
	rc = write_out(f, a, data, len);
	if (fclose(f) || rc)
		return refuse_os(err, errno, "-o: cannot write %.160s", path);
	return 0;
}

static int write_stdout(const struct artifact *a, const void *data, size_t len,
			microvm_error *err)
{
	if (write_out(stdout, a, data, len) || fflush(stdout))
		return refuse_os(err, errno, "cannot write to standard output");
	return 0;
}

static int dump(const struct dump *d, const struct artifact *a,
		microvm_error *err)
{
	microvm_config *cfg;
	microvm_vm *vm = NULL;
	const void *data;
	size_t len;
	int rc;

	rc = machine_config(&d->machine, &cfg, err);
	if (rc)
		return rc;
	rc = microvm_vm_create(cfg, &vm, err);
	if (!rc)
		rc = microvm_vm_artifact(vm, a->which, &data, &len, err);
	if (!rc && d->output)
		rc = write_file(d->output, a, data, len, err);
	else if (!rc)
		rc = write_stdout(a, data, len, err);
	microvm_vm_free(vm);
	microvm_config_free(cfg);
	return rc;
}

int dump_main(int argc, char **argv)
{
	struct dump d = { 0 };
	struct opt_group groups[] = {
		{ "dump", dump_opts, 1, &d },
		machine_group(&d.machine),
	};
	struct opt_spec spec = { usage, about, groups, 2 };
	const struct artifact *a;
	struct opt_args args;
	microvm_error err = { 0 };

	if (opts_parse(&spec, argc, argv, &args, &err))
		return say_error(&err);
	if (args.help) {
		opts_help(&spec, stdout);
		return say_flush();
	}
	a = take_words(&d, &args, &err);
	if (!a)
		return say_error(&err);
	if (!a->text && !d.output && isatty(STDOUT_FILENO)) {
		(void)refuse(&err,
			     "dump %s: binary is not written to a "
			     "terminal",
			     a->name);
		(void)refuse_hint(&err,
				  "give -o FILE, or a pipe: microvm "
				  "dump %s ... | dtc -I dtb",
				  a->name);
		return say_error(&err);
	}
	return dump(&d, a, &err) ? say_error(&err) : STATUS_OK;
}
