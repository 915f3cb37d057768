/* SPDX-License-Identifier: MIT */
/*
 * run.c - run a guest and compare what it says with what it has to say.
 *
 *	run [--backend NAME] [--clock wall] [--cpus N] [--type TEXT]
 *	    [--poor skip] IMAGE TRANSCRIPT
 *
 * The transcript is what the guest prints, then a line that tells how it
 * ended: "[poweroff]", "[reset]", ...  In TEXT, \n is a newline.  Knows only
 * the public interface.
 *
 * Soft runs on virtual time unless asked not to, and then twice: both runs
 * must be equal to the instruction.  Where the backend is not usable, or does
 * not run guests of the image's architecture, nothing is tested: exit 77.  With
 * --poor skip the same where it is one that "auto" would not choose.
 */
#include <microvm.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MEMORY_MIB = 64,
	TEXT_MAX = 64 << 10, /* what the console keeps for us */
	WAIT_MS = 60000,
	IMAGE_MAX = 1 << 20, /* of an image, to tell its architecture */
	SKIPPED = 77,        /* what meson takes for that */
};

struct options {
	const char *backend;
	bool wall;
	bool skip_poor;
	unsigned cpus;
	const char *typed;
	const char *image;
	const char *transcript;
};

struct outcome {
	char text[TEXT_MAX + 512];
	size_t len;
	uint64_t insns;
};

static void complain(const char *what, const microvm_error *e)
{
	(void)fprintf(stderr, "%s: %s%s%s\n", what, e->msg,
		      e->hint[0] ? ": " : "", e->hint);
}

static bool option(struct options *o, const char *name, const char *value)
{
	if (!strcmp(name, "--backend"))
		o->backend = value;
	else if (!strcmp(name, "--cpus"))
		o->cpus = (unsigned)strtoul(value, NULL, 10);
	else if (!strcmp(name, "--type"))
		o->typed = value;
	else if (!strcmp(name, "--clock") && !strcmp(value, "wall"))
		o->wall = true;
	else if (!strcmp(name, "--poor") && !strcmp(value, "skip"))
		o->skip_poor = true;
	else
		return false;
	return true;
}

static bool parse(struct options *o, int argc, char **argv)
{
	int i = 1;

	*o = (struct options){ .backend = "soft", .cpus = 1, .typed = "" };
	for (; argc - i > 2; i += 2) {
		if (!option(o, argv[i], argv[i + 1]))
			return false;
	}
	if (argc - i != 2)
		return false;
	if (strcmp(o->backend, "soft") != 0)
		o->wall = true; /* the others have no virtual time */
	o->image = argv[i];
	o->transcript = argv[i + 1];
	return true;
}

static microvm_vm *create(const struct options *o, microvm_error *e)
{
	microvm_config *cfg = microvm_config_new();
	microvm_vm *vm = NULL;

	if (!cfg)
		return NULL;
	if (!microvm_config_set_backend(cfg, o->backend, e) &&
	    !microvm_config_set_clock(
		    cfg, o->wall ? MICROVM_CLOCK_WALL : MICROVM_CLOCK_VIRTUAL,
		    e) &&
	    !microvm_config_set_cpus(cfg, o->cpus, e) &&
	    !microvm_config_set_memory(cfg, (uint64_t)MEMORY_MIB << 20, e) &&
	    !microvm_config_set_kernel_path(cfg, o->image, e) &&
	    !microvm_config_enable_console(cfg, e))
		(void)microvm_vm_create(cfg, &vm, e); /* vm tells */
	microvm_config_free(cfg);
	return vm;
}

static void tell_end(struct outcome *out, const microvm_exit *end)
{
	static const char *const how[] = {
		[MICROVM_EXIT_NONE] = "running",
		[MICROVM_EXIT_POWEROFF] = "poweroff",
		[MICROVM_EXIT_RESET] = "reset",
		[MICROVM_EXIT_KILLED] = "killed: it took too long",
		[MICROVM_EXIT_FAILED] = "failed: ",
	};
	int n = snprintf(out->text + out->len, sizeof(out->text) - out->len,
			 "[%s%s]\n", how[end->reason],
			 end->reason == MICROVM_EXIT_FAILED ? end->error.msg
							    : "");

	out->len += (size_t)n;
}

/* Type the text; in it, \n is two characters, and a newline. */
static bool type(microvm_vm *vm, const char *text)
{
	for (; *text; text++) {
		bool newline = text[0] == '\\' && text[1] == 'n';

		if (microvm_console_write(vm, newline ? "\n" : text, 1) != 1)
			return false;
		text += newline;
	}
	return true;
}

/* The console keeps all a guest prints: nobody has to read meanwhile. */
static bool run(const struct options *o, struct outcome *out)
{
	microvm_stats stats = { .size = sizeof(stats) };
	microvm_exit end = { 0 };
	microvm_error e = { 0 };
	microvm_vm *vm = create(o, &e);

	if (!vm || !type(vm, o->typed) || microvm_vm_start(vm, &e)) {
		complain("cannot run it", &e);
		microvm_vm_free(vm);
		return false;
	}
	if (microvm_vm_wait(vm, WAIT_MS, &end)) {
		microvm_vm_kill(vm);
		(void)microvm_vm_wait(vm, MICROVM_FOREVER, &end);
	}
	out->len = microvm_console_read(vm, out->text, TEXT_MAX);
	tell_end(out, &end);
	(void)microvm_vm_stats(vm, &stats);
	out->insns = stats.insns;
	microvm_vm_free(vm);
	return true;
}

static bool read_file(const char *path, struct outcome *out)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return false;
	}
	out->len = fread(out->text, 1, sizeof(out->text), f);
	(void)fclose(f); /* only read */
	return true;
}

/* The architecture of the image; false: it is no kernel, and it was told. */
static bool look_at(const char *path, enum microvm_arch *arch)
{
	static unsigned char bytes[IMAGE_MAX];
	microvm_image_info info = { .size = sizeof(info) };
	microvm_error e = { .msg = "not a kernel" };
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		return false;
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f); /* only read */
	if (microvm_image_inspect(bytes, n, &info, &e) || !info.is_kernel) {
		complain(path, &e);
		return false;
	}
	*arch = info.arch;
	return true;
}

/* Not there, or not for us; a backend that is there and fails is a failure. */
static bool not_here(const microvm_report *r)
{
	return !r->usable &&
	       (r->error.code == MICROVM_ENOTSUP ||
		r->error.code == MICROVM_EIO || r->error.code == MICROVM_EBUSY);
}

/* Is there anything to test?  If not, the last line says why. */
static bool testable(const struct options *o, enum microvm_arch arch)
{
	microvm_report r = { .size = sizeof(r) };
	unsigned i;

	for (i = 0; !microvm_probe(i, &r); i++) {
		if (strcmp(r.name, o->backend) != 0)
			continue;
		if (not_here(&r))
			(void)printf("%s: %s\n", r.name, r.error.msg);
		else if (!(r.arches & 1u << arch))
			(void)printf("%s runs no %s guests here\n", r.name,
				     arch == MICROVM_ARCH_ARM64 ? "arm64"
								: "x86_64");
		else if (o->skip_poor && r.usable && !r.preferred)
			(void)printf("not for this one: %s\n", r.detail);
		else
			return true;
		return false;
	}
	(void)printf("there is no backend %s in this build\n", o->backend);
	return false;
}

static size_t line_end(const struct outcome *o, size_t at)
{
	while (at < o->len && o->text[at] != '\n')
		at++;
	return at;
}

static bool same_line(const struct outcome *a, const struct outcome *b,
		      size_t i, size_t j)
{
	size_t n = line_end(a, i) - i;

	return n == line_end(b, j) - j && i < a->len && j < b->len &&
	       memcmp(a->text + i, b->text + j, n) == 0;
}

/* Compare, and show the first line that differs and all that was said. */
static bool same(const struct outcome *want, const struct outcome *got,
		 const char *what)
{
	unsigned line = 1;
	size_t at = 0, to = 0;

	if (want->len == got->len && !memcmp(want->text, got->text, got->len))
		return true;
	while (same_line(want, got, at, to)) {
		at = line_end(want, at) + 1;
		to = line_end(got, to) + 1;
		line++;
	}
	(void)fprintf(stderr, "%.*s\n", (int)got->len, got->text);
	(void)fprintf(stderr, "%s, line %u:\n  want: %.*s\n  got:  %.*s\n",
		      what, line,
		      at < want->len ? (int)(line_end(want, at) - at) : 0,
		      want->text + at,
		      to < got->len ? (int)(line_end(got, to) - to) : 0,
		      got->text + to);
	return false;
}

static bool test(const struct options *o)
{
	static struct outcome want, got, again;

	if (!read_file(o->transcript, &want) || !run(o, &got) ||
	    !same(&want, &got, o->transcript))
		return false;
	if (o->wall)
		return true;
	if (!run(o, &again) || !same(&got, &again, "second run"))
		return false;
	if (got.insns == 0 || got.insns != again.insns) {
		(void)fprintf(stderr,
			      "two runs of %llu and %llu instructions\n",
			      (unsigned long long)got.insns,
			      (unsigned long long)again.insns);
		return false;
	}
	(void)printf("%zu bytes, %llu instructions\n", got.len,
		     (unsigned long long)got.insns);
	return true;
}

int main(int argc, char **argv)
{
	enum microvm_arch arch;
	struct options o;

	if (!parse(&o, argc, argv)) {
		(void)fprintf(stderr,
			      "usage: run [--backend NAME] [--clock wall] "
			      "[--cpus N] [--type TEXT] [--poor skip] "
			      "IMAGE TRANSCRIPT\n");
		return 2;
	}
	if (!look_at(o.image, &arch))
		return 1;
	if (!testable(&o, arch))
		return SKIPPED;
	return test(&o) ? 0 : 1;
}
