/* SPDX-License-Identifier: MIT */
/* mmu.c - the page table walk, and accesses that miss the TLB. */
#include "cpu/arm64/mmu.h"

#include "cpu/arm64/alu.h"
#include "cpu/arm64/exception.h"
#include "cpu/arm64/mem.h"
#include "cpu/arm64/sysreg.h"

/* Translation table descriptors, D8.3. */
#define DESC_VALID UINT64_C(1)
#define DESC_TABLE UINT64_C(2)
#define DESC_AP_USER (UINT64_C(1) << 6)
#define DESC_AP_RO (UINT64_C(1) << 7)
#define DESC_AF (UINT64_C(1) << 10)
#define DESC_NG (UINT64_C(1) << 11)
#define DESC_PXN (UINT64_C(1) << 53)
#define DESC_UXN (UINT64_C(1) << 54)
#define DESC_PXNTABLE (UINT64_C(1) << 59)
#define DESC_UXNTABLE (UINT64_C(1) << 60)
#define DESC_APTABLE_NO_USER (UINT64_C(1) << 61)
#define DESC_APTABLE_RO (UINT64_C(1) << 62)
#define DESC_ADDRESS UINT64_C(0x0000fffffffff000)

enum { LAST_LEVEL = 3, BITS_PER_LEVEL = 9 };

/* One of the two tables, as TCR_EL1 describes it. */
struct table {
	uint64_t base;
	unsigned bits; /* of virtual address it translates */
	bool tbi, disabled;
};

static struct table table_of(const struct a64 *c, bool upper)
{
	uint64_t tcr = c->sys.tcr, ttbr = upper ? c->sys.ttbr1 : c->sys.ttbr0;
	unsigned tsz = (unsigned)(tcr >> (upper ? 16 : 0)) & 63;

	/* Out-of-range sizes act as the nearest limit, D8.2.5. */
	if (tsz < 16)
		tsz = 16;
	if (tsz > 39)
		tsz = 39;
	return (struct table){
		.base = ttbr & DESC_ADDRESS,
		.bits = 64 - tsz,
		.tbi = tcr >> (upper ? 38 : 37) & 1,
		.disabled = tcr >> (upper ? 23 : 7) & 1,
	};
}

/* Bits of physical address that TCR_EL1.IPS allows, and that we have. */
static unsigned output_bits(const struct a64 *c)
{
	static const uint8_t by_ips[8] = { 32, 36, 40, 40, 40, 40, 40, 40 };

	return by_ips[c->sys.tcr >> 32 & 7];
}

static void fault(struct a64_walk *w, unsigned fsc)
{
	w->fault = true;
	w->fsc = fsc;
}

/* Fold the table's limits into the descriptor's own permissions. */
static uint64_t inherit(uint64_t attrs, uint64_t table)
{
	if (table & DESC_PXNTABLE)
		attrs |= DESC_PXN;
	if (table & DESC_UXNTABLE)
		attrs |= DESC_UXN;
	if (table & DESC_APTABLE_RO)
		attrs |= DESC_AP_RO;
	if (table & DESC_APTABLE_NO_USER)
		attrs &= ~DESC_AP_USER;
	return attrs;
}

/* D8.4: what may be done with a page of these attributes. */
static unsigned uses_of(const struct a64 *c, uint64_t attrs, bool user)
{
	bool for_user = attrs & DESC_AP_USER, ro = attrs & DESC_AP_RO;
	bool read = !user || for_user, write = read && !ro;
	/* Without leave to read, EL0 may still execute: D8.4.3. */
	bool exec = !(attrs & (user ? DESC_UXN : DESC_PXN));

	/* What EL0 may write, EL1 must not execute: D8.4.5. */
	if (!user && for_user && !ro)
		exec = false;
	if (c->sys.sctlr & SCTLR_WXN && write)
		exec = false;
	return (read ? TLB_READ : 0u) | (write ? TLB_WRITE : 0u) |
	       (exec ? TLB_EXEC : 0u);
}

/* Read a descriptor; false when it is not in RAM. */
static bool descriptor(struct a64 *c, uint64_t gpa, uint64_t *desc)
{
	const uint8_t *page = c->env->ram(c->ctx, gpa & PAGE_MASK);

	if (!page)
		return false;
	*desc = a64_ld(page + (gpa & ~PAGE_MASK), 8);
	return true;
}

static void found(const struct a64 *c, uint64_t desc, uint64_t tables,
		  unsigned level, uint64_t va, bool user, struct a64_walk *w)
{
	unsigned shift = PAGE_BITS + BITS_PER_LEVEL * (LAST_LEVEL - level);
	uint64_t below = (UINT64_C(1) << shift) - 1;

	w->gpa = (desc & DESC_ADDRESS & ~below) | (va & below);
	w->large = level != LAST_LEVEL;
	w->global = !(desc & DESC_NG);
	w->uses = uses_of(c, inherit(desc, tables), user);
	w->fsc = level;
	if (w->gpa >> output_bits(c))
		fault(w, FSC_ADDRESS + level);
	else if (!(desc & DESC_AF))
		fault(w, FSC_ACCESS + level);
}

static void walk_tables(struct a64 *c, const struct table *t, uint64_t va,
			bool user, struct a64_walk *w)
{
	unsigned level =
		4 - (t->bits - PAGE_BITS + BITS_PER_LEVEL - 1) / BITS_PER_LEVEL;
	uint64_t gpa = t->base, desc, tables = 0;
	uint64_t input = va & (UINT64_MAX >> (64 - t->bits));

	for (;; level++) {
		unsigned shift =
			PAGE_BITS + BITS_PER_LEVEL * (LAST_LEVEL - level);
		uint64_t index = input >> shift;

		input &= (UINT64_C(1) << shift) - 1;
		if (gpa >> output_bits(c)) {
			fault(w, FSC_ADDRESS + (level ? level - 1 : 0));
			return;
		}
		if (!descriptor(c, gpa + index * 8, &desc)) {
			fault(w, FSC_EXTERNAL_WALK + level);
			return;
		}
		if (!(desc & DESC_VALID) ||
		    (!(desc & DESC_TABLE) &&
		     (level == 0 || level == LAST_LEVEL))) {
			fault(w, FSC_TRANSLATION + level);
			return;
		}
		if (level == LAST_LEVEL || !(desc & DESC_TABLE))
			break;
		tables |= desc;
		gpa = desc & DESC_ADDRESS;
	}
	found(c, desc, tables, level, va, user, w);
}

static void walk_flat(uint64_t va, struct a64_walk *w)
{
	w->gpa = va;
	w->uses = TLB_READ | TLB_WRITE | TLB_EXEC;
	w->global = true;
	if (va >> A64_PA_BITS)
		fault(w, FSC_ADDRESS);
}

static void walk(struct a64 *c, uint64_t va, bool user, struct a64_walk *w)
{
	bool upper = va >> 55 & 1;
	struct table t;
	uint64_t high;

	*w = (struct a64_walk){ 0 };
	if (!(c->sys.sctlr & SCTLR_M)) {
		walk_flat(va, w);
		return;
	}
	t = table_of(c, upper);
	/* The bits above the table's must all equal bit 55. */
	high = t.tbi ? sext(va, 56) : va;
	if (t.disabled || (upper ? ~high : high) >> t.bits) {
		fault(w, FSC_TRANSLATION);
		return;
	}
	walk_tables(c, &t, va, user, w);
}

void a64_walk(struct a64 *c, uint64_t va, bool user, enum a64_use use,
	      struct a64_walk *w)
{
	walk(c, va, user, w);
	if (!w->fault && !(w->uses >> use & 1))
		fault(w, FSC_PERMISSION + w->fsc);
}

/* Remember a translation for the fast way, unless its address has a tag. */
static void remember(struct a64 *c, uint64_t va, bool user,
		     const struct a64_walk *w, uint8_t *page)
{
	unsigned uses = w->uses;
	uint64_t context = (c->e.tlb.context[va >> 63] & ~(uint64_t)TLB_USER) |
			   (user ? TLB_USER : 0);

	if (sext(va, 56) != va)
		return;
	if (va >> 63 && !w->global)
		c->upper_private = true;
	if (c->sys.sctlr & SCTLR_A) /* every access has to be looked at */
		uses &= (unsigned)TLB_EXEC;
	if (block_page_has_code(c->e.cache, page))
		uses &= ~(unsigned)TLB_WRITE;
	tlb_insert(&c->e.tlb, va, context, page, uses, w->large);
}

/* One page's part of an access. */
struct part {
	uint8_t *host; /* NULL: a device */
	uint64_t gpa;
	unsigned len;
};

static bool translate(struct a64 *c, const struct a64_op *op, uint64_t va,
		      unsigned len, unsigned flags, bool write,
		      struct part *part)
{
	bool user = c->el == 0 || flags & A64_UNPRIV;
	struct a64_walk w;
	uint8_t *page;

	a64_walk(c, va, user, write ? USE_WRITE : USE_READ, &w);
	if (w.fault) {
		a64_data_abort(c, op, va, w.fsc | (write ? ISS_WNR : 0));
		return false;
	}
	*part = (struct part){ .gpa = w.gpa, .len = len };
	page = c->env->ram(c->ctx, w.gpa & PAGE_MASK);
	if (!page)
		return true;
	part->host = page + (w.gpa & ~PAGE_MASK);
	if (write)
		block_written(c->e.cache, part->host, len);
	remember(c, va, user, &w, page);
	return true;
}

static bool aligned(struct a64 *c, const struct a64_op *op, uint64_t va,
		    unsigned size, unsigned flags, bool write)
{
	unsigned unit =
		flags & A64_PAIR && !(flags & A64_EXCL) ? size / 2 : size;
	bool strict = flags & (A64_ORDERED | A64_EXCL) ||
		      (c->sys.sctlr & SCTLR_A && !(flags & A64_PROBE));

	if (!strict || !(va & (unit - 1)))
		return true;
	a64_data_abort(c, op, va, FSC_ALIGNMENT | (write ? ISS_WNR : 0));
	return false;
}

/* What a device sees of an access at a time. */
static unsigned device_unit(unsigned size, unsigned flags)
{
	if (flags & A64_PROBE)
		return 1;
	return flags & A64_PAIR || size > 8 ? size / 2 : size;
}

/* Both parts of an access, the second empty when it stays in one page. */
static bool locate(struct a64 *c, const struct a64_op *op, uint64_t va,
		   unsigned size, unsigned flags, bool write,
		   struct part part[static 2])
{
	unsigned room = PAGE_SIZE - (unsigned)(va & ~PAGE_MASK);
	unsigned first = size < room ? size : room;

	if (!aligned(c, op, va, size, flags, write))
		return false;
	part[1] = (struct part){ 0 };
	if (!translate(c, op, va, first, flags, write, &part[0]))
		return false;
	c->access_gpa = part[0].gpa;
	if (first < size &&
	    !translate(c, op, va + first, size - first, flags, write, &part[1]))
		return false;
	/* A device takes no unaligned accesses, whatever SCTLR_EL1.A says. */
	if ((!part[0].host || (part[1].len && !part[1].host)) &&
	    va & (device_unit(size, flags) - 1)) {
		a64_data_abort(c, op, va,
			       FSC_ALIGNMENT | (write ? ISS_WNR : 0));
		return false;
	}
	return true;
}

/* Part of an access that lies in a device, in pieces that are legal there. */
static void device(struct a64 *c, const struct part *p, uint8_t *bytes,
		   unsigned unit, bool write)
{
	unsigned i;

	for (i = 0; i < p->len; i += unit) {
		uint64_t v = write ? a64_ld(bytes + i, unit) : 0;

		(void)c->env->mmio(c->ctx, p->gpa + i, unit, write, &v);
		if (!write)
			a64_st(bytes + i, unit, v);
	}
	/* The device may have raised our interrupt. */
	if (a64_irq_level(c))
		engine_limit(&c->e, 0);
}

/*
 * Move both parts, each of which may be RAM or a device.  Where one is, the
 * access is aligned to its unit, so that no unit is in both pages.
 */
static void transfer(struct a64 *c, const struct part part[static 2],
		     unsigned unit, bool write)
{
	uint8_t *bytes = c->mem.b;
	unsigned i;

	for (i = 0; i < 2; bytes += part[i].len, i++) {
		if (!part[i].len)
			continue;
		if (!part[i].host)
			device(c, &part[i], bytes, unit, write);
		else if (write)
			memcpy(part[i].host, bytes, part[i].len);
		else
			memcpy(bytes, part[i].host, part[i].len);
	}
}

bool a64_load_slow(struct a64 *c, const struct a64_op *op, uint64_t va,
		   unsigned size, unsigned flags)
{
	struct part part[2];

	if (!locate(c, op, va, size, flags, false, part))
		return false;
	transfer(c, part, device_unit(size, flags), false);
	return true;
}

bool a64_store_slow(struct a64 *c, const struct a64_op *op, uint64_t va,
		    unsigned size, unsigned flags)
{
	struct part part[2];

	if (!locate(c, op, va, size, flags, true, part))
		return false;
	transfer(c, part, device_unit(size, flags), true);
	return true;
}

bool a64_check(struct a64 *c, const struct a64_op *op, uint64_t va,
	       unsigned size, unsigned flags, bool write)
{
	struct part part[2];

	return locate(c, op, va, size, flags, write, part);
}

bool a64_probe(struct a64 *c, const struct a64_op *op, uint64_t va,
	       unsigned size, bool write)
{
	struct part part[2];

	return locate(c, op, va, size, A64_PROBE, write, part);
}

/* BranchTo(), J1.3.3: a tag does not become part of the pc. */
static uint64_t canonical(const struct a64 *c, uint64_t va)
{
	bool tbi = c->sys.tcr >> (va >> 55 & 1 ? 38 : 37) & 1;

	return c->sys.sctlr & SCTLR_M && tbi ? sext(va, 56) : va;
}

const uint8_t *a64_fetch(struct a64 *c)
{
	uint64_t va = canonical(c, c->e.pc);
	unsigned ec = EC_IABT + (c->el ? EC_SAME_EL : 0);
	struct a64_walk w;
	uint8_t *page;

	c->e.pc = va;
	if (va & 3) {
		c->sys.far = va;
		a64_exception(c, va, EC_PC_ALIGN, 0);
		return NULL;
	}
	a64_walk(c, va, c->el == 0, USE_EXEC, &w);
	page = w.fault ? NULL : c->env->ram(c->ctx, w.gpa & PAGE_MASK);
	if (!w.fault && !page)
		fault(&w, FSC_EXTERNAL);
	if (w.fault) {
		c->sys.far = va;
		a64_exception(c, va, ec, w.fsc);
		return NULL;
	}
	remember(c, va, c->el == 0, &w, page);
	return page + (w.gpa & ~PAGE_MASK);
}

bool a64_sp_unaligned(struct a64 *c, const struct a64_op *op)
{
	uint64_t check = c->el ? SCTLR_SA : SCTLR_SA0;

	if (!(c->sys.sctlr & check))
		return true;
	a64_raise(c, op, EC_SP_ALIGN, 0);
	return false;
}
