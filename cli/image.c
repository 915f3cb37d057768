/* SPDX-License-Identifier: MIT */
/* image.c - `microvm image build` and `microvm image info`. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "guest_arch.h"
#include "image_build.h"
#include "image_deb.h"
#include "image_info.h"
#include "opts.h"
#include "paths.h"
#include "say.h"

enum { PATH_LEN = 4096 };

struct build_options {
	unsigned arch; /* index in guest_arch_choices: 0 is "auto" */
	const char *into, *kernel, *busybox, *suite, *modules, *modules_dir;
	struct opt_list add;
};

#define AT(member) offsetof(struct build_options, member)

static const struct opt build_opts[] = {
	{ "arch", 0, OPT_CHOICE, AT(arch), "ARCH",
	  "arm64, or x86_64 alias amd64 (default auto: what runs best here)",
	  guest_arch_choices },
	{ "output", 'o', OPT_TEXT, AT(into), "DIR",
	  "folder for kernel and initrd (default: where `microvm run` looks)",
	  NULL },
	{ "kernel", 'k', OPT_TEXT, AT(kernel), "KERNEL",
	  "name of a Debian package, a .deb file or a kernel file (default "
	  "linux-image-cloud-ARCH)",
	  NULL },
	{ "suite", 0, OPT_TEXT, AT(suite), "SUITE",
	  "take packages from this suite of the Debian archive, for example "
	  "bookworm-backports",
	  NULL },
	{ "modules", 0, OPT_TEXT, AT(modules), "A,B,C",
	  "kernel modules to load besides those of virtio and vsock", NULL },
	{ "modules-dir", 0, OPT_TEXT, AT(modules_dir), "DIR",
	  "where the modules of a kernel file are (/lib/modules/VERSION)",
	  NULL },
	{ "busybox", 0, OPT_TEXT, AT(busybox), "BUSYBOX",
	  "a package, .deb or static program (default busybox-static)", NULL },
	{ "add", 0, OPT_LIST, AT(add), "FILE:/PATH",
	  "put a file of this machine into the guest", NULL },
};

struct info_options {
	bool json;
};

static const struct opt info_opts[] = {
	{ "json", 0, OPT_FLAG, offsetof(struct info_options, json), NULL,
	  "one JSON object instead of lines", NULL },
};

static int best_arch(enum microvm_arch *arch, microvm_error *err)
{
	if (guest_arch_best(NULL, ARCHES_ALL, arch))
		return 0;
	(void)refuse(err, "nothing here can run a guest");
	return refuse_hint(err, "say --arch, or see microvm check");
}

/* What was asked for, or what the kernel's package is for, or the best. */
static int choose_arch(const struct build_options *o, enum microvm_arch *arch,
		       microvm_error *err)
{
	struct deb_control c;
	int rc;

	if (o->arch) {
		*arch = guest_arch_chosen(o->arch);
		return 0;
	}
	if (!o->kernel || !deb_is(o->kernel))
		return best_arch(arch, err);
	rc = deb_read_control(o->kernel, &c, err);
	if (rc)
		return rc;
	if (strcmp(c.architecture, "arm64") == 0)
		*arch = MICROVM_ARCH_ARM64;
	else if (strcmp(c.architecture, "amd64") == 0)
		*arch = MICROVM_ARCH_X86_64;
	else
		return refuse(err, "%s is for %s, which no guest has",
			      o->kernel, c.architecture);
	return 0;
}

static int build_with(const struct build_options *o, microvm_error *err)
{
	struct image_plan plan = {
		.into = o->into,
		.kernel = o->kernel,
		.busybox = o->busybox ? o->busybox : "busybox-static",
		.suite = o->suite,
		.modules = o->modules,
		.modules_dir = o->modules_dir,
		.add = o->add.word,
		.adds = o->add.count,
	};
	char dir[PATH_LEN], package[64];
	int rc;

	rc = choose_arch(o, &plan.arch, err);
	if (rc)
		return rc;
	if (!plan.into) {
		rc = image_dir(dir, sizeof(dir), guest_arch_name(plan.arch),
			       err);
		plan.into = dir;
	}
	if (!plan.kernel) {
		(void)snprintf(package, sizeof(package), "linux-image-cloud-%s",
			       image_arch_name(plan.arch));
		plan.kernel = package;
	}
	return rc ? rc : image_build(&plan, err);
}

static int build_command(int argc, char **argv)
{
	struct build_options o = { 0 };
	struct opt_group group = { "image", build_opts,
				   sizeof(build_opts) / sizeof(*build_opts),
				   &o };
	const struct opt_spec spec = {
		"image build [OPTION]...",
		"Make a guest image, a kernel and an initramfs, from packages\n"
		"of the Debian archive.  Needs no root, and leaves the "
		"packages\n"
		"of this machine alone.",
		&group, 1
	};
	struct opt_args args;
	microvm_error err;
	int rc;

	rc = opts_parse(&spec, argc, argv, &args, &err);
	if (!rc && args.help) {
		opts_help(&spec, stdout);
		return say_flush();
	}
	if (!rc && (args.words || args.dashes)) {
		(void)refuse(&err, "image build takes no '%s'",
			     args.words ? args.word[0] : "--");
		rc = refuse_hint(&err, "for another kernel: --kernel KERNEL");
	}
	if (!rc)
		rc = build_with(&o, &err);
	return rc ? say_error(&err) : STATUS_OK;
}

static int info_command(int argc, char **argv)
{
	struct info_options o = { 0 };
	struct opt_group group = { "info", info_opts,
				   sizeof(info_opts) / sizeof(*info_opts), &o };
	const struct opt_spec spec = {
		"image info [--json] FILE",
		"Tell what a kernel, an initramfs or a Debian package is.",
		&group, 1
	};
	struct opt_args args;
	microvm_error err;
	int rc;

	rc = opts_parse(&spec, argc, argv, &args, &err);
	if (!rc && args.help) {
		opts_help(&spec, stdout);
		return say_flush();
	}
	if (!rc && args.words + args.rests != 1) {
		(void)refuse(&err, "image info takes one file");
		rc = refuse_hint(&err, "microvm image info FILE");
	}
	if (!rc)
		rc = image_info(args.words ? args.word[0] : args.rest[0],
				o.json, stdout, &err);
	return rc ? say_error(&err) : say_flush();
}

int image_main(int argc, char **argv)
{
	static const char text[] = "usage: microvm image build [OPTION]...\n"
				   "       microvm image info [--json] FILE\n"
				   "Each tells more with --help.\n";
	microvm_error err;

	if (argc >= 2 && strcmp(argv[1], "build") == 0)
		return build_command(argc - 1, argv + 1);
	if (argc >= 2 && strcmp(argv[1], "info") == 0)
		return info_command(argc - 1, argv + 1);
	if (argc >= 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		(void)fputs(text, stdout);
		return say_flush();
	}
	if (argc >= 2)
		(void)refuse(&err, "image %.80s: no such command", argv[1]);
	else
		(void)refuse(&err, "image: build or info?");
	(void)refuse_hint(&err, "microvm image build, or microvm image info "
				"FILE");
	return say_error(&err);
}
