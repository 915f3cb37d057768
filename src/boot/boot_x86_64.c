/* SPDX-License-Identifier: MIT */
/*
 * boot_x86_64.c - everything a Linux/x86_64 guest finds in memory at reset.
 *
 * What the CPU and the kernel's first instructions read is below 640 KiB, at
 * the places of arch/x86_64/layout.h.  The kernel is where its ELF headers
 * say, and the initramfs as high as Linux takes it: out of the way of both.
 */
#include "boot/boot_x86_64.h"

#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/layout.h"
#include "arch/x86_64/tables.h"
#include "base/num.h"
#include "boot/cmdline.h"
#include "boot/elf64.h"
#include "boot/image.h"
#include "boot/initrd.h"
#include "boot/pvh_info.h"
#include "boot/shortage.h"
#include "boot/size.h"
#include "boot/x86_facts.h"
#include "boot/zero_page.h"

#define MIB (UINT64_C(1) << 20)
#define PAGE UINT64_C(4096)

/* initrd_addr_max of every 64-bit kernel's header is the byte before. */
#define INITRD_END (UINT64_C(1) << 31)

struct boot {
	const struct boot_config *cfg;
	const struct gmem *mem;
	uint64_t ram; /* its end below the hole */
	struct elf64 kernel;
	uint64_t unpacked; /* where its file is in RAM, 0: elsewhere */
	struct initrd initrd;
	struct x86_facts facts;
	struct boot_x86_64 *out;
	mv_error *err;
};

static int put(const struct boot *b, uint64_t gpa, const void *p, size_t len)
{
	if (gmem_write(b->mem, gpa, p, len))
		return 0;
	return fail(b->err, MICROVM_EINVAL, "no RAM at address 0x%llx",
		    (unsigned long long)gpa);
}

/* ---- the kernel ------------------------------------------------------- */

static int no_entry(const struct boot *b)
{
	int rc = fail(b->err, MICROVM_ENOTSUP,
		      "an x86_64 ELF file that starts at 0x%llx, outside of "
		      "what it loads, and has no PVH entry",
		      (unsigned long long)b->kernel.entry);

	return fail_hint(b->err, rc, "take a Linux vmlinux or bzImage");
}

/*
 * Linux's vmlinux starts at a physical address, in 64-bit code that expects
 * the zero page.  A kernel whose entry is a virtual address expects a loader
 * of its own kind, but may have PVH's entry beside it.
 */
static int find_entry(struct boot *b)
{
	const struct elf64 *k = &b->kernel;

	if (k->entry_loaded) {
		b->out->kind = X86_ENTRY_64;
		b->out->entry = k->entry;
		b->out->info_gpa = X86_ZERO_PAGE_GPA;
		return 0;
	}
	if (!k->has_pvh || k->pvh_entry < k->start || k->pvh_entry >= k->end)
		return no_entry(b);
	b->out->kind = X86_ENTRY_PVH;
	b->out->entry = k->pvh_entry;
	b->out->info_gpa = X86_PVH_INFO_GPA;
	return 0;
}

static int check_place(const struct boot *b)
{
	const struct elf64 *k = &b->kernel;

	if (k->start < X86_KERNEL_GPA)
		return fail(b->err, MICROVM_ENOTSUP,
			    "an x86_64 ELF file for address 0x%llx; a kernel "
			    "begins at 0x%llx or above",
			    (unsigned long long)k->start,
			    (unsigned long long)X86_KERNEL_GPA);
	if (k->end > X86_HOLE_BASE)
		return fail(b->err, MICROVM_ENOTSUP,
			    "an x86_64 ELF file for addresses up to 0x%llx; "
			    "the machine's RAM ends at 0x%llx",
			    (unsigned long long)k->end,
			    (unsigned long long)X86_HOLE_BASE);
	return 0;
}

static int parse_kernel(struct boot *b, const struct image *im)
{
	int rc = 0;

	if (im->arch != ARCH_X86_64)
		rc = fail(b->err, MICROVM_EINVAL, "not an x86_64 kernel");
	if (!rc)
		rc = elf64_parse(&im->raw, &b->kernel, b->err);
	if (!rc)
		rc = check_place(b);
	if (!rc)
		rc = find_entry(b);
	return rc ? fail_in(b->err, rc, "kernel %s", b->cfg->kernel.name) : 0;
}

/*
 * Unpacked to RAM such that most of it is where it belongs, the kernel takes
 * no memory but the guest's, and most of it is not copied again.
 */
static struct span find_room(void *ctx, const uint8_t *head, size_t n,
			     uint64_t len)
{
	struct boot *b = ctx;
	uint64_t gpa;

	if (!elf64_unpack_gpa(head, n, &gpa) || gpa < X86_KERNEL_GPA ||
	    !fits(gpa, len, b->ram) || gpa + len == b->ram)
		return (struct span){ NULL, 0 };
	b->unpacked = gpa;
	return gmem_span(b->mem, gpa, (size_t)len + 1);
}

static int load_kernel(struct boot *b, const struct image *im)
{
	const struct elf64 *k = &b->kernel;
	int rc = parse_kernel(b, im);

	if (rc)
		return rc;
	b->out->kernel_gpa = k->start;
	b->out->kernel_len = k->end - k->start;
	if (k->end > b->ram) /* told with what is below it, 16 MiB */
		return shortage_of_kernel(b->err, b->cfg->kernel.name, k->end,
					  k->end, b->ram);
	if (b->unpacked)
		rc = elf64_settle(k, b->unpacked, b->mem, b->err);
	else
		rc = elf64_load(k, b->mem, b->err);
	return rc ? fail_in(b->err, rc, "kernel %s", b->cfg->kernel.name) : 0;
}

static int open_and_load(struct boot *b)
{
	const struct image_room room = { find_room, b };
	struct image im;
	int rc = image_open(&b->cfg->kernel, b->ram, &room, &im, b->err);

	if (rc)
		return rc;
	rc = load_kernel(b, &im);
	image_close(&im);
	return rc;
}

/* ---- the initramfs ---------------------------------------------------- */

/* More RAM would not help. */
static int beyond_window(const struct boot *b, const struct initrd_part *at)
{
	int rc = fail(b->err, MICROVM_EINVAL,
		      "initrd %s: %s do not fit between the kernel and 2 GiB, "
		      "where Linux/x86_64 wants it",
		      at->name, size_text(at->len).s);

	return fail_hint(b->err, rc, "take a smaller one");
}

static int load_initrd(struct boot *b)
{
	uint64_t end = min_u64(b->ram, INITRD_END);
	uint64_t taken = align_up(b->kernel.end, PAGE);
	uint64_t room = end > taken ? end - taken : 0;
	struct initrd_part at;

	if (!b->initrd.len)
		return 0;
	if (!initrd_fits(&b->initrd, room, &at)) {
		if (b->ram >= INITRD_END)
			return beyond_window(b, &at);
		return shortage_of_initrd(b->err, &b->initrd, &at, taken,
					  b->ram, INITRD_END);
	}
	b->out->initrd_gpa = align_down(end - b->initrd.len, PAGE);
	b->out->initrd_len = b->initrd.len;
	return initrd_load(&b->initrd, b->out->initrd_gpa, b->mem, b->err);
}

/* ---- low memory ------------------------------------------------------- */

static int put_cmdline(const struct boot *b)
{
	const char *line = b->cfg->cmdline ? b->cfg->cmdline : "";
	int rc = cmdline_check(line, b->err);

	return rc ? rc : put(b, X86_CMDLINE_GPA, line, strlen(line) + 1);
}

static int put_seed(const struct boot *b)
{
	uint8_t data[SETUP_SEED_HEAD + BOOT_SEED_LEN];

	setup_seed_write(b->cfg->rng_seed, BOOT_SEED_LEN, data);
	return put(b, X86_SETUP_DATA_GPA, data, sizeof(data));
}

static int put_facts(struct boot *b)
{
	uint8_t page[ZERO_PAGE_LEN];
	size_t len = ZERO_PAGE_LEN;

	b->facts = (struct x86_facts){
		.cmdline_gpa = X86_CMDLINE_GPA,
		.initrd_gpa = b->out->initrd_gpa,
		.initrd_len = b->out->initrd_len,
		.rsdp_gpa = X86_ACPI_GPA,
		.setup_data_gpa = X86_SETUP_DATA_GPA,
	};
	b->facts.ranges = e820_map(b->mem, b->facts.range);
	switch (b->out->kind) {
	case X86_ENTRY_64: zero_page_write(&b->facts, page); break;
	case X86_ENTRY_PVH:
		pvh_info_write(&b->facts, X86_PVH_INFO_GPA, page);
		len = PVH_INFO_LEN;
		break;
	}
	return put(b, b->out->info_gpa, page, len);
}

static int put_tables(const struct boot *b)
{
	uint8_t gdt[X86_GDT_LEN], *pages;
	int rc;

	x86_gdt_write(gdt);
	rc = put(b, X86_GDT_GPA, gdt, sizeof(gdt));
	if (rc || b->out->kind == X86_ENTRY_PVH)
		return rc;
	pages = malloc(X86_PAGE_TABLES_LEN);
	if (!pages)
		return fail(b->err, MICROVM_ENOMEM,
			    "no memory for the page tables");
	x86_page_tables_write(pages);
	rc = put(b, X86_PML4_GPA, pages, X86_PAGE_TABLES_LEN);
	free(pages);
	return rc;
}

static int load_all(struct boot *b)
{
	int rc = open_and_load(b);

	if (!rc)
		rc = load_initrd(b);
	if (!rc)
		rc = put_cmdline(b);
	if (!rc)
		rc = put_seed(b);
	if (!rc)
		rc = put_facts(b);
	return rc ? rc : put_tables(b);
}

int boot_x86_64(const struct boot_config *cfg, const struct gmem *mem,
		struct boot_x86_64 *out, mv_error *err)
{
	struct boot b = { .cfg = cfg, .mem = mem, .out = out, .err = err };
	int rc;

	*out = (struct boot_x86_64){ 0 };
	b.ram = e820_low_end(mem);
	if (b.ram <= X86_KERNEL_GPA)
		return fail(err, MICROVM_EINVAL,
			    "%s of RAM at 0; an x86_64 machine has more than "
			    "1 MiB",
			    size_text(b.ram).s);
	rc = initrd_init(&b.initrd, cfg, err);
	if (rc)
		return rc;
	rc = load_all(&b);
	initrd_fini(&b.initrd);
	return rc;
}
