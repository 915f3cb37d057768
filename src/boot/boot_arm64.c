/* SPDX-License-Identifier: MIT */
/*
 * boot_arm64.c - everything a Linux/arm64 guest finds in memory at reset.
 *
 * From the start of RAM upwards: the kernel with all the memory it reserves,
 * the device tree at the next 2 MiB boundary, the initramfs.  Tight, the same
 * for any amount of RAM, and inside the windows that booting.rst, sections 2
 * and 4, asks for.
 */
#include "boot/boot_arm64.h"

#include <stdlib.h>

#include "arch/arm64/layout.h"
#include "base/num.h"
#include "boot/arm64_image.h"
#include "boot/cmdline.h"
#include "boot/fdt_arm64.h"
#include "boot/image.h"
#include "boot/initrd.h"
#include "boot/shortage.h"

#define MIB (UINT64_C(1) << 20)
#define DTB_ALIGN (2 * MIB) /* it must not cross a block */
#define PAGE UINT64_C(4096)
#define INITRD_MAX (UINT64_C(32) << 30) /* booting.rst 4: its window */
#define NEVER (UINT64_MAX - DTB_ALIGN)  /* no RAM is as large */

/* Where things go, in bytes from the start of RAM. */
struct plan {
	uint64_t ram; /* how much there is */
	uint64_t dtb;
	uint64_t initrd;
};

struct boot {
	const struct boot_config *cfg;
	const struct gmem *mem;
	struct arm64_image kernel;
	struct initrd initrd;
	struct plan plan;
	struct boot_arm64 *out;
	mv_error *err;
};

static uint64_t ram_size(const struct gmem *m)
{
	unsigned i;

	for (i = 0; i < m->count; i++) {
		if (m->region[i].gpa == ARM64_RAM_BASE)
			return m->region[i].size;
	}
	return 0;
}

static int place_kernel(struct boot *b)
{
	struct plan *p = &b->plan;
	uint64_t end = arm64_image_place(&b->kernel, ARM64_RAM_BASE,
					 &b->out->kernel_gpa);

	if (!fits(end, DTB_ALIGN + FDT_ARM64_ROOM, p->ram))
		return shortage_of_kernel(
			b->err, b->cfg->kernel.name, b->kernel.reserve,
			min_u64(end, NEVER) + DTB_ALIGN, p->ram);
	p->dtb = align_up(end, DTB_ALIGN);
	p->initrd = align_up(p->dtb + FDT_ARM64_ROOM, PAGE);
	b->out->kernel_len = b->kernel.reserve;
	b->out->entry = b->out->kernel_gpa;
	return 0;
}

static int place_initrd(struct boot *b)
{
	const struct plan *p = &b->plan;
	struct initrd_part at;

	if (!b->initrd.len)
		return 0;
	if (!initrd_fits(&b->initrd, min_u64(p->ram - p->initrd, INITRD_MAX),
			 &at))
		return shortage_of_initrd(b->err, &b->initrd, &at, p->initrd,
					  p->ram, INITRD_MAX);
	b->out->initrd_gpa = ARM64_RAM_BASE + p->initrd;
	b->out->initrd_len = b->initrd.len;
	return initrd_load(&b->initrd, b->out->initrd_gpa, b->mem, b->err);
}

static int write_dtb(struct boot *b, void *buf)
{
	const struct boot_config *cfg = b->cfg;
	const struct fdt_arm64 tree = {
		.mem = b->mem,
		.cmdline = cfg->cmdline ? cfg->cmdline : "",
		.cpus = cfg->cpus,
		.virtio = cfg->virtio,
		.gic = cfg->gic,
		.initrd_gpa = b->out->initrd_gpa,
		.initrd_len = b->out->initrd_len,
		.rng_seed = cfg->rng_seed,
		.rng_seed_len = sizeof(cfg->rng_seed),
		.kaslr_seed = cfg->kaslr_seed,
	};
	size_t len;
	int rc = cmdline_check(tree.cmdline, b->err);

	if (!rc)
		rc = fdt_arm64_write(&tree, buf, FDT_ARM64_ROOM, &len, b->err);
	if (rc)
		return rc;
	b->out->dtb_gpa = ARM64_RAM_BASE + b->plan.dtb;
	b->out->dtb_len = len;
	if (gmem_write(b->mem, b->out->dtb_gpa, buf, len))
		return 0;
	return fail(b->err, MICROVM_EINVAL, "no RAM for the device tree");
}

static int place_dtb(struct boot *b)
{
	void *buf = malloc(FDT_ARM64_ROOM);
	int rc;

	if (!buf)
		return fail(b->err, MICROVM_ENOMEM,
			    "no memory for the device tree");
	rc = write_dtb(b, buf);
	free(buf);
	return rc;
}

static int load_kernel(struct boot *b, const struct image *im)
{
	int rc = 0;

	if (im->arch != ARCH_ARM64)
		rc = fail(b->err, MICROVM_EINVAL, "not an arm64 kernel");
	if (!rc)
		rc = arm64_image_parse(im->raw.p, im->raw.len, &b->kernel,
				       b->err);
	if (rc)
		return fail_in(b->err, rc, "kernel %s", b->cfg->kernel.name);
	rc = place_kernel(b);
	if (rc)
		return rc;
	return arm64_image_load(&b->kernel, b->out->kernel_gpa, b->mem, b->err);
}

static int load_all(struct boot *b)
{
	struct image im;
	int rc = image_open(&b->cfg->kernel, b->plan.ram, NULL, &im, b->err);

	if (rc)
		return rc;
	rc = load_kernel(b, &im);
	image_close(&im);
	if (!rc)
		rc = place_initrd(b);
	return rc ? rc : place_dtb(b);
}

int boot_arm64(const struct boot_config *cfg, const struct gmem *mem,
	       struct boot_arm64 *out, mv_error *err)
{
	struct boot b = { .cfg = cfg, .mem = mem, .out = out, .err = err };
	int rc;

	*out = (struct boot_arm64){ 0 };
	b.plan.ram = ram_size(mem);
	if (!b.plan.ram)
		return fail(err, MICROVM_EINVAL, "no RAM at 0x%llx",
			    (unsigned long long)ARM64_RAM_BASE);
	rc = initrd_init(&b.initrd, cfg, err);
	if (rc)
		return rc;
	rc = load_all(&b);
	initrd_fini(&b.initrd);
	return rc;
}
