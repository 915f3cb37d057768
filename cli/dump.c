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
	const char *view;    /* of what is no text: something to pipe it into */
	const char *instead; /* for guests that have none */
};

#define OF_ARM64 "it is for arm64 guests; this one has acpi and e820"
#define OF_X86_64 "it is for x86_64 guests; this one has dtb"

static const struct artifact artifacts[] = {
	{ "cmdline", MICROVM_ARTIFACT_CMDLINE, true, NULL, NULL },
	{ "dtb", MICROVM_ARTIFACT_DTB, false, "dtc -I dtb", OF_ARM64 },
	{ "acpi", MICROVM_ARTIFACT_ACPI, false, "xxd", OF_X86_64 },
	{ "e820", MICROVM_ARTIFACT_E820, true, NULL, OF_X86_64 },
};

enum { ARTIFACTS = sizeof(artifacts) / sizeof(*artifacts) };

static const char all[] = "one of: cmdline, dtb, acpi, e820";

static const struct opt dump_opts[] = {
	{ "output", 'o', OPT_TEXT, offsetof(struct dump, output), "FILE",
	  "write to FILE (default: standard output)", NULL },
};

static const char usage[] =
	"dump cmdline|dtb|acpi|e820 [OPTION]... [-o FILE] [-- CMD]";
static const char about[] =
	"Make the machine that `microvm run` with the same options would\n"
	"start, and write what its guest would be given: the kernel command\n"
	"line; for arm64 the device tree (binary: dtc -I dtb reads it); for\n"
	"x86_64 the ACPI tables (binary) and the memory map.  It works for\n"
	"guests that this host cannot run, too.";

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
	(void)refuse_hint(err, "%s", all);
	return NULL;
}

/* The first word is the artifact; the others are as for `run`. */
static const struct artifact *take_words(struct dump *d, struct opt_args *args,
					 microvm_error *err)
{
	const struct artifact *a;

	if (!args->words) {
		(void)refuse(err, "dump what?");
		(void)refuse_hint(err, "%s", all);
		return NULL;
	}
	a = find_artifact(args->word[0], err);
	args->word++;
	args->words--;
	return a && !machine_words(&d->machine, args, err) ? a : NULL;
}

/* Text ends with a newline, whether it had one or not. */
static int write_out(FILE *to, const struct artifact *a, const void *data,
		     size_t len)
{
	bool whole = len && ((const char *)data)[len - 1] == '\n';

	if (fwrite(data, 1, len, to) != len)
		return -1;
	return a->text && !whole && fputc('\n', to) == EOF ? -1 : 0;
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

static int get(const microvm_vm *vm, const struct artifact *a,
	       const void **data, size_t *len, microvm_error *err)
{
	int rc = microvm_vm_artifact(vm, a->which, data, len, err);

	if (rc == -MICROVM_ENOTSUP && a->instead)
		rc = refuse_hint(err, "%s", a->instead);
	return rc;
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
	rc = microvm_vm_describe(cfg, &vm, err);
	if (!rc)
		rc = get(vm, a, &data, &len, err);
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
				  "dump %s ... | %s",
				  a->name, a->view);
		return say_error(&err);
	}
	return dump(&d, a, &err) ? say_error(&err) : STATUS_OK;
}
