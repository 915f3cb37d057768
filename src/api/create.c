/* SPDX-License-Identifier: MIT */
/*
 * create.c - microvm_vm_create and _describe: a machine of a configuration.
 *
 * Opens the files, lets the kernel say for which architecture it is, chooses
 * the backend; the files are needed only until the guest is in RAM.
 */
#include <string.h>

#include "api/config.h"
#include "boot/blob.h"
#include "boot/image.h"
#include "os/file.h"
#include "os/random.h"
#include "os/time.h"
#include "vm/backends.h"
#include "vm/vm.h"

/* A file of the configuration. */
struct input {
	struct open_file file;
	struct file all; /* in memory, if it is not read in parts */
	uint8_t head[BOOT_HEAD];
	struct boot_blob blob;
};

struct source {
	const microvm_config *cfg;
	mv_error *err;
	bool look; /* it is not to run */
	enum arch arch;
	struct input kernel;
	struct image image; /* the kernel, unpacked to learn what it is */
	struct input initrd[CONFIG_INITRDS_MAX];
	struct boot_blob initrds[CONFIG_INITRDS_MAX];
	struct cmdline cmdline;
};

static int read_part(void *ctx, uint64_t off, void *dst, size_t n,
		     mv_error *err)
{
	return file_read(ctx, off, dst, n, err);
}

static int read_head(struct input *in, const char *path, mv_error *err)
{
	uint64_t len = in->file.len;
	size_t n = len < BOOT_HEAD ? (size_t)len : BOOT_HEAD;

	in->blob = (struct boot_blob){ .name = path,
				       .p = in->head,
				       .len = (size_t)len,
				       .read = read_part,
				       .ctx = &in->file };
	return file_read(&in->file, 0, in->head, n, err);
}

/* No image or archive larger than the guest's RAM can be of any use. */
static int open_input(struct source *s, struct input *in, const char *role,
		      const char *path)
{
	uint64_t ram = s->cfg->ram;
	int rc = file_open(&in->file, path, ram, s->err);

	if (rc == -MICROVM_ENOMEM)
		rc = fail_hint(s->err, rc,
			       "the guest has %llu MiB of memory: give it "
			       "more (-m)",
			       (unsigned long long)(ram / CONFIG_MIB));
	if (!rc)
		rc = read_head(in, path, s->err);
	return rc ? fail_in(s->err, rc, "%s %s", role, path) : 0;
}

/* What is to be unpacked must be in memory. */
static int load_kernel(struct source *s)
{
	struct input *in = &s->kernel;
	const char *path = s->cfg->kernel;
	int rc = open_input(s, in, "kernel", path);

	if (rc || image_in_parts(in->head, blob_here(&in->blob)))
		return rc;
	rc = file_load(&in->all, &in->file, s->err);
	if (rc)
		return fail_in(s->err, rc, "kernel %s", path);
	in->blob = (struct boot_blob){ .name = path,
				       .p = in->all.p,
				       .len = in->all.len };
	return 0;
}

static int load_files(struct source *s)
{
	const microvm_config *cfg = s->cfg;
	unsigned i;
	int rc;

	if (!cfg->kernel)
		return fail_hint(
			s->err,
			fail(s->err, MICROVM_EINVAL, "no kernel was given"),
			"call microvm_config_set_kernel_path");
	rc = load_kernel(s);
	for (i = 0; !rc && i < cfg->initrds; i++) {
		rc = open_input(s, &s->initrd[i], "initrd", cfg->initrd[i]);
		s->initrds[i] = s->initrd[i].blob;
	}
	return rc;
}

/* Unpack it, if that is what it takes; then not again. */
static int look_into_kernel(struct source *s)
{
	struct boot_blob *kernel = &s->kernel.blob;
	int rc;

	if (image_tells_arch(kernel, &s->arch))
		return 0;
	rc = image_open(kernel, s->cfg->ram, NULL, &s->image, s->err);
	if (rc)
		return rc;
	s->arch = s->image.arch;
	*kernel = s->image.raw;
	return 0;
}

/* The kernel decides what machine it wants; the caller may insist. */
static int find_arch(struct source *s)
{
	const microvm_config *cfg = s->cfg;
	int rc = look_into_kernel(s);

	if (rc)
		return rc;
	if (!cfg->has_arch || cfg->arch == s->arch)
		return 0;
	return fail_hint(s->err,
			 fail(s->err, MICROVM_EINVAL,
			      "kernel %s: is for %s, but an %s guest is "
			      "wanted",
			      cfg->kernel, arch_name(s->arch),
			      arch_name(cfg->arch)),
			 "take a kernel for %s, or ask for %s",
			 arch_name(cfg->arch), arch_name(s->arch));
}

static int find_backend(const struct source *s, const struct hv_ops **ops)
{
	const microvm_config *cfg = s->cfg;
	struct hv_found found = { 0 };
	int rc;

	if (!cfg->backend) {
		rc = backend_best(s->arch, cfg->virtual_time, ops, s->err);
		if (!rc || !s->look)
			return rc;
		*ops = backend_none();
		return 0;
	}
	*ops = cfg->backend;
	rc = cfg->backend->probe(&found, s->err);
	return rc ? fail_in(s->err, rc, "backend %s", cfg->backend->name) : 0;
}

static int make_cmdline(struct source *s)
{
	const microvm_config *cfg = s->cfg;
	const char *base =
		cfg->has_base ? cfg->base.text : cmdline_default(s->arch);
	int rc = cmdline_init(&s->cmdline, base, s->err);

	return rc ? rc : cmdline_append(&s->cmdline, cfg->more.text, s->err);
}

/* On virtual time two runs are equal: so are their seeds. */
static int make_seeds(const struct source *s, struct boot_config *boot)
{
	unsigned i;
	int rc;

	if (s->cfg->virtual_time) {
		for (i = 0; i < BOOT_SEED_LEN; i++)
			boot->rng_seed[i] = (uint8_t)(i * 73 + 41);
		boot->kaslr_seed = UINT64_C(0x5eed5eed5eed5eed);
		return 0;
	}
	rc = random_bytes(boot->rng_seed, sizeof(boot->rng_seed), s->err);
	if (rc)
		return rc;
	return random_bytes(&boot->kaslr_seed, sizeof(boot->kaslr_seed),
			    s->err);
}

/* What would need the device that this machine has not. */
static const char *vsock_user(const microvm_config *cfg)
{
	if (cfg->maps)
		return "a mapped port";
	if (cfg->forwards)
		return "a forwarded port";
	return cfg->socket ? "a vsock socket" : NULL;
}

/*
 * On virtual time two runs are equal, which nobody can promise of bytes that
 * come from outside: the device is there only if it was asked for.
 */
static int make_link(const struct source *s, struct link_config *link)
{
	const microvm_config *cfg = s->cfg;
	bool left_out = cfg->virtual_time && !cfg->has_cid;
	const char *user = vsock_user(cfg);

	*link = (struct link_config){
		.cid = left_out ? 0 : cfg->cid,
		.socket = cfg->socket,
		.map = cfg->map,
		.maps = cfg->maps,
		.forward = cfg->forward,
		.forwards = cfg->forwards,
		.hold_ms = cfg->hold_ms,
		.proxy = cfg->proxy,
	};
	link->proxy.policy = &cfg->policy;
	link->proxy.login = (struct socks5_login){ cfg->user, cfg->password };
	link->proxy.upstream = cfg->upstream;
	if (link->cid || !user) {
		if (s->look) { /* nothing of the host is taken for that */
			link->socket = NULL;
			link->maps = link->forwards = 0;
		}
		return 0;
	}
	return fail_hint(s->err,
			 fail(s->err, MICROVM_EINVAL,
			      "%s needs a vsock device, and this machine has "
			      "none%s",
			      user, left_out ? " on virtual time" : ""),
			 "ask for one with microvm_config_set_vsock");
}

static int make_vm(struct source *s, uint64_t born, struct vm **vm)
{
	const microvm_config *cfg = s->cfg;
	struct boot_config boot = {
		.kernel = s->kernel.blob,
		.initrd = s->initrds,
		.initrds = cfg->initrds,
		.file = cfg->file,
		.files = cfg->files,
		.cmdline = s->cmdline.text,
		.cpus = cfg->cpus,
	};
	struct vm_config vc = {
		.arch = s->arch,
		.cpus = cfg->cpus,
		.ram = cfg->ram,
		.virtual_time = cfg->virtual_time,
		.console = cfg->console,
		.event = cfg->event,
		.event_ctx = cfg->event_ctx,
		.born = born,
		.boot = &boot,
	};
	int rc = find_backend(s, &vc.ops);

	if (!rc)
		rc = make_cmdline(s);
	if (!rc)
		rc = make_seeds(s, &boot);
	if (!rc)
		rc = make_link(s, &vc.link);
	return rc ? rc : vm_create(&vc, vm, s->err);
}

static void drop(struct source *s)
{
	unsigned i;

	image_close(&s->image);
	for (i = 0; i < s->cfg->initrds; i++)
		file_close(&s->initrd[i].file);
	file_free(&s->kernel.all);
	file_close(&s->kernel.file);
}

static int create(const microvm_config *cfg, bool look, microvm_vm **vm,
		  mv_error *err)
{
	uint64_t born = time_mono_ns();
	struct source s = { .cfg = cfg, .err = err, .look = look };
	struct vm *made = NULL;
	int rc;

	if (!vm)
		return fail(err, MICROVM_EINVAL, "vm is NULL");
	*vm = NULL;
	if (!cfg)
		return fail(err, MICROVM_EINVAL, "config is NULL");
	rc = load_files(&s);
	if (!rc)
		rc = find_arch(&s);
	if (!rc)
		rc = make_vm(&s, born, &made);
	drop(&s);
	*vm = (microvm_vm *)made;
	return rc;
}

int microvm_vm_create(const microvm_config *cfg, microvm_vm **vm,
		      microvm_error *err)
{
	return create(cfg, false, vm, err);
}

int microvm_vm_describe(const microvm_config *cfg, microvm_vm **vm,
			microvm_error *err)
{
	return create(cfg, true, vm, err);
}
