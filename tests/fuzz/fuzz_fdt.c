/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fdt.c - the device tree of any machine, also of those that cannot be.
 * Either it is refused, or the tree says what the machine is: each property
 * is there with its value, and no other is.
 */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "arch/arm64/layout.h"
#include "boot/fdt_arm64.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LINE_LEN = 3000, SEED_MAX = 200, PATH = 64 };

/* The tree being read, and how many of its properties were looked at. */
struct reader {
	const void *fdt;
	unsigned checked;
};

static void want(struct reader *r, const char *path, const char *name,
		 const void *value, size_t len)
{
	int node = fdt_path_offset(r->fdt, path), got;
	const void *p;

	CHECK(node >= 0);
	p = fdt_getprop(r->fdt, node, name, &got);
	CHECK(p && (size_t)got == len);
	CHECK(!len || memcmp(p, value, len) == 0);
	r->checked++;
}

static void want_text(struct reader *r, const char *path, const char *name,
		      const char *text)
{
	want(r, path, name, text, strlen(text) + 1);
}

static void want_cells(struct reader *r, const char *path, const char *name,
		       const uint32_t *v, size_t n)
{
	fdt32_t cell[32];
	size_t i;

	CHECK(n <= 32);
	for (i = 0; i < n; i++)
		cell[i] = cpu_to_fdt32(v[i]);
	want(r, path, name, cell, 4 * n);
}

#define CELLS(r, path, name, ...)                                    \
	want_cells(r, path, name, (const uint32_t[]){ __VA_ARGS__ }, \
		   sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

#define HI(v) ((uint32_t)((v) >> 32))
#define LO(v) ((uint32_t)(v))

static void read_chosen(struct reader *r, const struct fdt_arm64 *c)
{
	uint64_t end = c->initrd_gpa + c->initrd_len;

	want_text(r, "/chosen", "bootargs", c->cmdline);
	want_text(r, "/chosen", "stdout-path", "/pl011@9000000");
	if (c->initrd_len) {
		CELLS(r, "/chosen", "linux,initrd-start", HI(c->initrd_gpa),
		      LO(c->initrd_gpa));
		CELLS(r, "/chosen", "linux,initrd-end", HI(end), LO(end));
	}
	if (c->rng_seed)
		want(r, "/chosen", "rng-seed", c->rng_seed, c->rng_seed_len);
	if (c->kaslr_seed)
		CELLS(r, "/chosen", "kaslr-seed", HI(c->kaslr_seed),
		      LO(c->kaslr_seed));
}

static void read_memory(struct reader *r, const struct gmem *m)
{
	uint32_t reg[4 * GMEM_MAX_REGIONS];
	char path[PATH];
	unsigned i;

	for (i = 0; i < m->count; i++) {
		const struct gmem_region *g = &m->region[i];

		reg[4 * i] = HI(g->gpa);
		reg[4 * i + 1] = LO(g->gpa);
		reg[4 * i + 2] = HI(g->size);
		reg[4 * i + 3] = LO(g->size);
	}
	(void)snprintf(path, sizeof(path), "/memory@%llx",
		       (unsigned long long)m->region[0].gpa);
	want_text(r, path, "device_type", "memory");
	want_cells(r, path, "reg", reg, 4 * (size_t)m->count);
}

static void read_cpus(struct reader *r, unsigned cpus)
{
	char path[PATH];
	unsigned i;

	CELLS(r, "/cpus", "#address-cells", 1);
	CELLS(r, "/cpus", "#size-cells", 0);
	for (i = 0; i < cpus; i++) {
		(void)snprintf(path, sizeof(path), "/cpus/cpu@%x", i);
		want_text(r, path, "device_type", "cpu");
		want_text(r, path, "compatible", "arm,armv8");
		want_text(r, path, "enable-method", "psci");
		CELLS(r, path, "reg", i);
	}
}

static void read_gic(struct reader *r, unsigned cpus)
{
	static const char gic[] = "/interrupt-controller@8000000";

	want_text(r, gic, "compatible", "arm,gic-v3");
	want(r, gic, "interrupt-controller", NULL, 0);
	CELLS(r, gic, "#interrupt-cells", 3);
	CELLS(r, gic, "#address-cells", 2);
	CELLS(r, gic, "#size-cells", 2);
	CELLS(r, gic, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0,
	      cpus * 0x20000);
	CELLS(r, gic, "phandle", 1);
	CELLS(r, "/", "interrupt-parent", 1);
}

static void read_devices(struct reader *r)
{
	want(r, "/psci", "compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
	want_text(r, "/psci", "method", "hvc");
	want_text(r, "/timer", "compatible", "arm,armv8-timer");
	CELLS(r, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10,
	      4);
	want(r, "/timer", "always-on", NULL, 0);
	want_text(r, "/clock", "compatible", "fixed-clock");
	CELLS(r, "/clock", "#clock-cells", 0);
	CELLS(r, "/clock", "clock-frequency", ARM64_UART_HZ);
	CELLS(r, "/clock", "phandle", 2);
	want(r, "/pl011@9000000", "compatible", "arm,pl011\0arm,primecell", 24);
	CELLS(r, "/pl011@9000000", "reg", 0, 0x9000000, 0, 0x1000);
	CELLS(r, "/pl011@9000000", "interrupts", 0, 1, 4);
	CELLS(r, "/pl011@9000000", "clocks", 2, 2);
	want(r, "/pl011@9000000", "clock-names", "uartclk\0apb_pclk", 17);
	want(r, "/pl031@9010000", "compatible", "arm,pl031\0arm,primecell", 24);
	CELLS(r, "/pl031@9010000", "reg", 0, 0x9010000, 0, 0x1000);
	CELLS(r, "/pl031@9010000", "clocks", 2);
	want_text(r, "/pl031@9010000", "clock-names", "apb_pclk");
}

static void read_virtio(struct reader *r, unsigned slots)
{
	char path[PATH];
	unsigned i;

	for (i = 0; i < slots; i++) {
		uint32_t addr = 0xa000000 + 0x200 * i;

		(void)snprintf(path, sizeof(path), "/virtio_mmio@%x", addr);
		want_text(r, path, "compatible", "virtio,mmio");
		CELLS(r, path, "reg", 0, addr, 0, 0x200);
		CELLS(r, path, "interrupts", 0, 16 + i, 1);
		want(r, path, "dma-coherent", NULL, 0);
	}
}

static unsigned properties(const void *fdt)
{
	unsigned n = 0;
	int node, prop;

	for (node = 0; node >= 0; node = fdt_next_node(fdt, node, NULL)) {
		fdt_for_each_property_offset(prop, fdt, node) n++;
	}
	return n;
}

static void read_back(const void *fdt, const struct fdt_arm64 *c)
{
	struct reader r = { .fdt = fdt };

	want_text(&r, "/", "compatible", "microvm");
	want_text(&r, "/", "model", "microvm");
	CELLS(&r, "/", "#address-cells", 2);
	CELLS(&r, "/", "#size-cells", 2);
	read_chosen(&r, c);
	read_memory(&r, c->mem);
	read_cpus(&r, c->cpus);
	read_gic(&r, c->cpus);
	read_devices(&r);
	read_virtio(&r, c->virtio);
	CHECK(r.checked == properties(fdt));
}

static bool is_a_machine(const struct fdt_arm64 *c)
{
	return c->cpus >= 1 && c->cpus <= 4 && c->virtio <= 48 &&
	       c->mem->count >= 1 && c->mem->count <= GMEM_MAX_REGIONS &&
	       c->initrd_len <= UINT64_MAX - c->initrd_gpa;
}

/* In memory of exactly that size, so that a byte too far is seen. */
static void write_tree(const struct fdt_arm64 *c, size_t room)
{
	uint8_t *buf = malloc(room ? room : 1);
	size_t len = 0;
	mv_error e;
	int rc;

	CHECK(buf);
	rc = fdt_arm64_write(c, buf, room, &len, &e);
	if (rc) {
		CHECK(rc ==
		      (is_a_machine(c) ? -MICROVM_ENOMEM : -MICROVM_EINVAL));
		CHECK(strncmp(e.msg, "device tree: ", 13) == 0);
		CHECK(!is_a_machine(c) || room < FDT_ARM64_ROOM);
	} else {
		CHECK(is_a_machine(c));
		CHECK(len <= room && fdt_check_full(buf, len) == 0);
		read_back(buf, c);
	}
	free(buf);
}

static void feed_memory(struct feed *f, struct gmem *m)
{
	unsigned i;

	m->count = (unsigned)feed_take(f, 1) % (GMEM_MAX_REGIONS + 2);
	for (i = 0; i < m->count && i < GMEM_MAX_REGIONS; i++) {
		m->region[i].gpa = feed_take(f, 8);
		m->region[i].size = feed_take(f, 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed f = { data, len };
	char line[LINE_LEN + 1];
	uint8_t seed[SEED_MAX];
	struct gmem mem = { 0 };
	struct fdt_arm64 c = { .mem = &mem, .cmdline = line };
	size_t room = feed_take(&f, 1) & 1 ? FDT_ARM64_ROOM
					   : (size_t)feed_take(&f, 2);
	size_t i, line_len = (size_t)feed_take(&f, 2) % (LINE_LEN + 1);

	feed_memory(&f, &mem);
	c.cpus = (unsigned)feed_take(&f, 1) % 7;
	c.virtio = (unsigned)feed_take(&f, 1) % 60;
	c.initrd_gpa = feed_take(&f, 8);
	c.initrd_len = feed_take(&f, 8);
	c.kaslr_seed = feed_take(&f, 8);
	c.rng_seed_len = (size_t)feed_take(&f, 1) % (SEED_MAX + 1);
	for (i = 0; i < c.rng_seed_len; i++)
		seed[i] = (uint8_t)feed_take(&f, 1);
	c.rng_seed = feed_take(&f, 1) & 1 ? seed : NULL;
	for (i = 0; i < line_len; i++)
		line[i] = (char)(feed_take(&f, 1) % 255 + 1);
	line[line_len] = '\0';
	write_tree(&c, room);
	return 0;
}
