/* SPDX-License-Identifier: MIT */
/*
 * config.c - microvm_config: what a caller says, checked as it is said.
 *
 * The machine itself; config_vsock.c and config_net.c have what leads out.
 */
#include "api/config.h"

#include <stdlib.h>
#include <string.h>

#include "vm/backends.h"

_Static_assert((int)MICROVM_ARCH_ARM64 == (int)ARCH_ARM64 &&
		       (int)MICROVM_ARCH_X86_64 == (int)ARCH_X86_64,
	       "one numbering of architectures, outside and inside");

int config_no_memory(mv_error *err)
{
	return fail(err, MICROVM_ENOMEM, "no memory for the configuration");
}

int config_missing(mv_error *err, const char *what)
{
	return fail(err, MICROVM_EINVAL, "%s is NULL", what);
}

microvm_config *microvm_config_new(void)
{
	microvm_config *cfg = calloc(1, sizeof(*cfg));

	if (cfg) {
		cfg->cpus = 1;
		cfg->ram = 512 * CONFIG_MIB;
		cfg->cid = CONFIG_CID_MIN;
		cfg->hold_ms = CONFIG_HOLD_MS;
		policy_init(&cfg->policy, MICROVM_NET_NONE);
	}
	return cfg;
}

void microvm_config_free(microvm_config *cfg)
{
	unsigned i;

	if (!cfg)
		return;
	for (i = 0; i < cfg->files; i++)
		free(cfg->copy[i]);
	for (i = 0; i < cfg->initrds; i++)
		free(cfg->initrd[i]);
	free(cfg->copy);
	free(cfg->file);
	free(cfg->kernel);
	free(cfg->socket);
	free(cfg->user);
	free(cfg->password);
	free(cfg->upstream);
	policy_fini(&cfg->policy);
	free(cfg);
}

int microvm_config_set_arch(microvm_config *cfg, enum microvm_arch arch,
			    microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if ((unsigned)arch >= ARCH_COUNT)
		return fail(err, MICROVM_EINVAL,
			    "no architecture has number %d", (int)arch);
	cfg->has_arch = true;
	cfg->arch = (enum arch)arch;
	return 0;
}

int microvm_config_set_backend(microvm_config *cfg, const char *name,
			       microvm_error *err)
{
	const struct hv_ops *ops = NULL;

	if (!cfg || !name)
		return config_missing(err, cfg ? "backend name" : "config");
	if (strcmp(name, "auto") != 0) {
		ops = backend_named(name);
		if (!ops)
			return fail_hint(err,
					 fail(err, MICROVM_ENOTSUP,
					      "there is no backend '%s' in "
					      "this build",
					      name),
					 "choose one of: auto, %s",
					 backend_names().s);
	}
	cfg->backend = ops;
	return 0;
}

int microvm_config_set_cpus(microvm_config *cfg, unsigned cpus,
			    microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if (!cpus || cpus > CONFIG_CPUS_MAX)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL, "%u CPUs", cpus),
				 "give it 1 to %d", CONFIG_CPUS_MAX);
	cfg->cpus = cpus;
	return 0;
}

int microvm_config_set_memory(microvm_config *cfg, uint64_t bytes,
			      microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if (bytes % CONFIG_MIB)
		return fail(err, MICROVM_EINVAL,
			    "%llu bytes of memory are not whole MiB",
			    (unsigned long long)bytes);
	if (bytes < CONFIG_RAM_MIN || bytes > CONFIG_RAM_MAX)
		return fail_hint(
			err,
			fail(err, MICROVM_EINVAL, "%llu MiB of memory",
			     (unsigned long long)(bytes / CONFIG_MIB)),
			"give it %llu to %llu MiB; Linux wants some 64",
			(unsigned long long)(CONFIG_RAM_MIN / CONFIG_MIB),
			(unsigned long long)(CONFIG_RAM_MAX / CONFIG_MIB));
	cfg->ram = bytes;
	return 0;
}

int config_copy(char **out, const char *text, const char *role, mv_error *err)
{
	char *copy;

	if (!text)
		return config_missing(err, role);
	if (!*text)
		return fail(err, MICROVM_EINVAL, "%s is empty", role);
	copy = strdup(text);
	if (!copy)
		return config_no_memory(err);
	free(*out);
	*out = copy;
	return 0;
}

int microvm_config_set_kernel_path(microvm_config *cfg, const char *path,
				   microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	return config_copy(&cfg->kernel, path, "kernel path", err);
}

int microvm_config_add_initrd_path(microvm_config *cfg, const char *path,
				   microvm_error *err)
{
	int rc;

	if (!cfg)
		return config_missing(err, "config");
	if (cfg->initrds == CONFIG_INITRDS_MAX)
		return fail_hint(err,
				 fail(err, MICROVM_ENOMEM,
				      "more than %d initrds",
				      CONFIG_INITRDS_MAX),
				 "join them: the kernel takes archives one "
				 "behind the other in one file");
	rc = config_copy(&cfg->initrd[cfg->initrds], path, "initrd path", err);
	if (!rc)
		cfg->initrds++;
	return rc;
}

static int check_file(const char *path, unsigned mode, const void *data,
		      size_t len, mv_error *err)
{
	if (!path)
		return config_missing(err, "guest path");
	if (!data && len)
		return config_missing(err, "file content");
	if (*path != '/' || !path[1])
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "file '%s': not a path from the guest's "
				      "root",
				      path),
				 "begin it with / and name a file");
	if (mode & ~07777u)
		return fail(err, MICROVM_EINVAL,
			    "file %s: mode 0%o has more than permission bits",
			    path, mode);
	return 0;
}

/* Path and content in one piece. */
static char *copy_file(struct boot_file *f, const char *path, const void *data)
{
	size_t n = strlen(path) + 1;
	char *copy = f->len > SIZE_MAX - n ? NULL : malloc(n + f->len);

	if (!copy)
		return NULL;
	memcpy(copy, path, n);
	if (f->len)
		memcpy(copy + n, data, f->len);
	f->path = copy;
	f->data = copy + n;
	return copy;
}

/* Room for one more, in both arrays. */
static bool grow(microvm_config *cfg)
{
	size_t n = (size_t)cfg->files + 1;
	struct boot_file *file = realloc(cfg->file, n * sizeof(*file));
	char **copy;

	if (!file)
		return false;
	cfg->file = file;
	copy = realloc(cfg->copy, n * sizeof(*copy));
	if (!copy)
		return false;
	cfg->copy = copy;
	return true;
}

int microvm_config_add_file(microvm_config *cfg, const char *guest_path,
			    unsigned mode, const void *data, size_t len,
			    microvm_error *err)
{
	struct boot_file f = { .mode = mode, .len = len };
	char *copy;
	int rc;

	if (!cfg)
		return config_missing(err, "config");
	rc = check_file(guest_path, mode, data, len, err);
	if (rc)
		return rc;
	if (!grow(cfg))
		return config_no_memory(err);
	copy = copy_file(&f, guest_path, data);
	if (!copy)
		return config_no_memory(err);
	cfg->copy[cfg->files] = copy;
	cfg->file[cfg->files++] = f;
	return 0;
}

int microvm_config_set_cmdline(microvm_config *cfg, const char *cmdline,
			       microvm_error *err)
{
	struct cmdline c;
	int rc;

	if (!cfg || !cmdline)
		return config_missing(err, cfg ? "command line" : "config");
	rc = cmdline_init(&c, cmdline, err);
	if (rc)
		return rc;
	cfg->base = c;
	cfg->has_base = true;
	return 0;
}

int microvm_config_append_cmdline(microvm_config *cfg, const char *words,
				  microvm_error *err)
{
	if (!cfg || !words)
		return config_missing(err, cfg ? "command line" : "config");
	return cmdline_append(&cfg->more, words, err);
}

int microvm_config_set_clock(microvm_config *cfg, enum microvm_clock clock,
			     microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if (clock != MICROVM_CLOCK_WALL && clock != MICROVM_CLOCK_VIRTUAL)
		return fail(err, MICROVM_EINVAL, "no clock has number %d",
			    (int)clock);
	cfg->virtual_time = clock == MICROVM_CLOCK_VIRTUAL;
	return 0;
}

int microvm_config_enable_console(microvm_config *cfg, microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->console = true;
	return 0;
}

int microvm_config_set_events(microvm_config *cfg, microvm_event_fn *fn,
			      void *ctx, microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->event = fn;
	cfg->event_ctx = ctx;
	return 0;
}
