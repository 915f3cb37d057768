/* SPDX-License-Identifier: MIT */
/* a64_box.c - a CPU in a box for tests. */
#include "a64_box.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "cpu/arm64/sysreg.h"

#define HVC 0xd4000002u

static uint8_t *ram(void *ctx, uint64_t gpa)
{
	struct box *b = ctx;

	return gpa >= BOX_RAM && gpa < BOX_RAM + BOX_SIZE
		       ? b->ram + (gpa - BOX_RAM)
		       : NULL;
}

static bool mmio(void *ctx, uint64_t gpa, unsigned size, bool write,
		 uint64_t *value)
{
	struct box *b = ctx;

	b->mmio_addr = gpa;
	b->mmio_size = size;
	b->mmio_write = write;
	b->mmio_count++;
	if (write)
		b->mmio_value = *value;
	else
		*value = b->mmio_value;
	return true;
}

static bool sysreg(void *ctx, uint32_t id, bool write, uint64_t *value)
{
	struct box *b = ctx;

	b->sysreg_id = id;
	if (write)
		b->sysreg_value = *value;
	else
		*value = b->sysreg_value;
	return b->sysreg_known;
}

static enum engine_stop hvc(void *ctx)
{
	struct box *b = ctx;

	b->hvcs++;
	return b->hvc_stop;
}

static void timer(void *ctx, bool physical, bool level)
{
	struct box *b = ctx;

	b->timer_edges[physical]++;
	b->timer_level[physical] = level;
}

static void user(void *ctx)
{
	struct box *b = ctx;

	b->user = true;
}

static const struct a64_env env = { ram, mmio, sysreg, hvc, timer, user };

struct box *box_new(void)
{
	struct box *b = calloc(1, sizeof(*b));
	unsigned i;

	assert_non_null(b);
	/* Pages of the host, as the real RAM's. */
	b->ram = aligned_alloc(PAGE_SIZE, BOX_SIZE);
	assert_non_null(b->ram);
	memset(b->ram, 0, BOX_SIZE);
	assert_int_equal(block_cache_init(&b->cache, 256 * 1024, NULL), 0);
	vtime_init_virtual(&b->vtime);
	b->cluster = (struct a64_cluster){ 1, { &b->cpu } };
	a64_init(&b->cpu, 0, &b->cluster, &env, b, &b->cache, &b->vtime);
	b->hvc_stop = STOP_SHUTDOWN;
	b->next_table = BOX_TABLES;
	b->cpu.sys.cpacr = 3 << 20;
	a64_update_mode(&b->cpu);
	b->cpu.sys.vbar = BOX_VBAR;
	for (i = 0; i < 0x800; i += 0x80)
		box_poke(b, BOX_VBAR + i, HVC, 4);
	b->cpu.e.pc = BOX_RAM;
	return b;
}

void box_free(struct box *b)
{
	block_cache_fini(&b->cache);
	free(b->ram);
	free(b);
}

void box_poke(struct box *b, uint64_t gpa, uint64_t value, unsigned size)
{
	uint8_t raw[8];

	put_le64(raw, value);
	block_written(&b->cache, b->ram + (gpa - BOX_RAM), size);
	memcpy(b->ram + (gpa - BOX_RAM), raw, size);
}

uint64_t box_peek(const struct box *b, uint64_t gpa, unsigned size)
{
	uint8_t raw[8] = { 0 };

	memcpy(raw, b->ram + (gpa - BOX_RAM), size);
	return le64(raw);
}

void box_code(struct box *b, uint64_t gpa, const uint32_t *insn, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		box_poke(b, gpa + 4 * i, insn[i], 4);
}

void box_go(struct box *b, unsigned limit)
{
	while (limit--) {
		enum engine_stop stop = a64_run(&b->cpu, 1000);

		if (stop != STOP_SLICE)
			return;
	}
}

void box_run(struct box *b, const uint32_t *insn, size_t n)
{
	box_code(b, BOX_RAM, insn, n);
	box_poke(b, BOX_RAM + 4 * n, HVC, 4);
	b->cpu.e.pc = BOX_RAM;
	box_go(b, 100);
}

int box_vector(const struct box *b)
{
	uint64_t at = b->cpu.e.pc - 4 - BOX_VBAR;

	return at < 0x800 && at % 0x80 == 0 ? (int)at : -1;
}

/* The table below entry `index` of the table at gpa, made if missing. */
static uint64_t below(struct box *b, uint64_t table, unsigned index)
{
	uint64_t desc = box_peek(b, table + index * 8, 8);

	if (!desc) {
		desc = b->next_table | 3;
		b->next_table += PAGE_SIZE;
		assert_true(b->next_table <= BOX_RAM + BOX_SIZE);
		box_poke(b, table + index * 8, desc, 8);
	}
	return desc & ~UINT64_C(0xfff);
}

void box_map(struct box *b, uint64_t va, uint64_t gpa, uint64_t attrs)
{
	uint64_t table = b->cpu.sys.ttbr0 & UINT64_C(0xfffffffff000);
	unsigned level;

	for (level = 0; level < 3; level++)
		table = below(b, table,
			      (unsigned)(va >> (39 - 9 * level)) & 511);
	box_poke(b, table + ((va >> 12) & 511) * 8, gpa | attrs | 3, 8);
}

void box_mmu(struct box *b)
{
	const struct a64_sysreg *tcr = a64_sysreg_find(A64_REG(3, 0, 2, 0, 2));
	const struct a64_sysreg *ttbr0 =
		a64_sysreg_find(A64_REG(3, 0, 2, 0, 0));
	const struct a64_sysreg *ttbr1 =
		a64_sysreg_find(A64_REG(3, 0, 2, 0, 1));
	const struct a64_sysreg *sctlr =
		a64_sysreg_find(A64_REG(3, 0, 1, 0, 0));
	uint64_t gpa;

	/* T0SZ = T1SZ = 16, 40 bits of output, 16-bit ASIDs in TTBR0. */
	a64_sysreg_set(&b->cpu, tcr,
		       16 | 16 << 16 | UINT64_C(2) << 32 | UINT64_C(1) << 36);
	a64_sysreg_set(&b->cpu, ttbr0, BOX_TABLES);
	a64_sysreg_set(&b->cpu, ttbr1, BOX_TABLES);
	b->next_table = BOX_TABLES + PAGE_SIZE;
	for (gpa = BOX_RAM; gpa < BOX_RAM + BOX_SIZE; gpa += PAGE_SIZE)
		box_map(b, gpa, gpa, PAGE_KERNEL);
	a64_sysreg_set(&b->cpu, sctlr, b->cpu.sys.sctlr | SCTLR_M);
}
