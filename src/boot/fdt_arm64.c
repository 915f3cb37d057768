/* SPDX-License-Identifier: MIT */
/*
 * fdt_arm64.c - the device tree of the arm64 machine.
 *
 * Written front to back by libfdt.  The first failure is kept together with
 * the node it happened in, and all later calls do nothing, so that the tree
 * reads here as it reads in a .dts file.
 */
#include "boot/fdt_arm64.h"

#include <libfdt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "arch/arm64/layout.h"
#include "base/container.h"

/* Interrupt specifiers: Linux bindings/interrupt-controller/arm,gic{,-v3} */
enum { GIC_SPI = 0, GIC_PPI = 1 };
enum { GICV2_PPI_CPUS = 8 }; /* flags from here: which CPUs have it */
enum { FIRST_PPI = 16, FIRST_SPI = 32 };
enum { IRQ_EDGE_RISING = 1, IRQ_LEVEL_HIGH = 4 };

enum { PHANDLE_GIC = 1, PHANDLE_CLOCK = 2 };

_Static_assert(ARM64_SPI_VIRTIO + FDT_ARM64_MAX_VIRTIO <= ARM64_GIC_INTIDS,
	       "every virtio slot has an interrupt");

struct writer {
	void *fdt;
	int rc;      /* libfdt's, of the first failure */
	char at[32]; /* the node it happened in */
};

static void note(struct writer *w, int rc)
{
	if (!w->rc)
		w->rc = rc;
}

static void begin(struct writer *w, const char *name)
{
	if (w->rc)
		return;
	(void)snprintf(w->at, sizeof(w->at), "%s", *name ? name : "/");
	note(w, fdt_begin_node(w->fdt, name));
}

/* "pl011@9000000" */
static void begin_at(struct writer *w, const char *name, uint64_t addr)
{
	char full[32];

	(void)snprintf(full, sizeof(full), "%s@%llx", name,
		       (unsigned long long)addr);
	begin(w, full);
}

static void end(struct writer *w)
{
	if (!w->rc)
		note(w, fdt_end_node(w->fdt));
}

static void prop(struct writer *w, const char *name, const void *p, size_t n)
{
	if (w->rc)
		return;
	note(w, n > INT_MAX ? -FDT_ERR_NOSPACE
			    : fdt_property(w->fdt, name, p, (int)n));
}

static void prop_text(struct writer *w, const char *name, const char *s)
{
	prop(w, name, s, strlen(s) + 1);
}

static void prop_u32(struct writer *w, const char *name, uint32_t v)
{
	if (!w->rc)
		note(w, fdt_property_u32(w->fdt, name, v));
}

static void prop_u64(struct writer *w, const char *name, uint64_t v)
{
	if (!w->rc)
		note(w, fdt_property_u64(w->fdt, name, v));
}

static void prop_cells(struct writer *w, const char *name, const uint32_t *v,
		       size_t n)
{
	fdt32_t cell[16];
	size_t i;

	for (i = 0; i < n && i < LEN(cell); i++)
		cell[i] = cpu_to_fdt32(v[i]);
	prop(w, name, cell, i * sizeof(*cell));
}

#define CELLS(w, name, ...)                                    \
	prop_cells(w, name, (const uint32_t[]){ __VA_ARGS__ }, \
		   sizeof((const uint32_t[]){ __VA_ARGS__ }) / \
			   sizeof(uint32_t))

/* Pairs of address and size, two cells each. */
static void prop_reg(struct writer *w, const uint64_t *v, size_t n)
{
	fdt64_t reg[2 * GMEM_MAX_REGIONS];
	size_t i;

	for (i = 0; i < n && i < LEN(reg); i++)
		reg[i] = cpu_to_fdt64(v[i]);
	prop(w, "reg", reg, i * sizeof(*reg));
}

static void write_chosen(struct writer *w, const struct fdt_arm64 *c)
{
	char uart[32];

	begin(w, "chosen");
	prop_text(w, "bootargs", c->cmdline);
	(void)snprintf(uart, sizeof(uart), "/pl011@%llx",
		       (unsigned long long)ARM64_UART_BASE);
	prop_text(w, "stdout-path", uart);
	if (c->initrd_len) {
		prop_u64(w, "linux,initrd-start", c->initrd_gpa);
		prop_u64(w, "linux,initrd-end", c->initrd_gpa + c->initrd_len);
	}
	if (c->rng_seed)
		prop(w, "rng-seed", c->rng_seed, c->rng_seed_len);
	if (c->kaslr_seed)
		prop_u64(w, "kaslr-seed", c->kaslr_seed);
	end(w);
}

static void write_memory(struct writer *w, const struct gmem *m)
{
	uint64_t reg[2 * GMEM_MAX_REGIONS];
	unsigned i;

	for (i = 0; i < m->count; i++) {
		reg[2 * i] = m->region[i].gpa;
		reg[2 * i + 1] = m->region[i].size;
	}
	begin_at(w, "memory", m->region[0].gpa);
	prop_text(w, "device_type", "memory"); /* Linux finds it by this */
	prop_reg(w, reg, 2 * (size_t)m->count);
	end(w);
}

static void write_cpus(struct writer *w, unsigned cpus)
{
	unsigned i;

	begin(w, "cpus");
	prop_u32(w, "#address-cells", 1);
	prop_u32(w, "#size-cells", 0);
	for (i = 0; i < cpus; i++) {
		begin_at(w, "cpu", i);
		prop_text(w, "device_type", "cpu");
		prop_text(w, "compatible", "arm,armv8");
		prop_u32(w, "reg", i); /* MPIDR_EL1's affinity */
		prop_text(w, "enable-method", "psci");
		end(w);
	}
	end(w);
}

static void write_psci(struct writer *w)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	begin(w, "psci");
	prop(w, "compatible", compatible, sizeof(compatible));
	prop_text(w, "method", "hvc");
	end(w);
}

/* Order of the binding: secure, non-secure, virtual, hypervisor. */
static void write_timer(struct writer *w, const struct fdt_arm64 *c)
{
	uint32_t all = (UINT32_C(1) << c->cpus) - 1;
	uint32_t flags = IRQ_LEVEL_HIGH;

	if (c->gic == 2)
		flags |= all << GICV2_PPI_CPUS;
	begin(w, "timer");
	prop_text(w, "compatible", "arm,armv8-timer");
	CELLS(w, "interrupts", GIC_PPI, ARM64_PPI_PHYS_SEC - FIRST_PPI, flags,
	      GIC_PPI, ARM64_PPI_PHYS_TIMER - FIRST_PPI, flags, GIC_PPI,
	      ARM64_PPI_VIRT_TIMER - FIRST_PPI, flags, GIC_PPI,
	      ARM64_PPI_HYP_TIMER - FIRST_PPI, flags);
	prop(w, "always-on", NULL, 0);
	end(w);
}

/* Behind the distributor: redistributors of a v3, a v2's CPU interface. */
static void write_gic(struct writer *w, const struct fdt_arm64 *c)
{
	const uint64_t v2[] = { ARM64_GICD_BASE, ARM64_GICD_SIZE,
				ARM64_GICC_BASE, ARM64_GICC_SIZE };
	const uint64_t v3[] = { ARM64_GICD_BASE, ARM64_GICD_SIZE,
				ARM64_GICR_BASE, c->cpus * ARM64_GICR_STRIDE };

	begin_at(w, "interrupt-controller", ARM64_GICD_BASE);
	prop_text(w, "compatible",
		  c->gic == 2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
	prop_u32(w, "#interrupt-cells", 3);
	prop_u32(w, "#address-cells", 2);
	prop_u32(w, "#size-cells", 2);
	prop(w, "interrupt-controller", NULL, 0);
	prop_reg(w, c->gic == 2 ? v2 : v3, LEN(v3));
	prop_u32(w, "phandle", PHANDLE_GIC);
	end(w);
}

static void write_clock(struct writer *w)
{
	begin(w, "clock");
	prop_text(w, "compatible", "fixed-clock");
	prop_u32(w, "#clock-cells", 0);
	prop_u32(w, "clock-frequency", ARM64_UART_HZ);
	prop_u32(w, "phandle", PHANDLE_CLOCK);
	end(w);
}

/* An AMBA device: "arm,primecell" and "apb_pclk" make Linux probe it. */
static void write_uart(struct writer *w)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clocks[] = "uartclk\0apb_pclk";
	const uint64_t reg[] = { ARM64_UART_BASE, ARM64_UART_SIZE };

	begin_at(w, "pl011", ARM64_UART_BASE);
	prop(w, "compatible", compatible, sizeof(compatible));
	prop_reg(w, reg, LEN(reg));
	CELLS(w, "interrupts", GIC_SPI, ARM64_SPI_UART - FIRST_SPI,
	      IRQ_LEVEL_HIGH);
	CELLS(w, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
	prop(w, "clock-names", clocks, sizeof(clocks));
	end(w);
}

/* No interrupt: the alarm is not wired, see dev/pl031.h. */
static void write_rtc(struct writer *w)
{
	static const char compatible[] = "arm,pl031\0arm,primecell";
	const uint64_t reg[] = { ARM64_RTC_BASE, ARM64_RTC_SIZE };

	begin_at(w, "pl031", ARM64_RTC_BASE);
	prop(w, "compatible", compatible, sizeof(compatible));
	prop_reg(w, reg, LEN(reg));
	CELLS(w, "clocks", PHANDLE_CLOCK);
	prop_text(w, "clock-names", "apb_pclk");
	end(w);
}

/* Edges, as a host kernel's irqfd can make them without being resampled. */
static void write_virtio(struct writer *w, unsigned slot)
{
	const uint64_t reg[] = { ARM64_VIRTIO_BASE + slot * ARM64_VIRTIO_SIZE,
				 ARM64_VIRTIO_SIZE };

	begin_at(w, "virtio_mmio", reg[0]);
	prop_text(w, "compatible", "virtio,mmio");
	prop_reg(w, reg, LEN(reg));
	CELLS(w, "interrupts", GIC_SPI, ARM64_SPI_VIRTIO + slot - FIRST_SPI,
	      IRQ_EDGE_RISING);
	prop(w, "dma-coherent", NULL, 0);
	end(w);
}

static void write_root(struct writer *w, const struct fdt_arm64 *c)
{
	unsigned i;

	begin(w, "");
	prop_text(w, "compatible", "microvm");
	prop_text(w, "model", "microvm");
	prop_u32(w, "#address-cells", 2);
	prop_u32(w, "#size-cells", 2);
	prop_u32(w, "interrupt-parent", PHANDLE_GIC);
	write_chosen(w, c);
	write_memory(w, c->mem);
	write_cpus(w, c->cpus);
	write_psci(w);
	write_timer(w, c);
	write_gic(w, c);
	write_clock(w);
	write_uart(w);
	write_rtc(w);
	for (i = 0; i < c->virtio; i++)
		write_virtio(w, i);
	end(w);
}

static int check_config(const struct fdt_arm64 *c, mv_error *err)
{
	if (!c->cpus || c->cpus > ARM64_MAX_CPUS)
		return fail(err, MICROVM_EINVAL,
			    "device tree: %u CPUs, the machine has 1 to %d",
			    c->cpus, ARM64_MAX_CPUS);
	if (c->virtio > FDT_ARM64_MAX_VIRTIO)
		return fail(err, MICROVM_EINVAL,
			    "device tree: %u virtio devices, the machine has "
			    "room for %d",
			    c->virtio, FDT_ARM64_MAX_VIRTIO);
	if (c->gic != 0 && c->gic != 2 && c->gic != 3)
		return fail(err, MICROVM_EINVAL,
			    "device tree: a GICv%u, the machine has a 2 or a 3",
			    c->gic);
	if (!c->mem->count || c->mem->count > GMEM_MAX_REGIONS)
		return fail(err, MICROVM_EINVAL, "device tree: no RAM");
	if (c->initrd_gpa > UINT64_MAX - c->initrd_len)
		return fail(err, MICROVM_EINVAL,
			    "device tree: the initrd's end wraps");
	return 0;
}

static int say(const struct writer *w, size_t room, mv_error *err)
{
	if (w->rc == -FDT_ERR_NOSPACE)
		return fail(err, MICROVM_ENOMEM,
			    "device tree: node %s does not fit %zu bytes",
			    w->at, room);
	return fail(err, MICROVM_EINVAL, "device tree: node %s: %s", w->at,
		    fdt_strerror(w->rc));
}

int fdt_arm64_write(const struct fdt_arm64 *cfg, void *buf, size_t room,
		    size_t *len, mv_error *err)
{
	struct writer w = { .fdt = buf, .at = "/" };
	int rc = check_config(cfg, err);

	if (rc)
		return rc;
	note(&w, fdt_create(buf, room > INT_MAX ? INT_MAX : (int)room));
	if (!w.rc)
		note(&w, fdt_finish_reservemap(buf));
	write_root(&w, cfg);
	if (!w.rc)
		note(&w, fdt_finish(buf));
	if (w.rc)
		return say(&w, room, err);
	*len = fdt_totalsize(buf);
	return 0;
}
