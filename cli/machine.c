/* SPDX-License-Identifier: MIT */
/*
 * machine.c - the options that describe a guest, and a config made of them.
 *
 * The command, its environment and the size of the terminal travel to the
 * guest's init as files of the initramfs; microvm(1), FILES, has the format.
 */
#include "machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest_arch.h"
#include "guest_file.h"
#include "paths.h"
#include "say.h"
#include "vsock_opt.h"

enum { PATH_LEN = 4096 };

static const char *const clocks[] = {
	[MICROVM_CLOCK_WALL] = "wall",
	[MICROVM_CLOCK_VIRTUAL] = "virtual",
	NULL,
};

#define AT(member) offsetof(struct machine, member)

static const struct opt machine_opts[] = {
	{ "kernel", 'k', OPT_TEXT, AT(kernel), "FILE",
	  "kernel image (default: what `microvm image build` made)", NULL },
	{ "initrd", 'i', OPT_LIST, AT(initrds), "FILE",
	  "initramfs archive; again for more, later ones win", NULL },
	{ "initramfs", 0, OPT_LIST, AT(initrds), "FILE", NULL, NULL },
	{ "append", 'a', OPT_LIST, AT(appends), "ARGS",
	  "add words to the kernel command line", NULL },
	{ "cmdline", 0, OPT_TEXT, AT(cmdline), "ARGS",
	  "replace the default kernel command line", NULL },
	{ "memory", 'm', OPT_SIZE, AT(memory), "SIZE",
	  "guest memory: 512M, 2G; a bare number is MiB (default 512M)", NULL },
	{ "cpus", 'c', OPT_COUNT, AT(cpus), "N", "number of CPUs (default 1)",
	  NULL },
	{ "backend", 0, OPT_TEXT, AT(backend), "NAME",
	  "what runs the CPU, as `microvm check` names it (default auto)",
	  NULL },
	{ "arch", 0, OPT_CHOICE, AT(arch), "ARCH",
	  "guest architecture: arm64, or x86_64 alias amd64 (default auto: the "
	  "kernel's)",
	  guest_arch_choices },
	{ "clock", 0, OPT_CHOICE, AT(clock), "CLOCK",
	  "wall, or virtual: time is counted in instructions, so that two "
	  "runs are alike (soft only)",
	  clocks },
	{ "env", 0, OPT_LIST, AT(env), "NAME=VALUE",
	  "environment of the guest's command", NULL },
	{ "file", 0, OPT_LIST, AT(files), "HOST:GUEST[:MODE]",
	  "give the guest a copy of a file of the host", NULL },
	{ "vsock", 0, OPT_TEXT, AT(vsock), "cid=N[,socket=PATH]",
	  "the vsock device (default cid=3; none on virtual time), and a "
	  "socket of the host that leads to the guest",
	  NULL },
	{ "no-vsock", 0, OPT_FLAG, AT(no_vsock), NULL, "no vsock device",
	  NULL },
	{ "disk", 'd', OPT_NEVER, 0,
	  "give files to the guest with -i; for the background use your "
	  "shell: microvm run ... </dev/null >log &",
	  "means a disk to some tools and 'detach' to others, so it is neither "
	  "here",
	  NULL },
	{ "detach", 0, OPT_NEVER, 0,
	  "use your shell: microvm run ... </dev/null >log &",
	  "there is no running in the background yet", NULL },
};

struct opt_group machine_group(struct machine *m)
{
	/* The library's defaults, so that a 0 is what somebody typed. */
	m->cpus = 1;
	m->memory = UINT64_C(512) << 20;
	return (struct opt_group){ "machine", machine_opts,
				   sizeof(machine_opts) / sizeof(*machine_opts),
				   m };
}

bool machine_has_vsock(const struct machine *m)
{
	return !m->no_vsock && (m->vsock || m->clock != MICROVM_CLOCK_VIRTUAL);
}

int machine_needs_vsock(const struct machine *m, const char *option,
			microvm_error *err)
{
	if (machine_has_vsock(m))
		return 0;
	(void)refuse(err, "%s needs the vsock device, which %s leaves out",
		     option, m->no_vsock ? "--no-vsock" : "--clock virtual");
	return refuse_hint(err, "%s",
			   m->no_vsock ? "leave --no-vsock out"
				       : "ask for it with --vsock cid=3; two "
					 "runs may differ then");
}

int machine_words(struct machine *m, const struct opt_args *args,
		  microvm_error *err)
{
	if (args->words) {
		(void)refuse(err, "'%s': not an option", args->word[0]);
		return refuse_hint(err,
				   "a command for the guest goes behind "
				   "--: microvm run ... -- %.80s",
				   args->word[0]);
	}
	if (args->dashes && !args->rests)
		return refuse(err, "-- with no command behind it");
	m->cmd = args->rest;
	m->cmds = args->rests;
	return 0;
}

/* "NAME=VALUE" with a name that a shell can use; init drops others. */
static bool is_variable(const char *s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "_0123456789";
	size_t len = strspn(s, letters);

	return len && s[len] == '=' && !(s[0] >= '0' && s[0] <= '9');
}

static int check_env(const struct opt_list *env, microvm_error *err)
{
	for (size_t i = 0; i < env->count; i++) {
		if (is_variable(env->word[i]))
			continue;
		(void)refuse(err, "--env: '%.80s' is not NAME=VALUE",
			     env->word[i]);
		return refuse_hint(err, "a name is letters, digits and "
					"underscores");
	}
	return 0;
}

static int set_scalars(const struct machine *m, microvm_config *cfg,
		       microvm_error *err)
{
	int rc = 0;

	if (m->arch)
		rc = microvm_config_set_arch(cfg, guest_arch_chosen(m->arch),
					     err);
	if (!rc && m->backend)
		rc = microvm_config_set_backend(cfg, m->backend, err);
	if (!rc)
		rc = microvm_config_set_cpus(cfg, m->cpus, err);
	if (!rc)
		rc = microvm_config_set_memory(cfg, m->memory, err);
	if (!rc)
		rc = microvm_config_set_clock(cfg, (enum microvm_clock)m->clock,
					      err);
	if (!rc && m->cmdline)
		rc = microvm_config_set_cmdline(cfg, m->cmdline, err);
	for (size_t i = 0; !rc && i < m->appends.count; i++)
		rc = microvm_config_append_cmdline(cfg, m->appends.word[i],
						   err);
	return rc;
}

static int set_vsock(const struct machine *m, microvm_config *cfg,
		     microvm_error *err)
{
	struct vsock_opt v;
	int rc;

	if (m->no_vsock && m->vsock)
		return refuse(err, "--vsock and --no-vsock exclude each other");
	if (m->no_vsock)
		return microvm_config_set_vsock(cfg, 0, err);
	if (!m->vsock)
		return 0;
	rc = vsock_opt_parse(m->vsock, &v, err);
	if (!rc)
		rc = microvm_config_set_vsock(cfg, v.cid, err);
	return rc ? refuse_in(err, "--vsock") : 0;
}

/* For which architectures there are images, as a sum of their bits. */
static int list_images(unsigned *images, microvm_error *err)
{
	char dir[PATH_LEN], path[PATH_LEN + 16];

	*images = 0;
	for (unsigned arch = 0; arch < ARCHES; arch++) {
		int rc = image_dir(dir, sizeof(dir),
				   guest_arch_name((enum microvm_arch)arch),
				   err);

		if (rc)
			return rc;
		(void)snprintf(path, sizeof(path), "%s/kernel", dir);
		if (!access(path, F_OK))
			*images |= 1U << arch;
	}
	return 0;
}

static int no_image(const struct machine *m, microvm_error *err)
{
	const char *arch =
		m->arch ? guest_arch_name(guest_arch_chosen(m->arch)) : "";

	(void)refuse(err, "no kernel given (-k), and there is no image%s%s",
		     m->arch ? " for " : "", arch);
	return refuse_hint(err,
			   "microvm image build%s%s    (or give -k "
			   "KERNEL -i INITRD)",
			   m->arch ? " --arch " : "", arch);
}

/*
 * The image of the architecture asked for, or the only one, or the one that
 * runs best.  When none would run, the library tells why not.
 */
static int find_image(const struct machine *m, char dir[static PATH_LEN],
		      microvm_error *err)
{
	const char *backend = m->backend;
	enum microvm_arch arch = guest_arch_host();
	unsigned images;
	int rc = list_images(&images, err);

	if (rc)
		return rc;
	if (m->arch)
		images &= 1U << guest_arch_chosen(m->arch);
	if (!images)
		return no_image(m, err);
	if (!backend && m->clock == MICROVM_CLOCK_VIRTUAL)
		backend = "soft"; /* as --help says */
	if (images == ARCHES_ALL)
		(void)guest_arch_best(backend, images, &arch);
	else
		arch = images & 1U << MICROVM_ARCH_ARM64 ? MICROVM_ARCH_ARM64
							 : MICROVM_ARCH_X86_64;
	return image_dir(dir, PATH_LEN, guest_arch_name(arch), err);
}

void machine_suggest(const struct machine *m, microvm_error *err)
{
	enum microvm_arch arch;
	microvm_error other;
	unsigned images;
	size_t len = strlen(err->hint);

	if (m->kernel || m->arch || list_images(&images, &other) ||
	    guest_arch_best(m->backend, images, &arch) ||
	    !guest_arch_best(m->backend, ARCHES_ALL, &arch))
		return;
	(void)snprintf(err->hint + len, sizeof(err->hint) - len,
		       "%smicrovm image build --arch %s: such guests run here",
		       len ? "; or " : "", guest_arch_name(arch));
}

static int set_image(const struct machine *m, microvm_config *cfg,
		     microvm_error *err)
{
	char dir[PATH_LEN], path[PATH_LEN + 16];
	int rc;

	if (m->kernel) {
		rc = microvm_config_set_kernel_path(cfg, m->kernel, err);
	} else {
		rc = find_image(m, dir, err);
		if (rc)
			return rc;
		(void)snprintf(path, sizeof(path), "%s/kernel", dir);
		rc = microvm_config_set_kernel_path(cfg, path, err);
		if (!rc && !m->initrds.count) {
			(void)snprintf(path, sizeof(path), "%s/initrd", dir);
			rc = microvm_config_add_initrd_path(cfg, path, err);
		}
	}
	for (size_t i = 0; !rc && i < m->initrds.count; i++)
		rc = microvm_config_add_initrd_path(cfg, m->initrds.word[i],
						    err);
	return rc;
}

/* A guest file of NUL-terminated words; none without words. */
static int add_words(microvm_config *cfg, const char *guest_path,
		     const char *const *word, size_t count, microvm_error *err)
{
	size_t len = 0, at = 0;
	char *data;
	int rc;

	if (!count)
		return 0;
	for (size_t i = 0; i < count; i++)
		len += strlen(word[i]) + 1; /* all lie in our memory */
	data = malloc(len);
	if (!data)
		return refuse_os(err, ENOMEM, "%s", guest_path);
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(word[i]) + 1;

		memcpy(data + at, word[i], n);
		at += n;
	}
	/* Not for other users of the guest: it may hold secrets. */
	rc = microvm_config_add_file(cfg, guest_path, 0600, data, len, err);
	free(data);
	return rc;
}

static int add_files(const struct machine *m, microvm_config *cfg,
		     microvm_error *err)
{
	char size[32];
	int n, rc = 0;

	for (size_t i = 0; !rc && i < m->files.count; i++)
		rc = guest_file_add(cfg, m->files.word[i], (size_t)m->memory,
				    err);
	if (rc)
		return refuse_in(err, "--file");
	rc = add_words(cfg, "/etc/microvm/cmd", (const char *const *)m->cmd,
		       m->cmds, err);
	if (!rc)
		rc = add_words(cfg, "/etc/microvm/env", m->env.word,
			       m->env.count, err);
	if (rc || !m->cols)
		return rc;
	n = snprintf(size, sizeof(size), "%ux%u\n", m->cols, m->rows);
	return microvm_config_add_file(cfg, "/etc/microvm/tty", 0644, size,
				       (size_t)n, err);
}

int machine_config(const struct machine *m, microvm_config **cfg,
		   microvm_error *err)
{
	int rc = check_env(&m->env, err);

	if (rc)
		return rc;
	*cfg = microvm_config_new();
	if (!*cfg)
		return refuse_os(err, ENOMEM, "cannot describe the machine");
	rc = set_scalars(m, *cfg, err);
	if (!rc)
		rc = set_vsock(m, *cfg, err);
	if (!rc)
		rc = set_image(m, *cfg, err);
	if (!rc)
		rc = add_files(m, *cfg, err);
	if (rc) {
		microvm_config_free(*cfg);
		*cfg = NULL;
	}
	return rc;
}
