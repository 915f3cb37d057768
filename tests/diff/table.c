/* SPDX-License-Identifier: MIT */
/*
 * table.c - the A64 instruction set of ARMv8.0 as EL0 sees it, DDI 0487 C4.1.
 *
 * A pattern has a character for each bit, from bit 31 down:
 *
 *	0 1     fixed
 *	x       random
 *	d u     a destination (or stored register): a data register, or 31
 *	e       the same, but never 31, which would be SP
 *	n m a   a source: any register
 *	b       a base register or SP
 *	i j     an index register; j only as W
 *
 * Fields of reserved values are left random: both CPUs must call them
 * undefined.  Patterns keep away from what is CONSTRAINED UNPREDICTABLE
 * (write-back to a register that is loaded, and such), for there the two may
 * differ rightfully, and from what only the kernel below can answer: counters
 * and identification registers.
 */
#include "gen.h"

/* ---- Branches, exceptions, system ---------------------------------- */

static void emit_b(struct gen *g)
{
	gen_branch(g, rng_percent(&g->rng, 70) ? 0x14000000 : 0x94000000, 0,
		   26);
}

static void emit_b_cond(struct gen *g)
{
	gen_branch(g, 0x54000000 | rng_below(&g->rng, 16), 5, 19);
}

static void emit_cbz(struct gen *g)
{
	uint32_t op = rng_below(&g->rng, 4);

	gen_branch(g, 0x34000000 | (op & 1) << 24 | op >> 1 << 31 | gen_any(g),
		   5, 19);
}

static void emit_tbz(struct gen *g)
{
	uint32_t op = rng_below(&g->rng, 128);

	gen_branch(g,
		   0x36000000 | (op & 1) << 24 | (op >> 1 & 31) << 19 |
			   op >> 6 << 31 | gen_any(g),
		   5, 14);
}

/* ADR x, target; BR, BLR or RET x */
static void emit_br(struct gen *g)
{
	static const uint32_t op[] = { 0xd61f0000, 0xd63f0000, 0xd65f0000 };
	uint32_t r = gen_data(g);

	gen_branch(g, 0x10000000 | r, 5, 0);
	gen_put(g, op[rng_below(&g->rng, 3)] | r << 5);
}

/*
 * Somewhere that cannot be executed, or code that is not aligned.  Not both:
 * the PC alignment fault comes first (DDI 0487 D1.3.5), but not in QEMU.
 */
static void emit_br_wild(struct gen *g)
{
	uint32_t r = gen_data(g);

	if (rng_percent(&g->rng, 70)) {
		gen_put(g, 0xd503201f); /* these end the case: be rare */
		return;
	}
	if (rng_percent(&g->rng, 50)) {
		/* AND x, base, #~3 */
		gen_put(g, 0x927ef400 | (uint32_t)g->base[0] << 5 | r);
	} else {
		gen_branch(g, 0x10000000 | r, 5, 0);
		gen_put(g, 0x91000000 | (1 + rng_below(&g->rng, 3)) << 10 |
				   r << 5 | r);
	}
	gen_put(g, 0xd61f0000 | r << 5);
}

/* A call number that no Linux has: X0 becomes -ENOSYS. */
static void emit_svc(struct gen *g)
{
	gen_put(g, 0xd2800008 | 0xfff0 << 5);
	gen_put(g, 0xd4000001 | rng_below(&g->rng, 0x10000) << 5);
}

static void emit_brk(struct gen *g)
{
	gen_put(g, 0xd4200000 | rng_below(&g->rng, 0x10000) << 5);
}

/* HVC, SMC, DCPS1..3, and what is unallocated around them. */
static void emit_exception_undefined(struct gen *g)
{
	static const uint32_t op[] = {
		0xd4000000, 0xd4000002, 0xd4000003, 0xd4200001,
		0xd4a00001, 0xd4a00002, 0xd4a00003, 0xd4600000,
		0xd4800000, 0xd4c00000, 0xd4200010,
	};
	uint32_t n = sizeof(op) / sizeof(*op), imm;

	imm = rng_below(&g->rng, 64);
	gen_put(g, op[rng_below(&g->rng, n)] | imm << 5);
}

/* All hints but WFE and WFI, in which QEMU's user mode would wait. */
static void emit_hint(struct gen *g)
{
	uint32_t op;

	do
		op = rng_below(&g->rng, 128);
	while (op == 2 || op == 3);
	gen_put(g, 0xd503201f | op << 5);
}

static void emit_barrier(struct gen *g)
{
	static const uint32_t op[] = {
		0xd503309f,
		0xd50330bf,
		0xd50330df,
		0xd503305f,
	};

	uint32_t crm = rng_below(&g->rng, 16);

	gen_put(g, op[rng_below(&g->rng, 4)] | crm << 8);
}

enum {
	NZCV = 0x1b4200,
	FPCR = 0x1b4400,
	FPSR = 0x1b4420,
	TPIDR = 0x1bd040,
	TPIDRRO = 0x1bd060,
	DCZID = 0x1b00e0,
	MRS = (int)0xd5200000,
	MSR = (int)0xd5000000,
};

static void emit_mrs(struct gen *g)
{
	static const uint32_t reg[] = {
		NZCV, FPCR, FPSR, TPIDR, TPIDRRO, DCZID
	};

	uint32_t rt = gen_data(g);

	gen_put(g, (uint32_t)MRS | reg[rng_below(&g->rng, 6)] | rt);
}

static void emit_msr_nzcv(struct gen *g)
{
	gen_put(g, (uint32_t)MSR | NZCV | gen_any(g));
}

static void emit_msr_tpidr(struct gen *g)
{
	gen_put(g, (uint32_t)MSR | TPIDR | gen_any(g));
}

/* Only bits that v8.0 has: QEMU keeps some of the others. */
static void emit_msr_fpcr(struct gen *g)
{
	uint32_t r = gen_data(g);

	/* AND x, any, #0x7c00000 */
	gen_put(g, 0x926a1000 | gen_any(g) << 5 | r);
	gen_put(g, (uint32_t)MSR | FPCR | r);
}

static void emit_msr_fpsr(struct gen *g)
{
	uint32_t r = gen_data(g);

	/* AND x, any, #0x1f, and sometimes QC or IDC */
	gen_put(g, 0x92401000 | gen_any(g) << 5 | r);
	if (rng_percent(&g->rng, 30))
		gen_put(g, 0xb2650000 | r << 5 | r); /* ORR #0x8000000 */
	if (rng_percent(&g->rng, 30))
		gen_put(g, 0xb2790000 | r << 5 | r); /* ORR #0x80 */
	gen_put(g, (uint32_t)MSR | FPSR | r);
}

/* What EL0 must not touch. */
static void emit_sys_undefined(struct gen *g)
{
	static const uint32_t op[] = {
		0xd50342df, 0xd50342ff, /* MSR DAIFSet, DAIFClr */
		0xd500401f, 0xd50040bf, /* MSR PAN, SPSel */
		0xd53b4220, 0xd51b4220, /* DAIF */
		0xd5181000, 0xd5381000, /* SCTLR_EL1 */
		0xd5184000, 0xd5384020, /* SPSR_EL1, ELR_EL1 */
		0xd5384240, 0xd5384200, /* CurrentEL, SPSel */
		0xd508831f, 0xd508871f, /* TLBI */
		0xd508751f, 0xd5087620, /* IC IALLU, DC IVAC */
		0xd5087800, 0xd51be220, /* AT, CNTP_CTL */
		0xd51bd060,             /* TPIDRRO_EL0 */
		0xd51c1000, 0xd53c1000, /* EL2 */
		0xd51e1000, 0xd53e1000, /* EL3 */
		0xd69f03e0, 0xd6bf03e0, /* ERET, DRPS */
	};
	unsigned n = sizeof(op) / sizeof(*op);

	gen_put(g, op[rng_below(&g->rng, n)]);
}

/* Anything for EL1 and above, but the ID registers that Linux lends. */
static void emit_sys_any(struct gen *g)
{
	static const uint32_t op1[] = { 0, 4, 5, 6 };
	uint32_t insn = (uint32_t)rng_next(&g->rng) & 0x0038ffff;

	insn |= 0xd5000000 | op1[rng_below(&g->rng, 4)] << 16;
	if ((insn & 0x003ff000) == 0x00380000)
		insn |= 0x1000;
	gen_put(g, insn);
}

/*
 * DC ZVA in the window, or wherever a base register points.  When it faults
 * QEMU tells the pc that it has stored last, so in the second case an indirect
 * branch stores the right one.
 */
static void emit_zva(struct gen *g)
{
	uint64_t pc = slot_va(g->c->slot) + 4 * (uint64_t)g->c->count;
	uint32_t r = g->base[rng_below(&g->rng, 3)], to = gen_data(g), pages;

	if (rng_percent(&g->rng, 50)) {
		gen_put(g, 0x10000040 | to);      /* ADR x, .+8 */
		gen_put(g, 0xd61f0000 | to << 5); /* BR x */
	} else {
		r = to;
		pages = (uint32_t)((WINDOW >> 12) - (pc >> 12)) +
			rng_below(&g->rng, RW_BYTES / PAGE);
		gen_put(g, 0x90000000 | (pages & 3) << 29 | pages >> 2 << 5 |
				   r); /* ADRP, ADD */
		gen_put(g, 0x91000000 | rng_below(&g->rng, PAGE) << 10 |
				   r << 5 | r);
	}
	gen_put(g, 0xd50b7420 | r);
}

/* Maintenance that EL0 may do, of its own code: QEMU takes no faults there. */
static void emit_cache(struct gen *g)
{
	static const uint32_t op[] = { 0xd50b7a20, 0xd50b7b20, 0xd50b7e20,
				       0xd50b7520 };
	uint32_t r = gen_data(g);

	gen_branch(g, 0x10000000 | r, 5, 0);
	gen_put(g, op[rng_below(&g->rng, 4)] | r);
}

/* ---- Loads and stores ----------------------------------------------- */

/* An offset from the instruction to something that can be read. */
static void emit_literal(struct gen *g)
{
	uint64_t pc = slot_va(g->c->slot) + 4 * (uint64_t)g->c->count;
	uint64_t to = slot_va(g->c->slot) + 4 * rng_below(&g->rng, SLOT_WORDS);
	uint32_t op = rng_below(&g->rng, 8), rt;

	if (rng_percent(&g->rng, 80))
		to = WINDOW + 4 * rng_below(&g->rng, RW_BYTES / 4);
	else
		g->c->reads_code = 1;
	rt = op & 4 ? gen_any(g) : gen_data(g);
	gen_put(g, 0x18000000 | (op & 3) << 30 | (op & 4) << 24 |
			   ((uint32_t)(to - pc) >> 2 & 0x7ffff) << 5 | rt);
}

/* Pairs of SIMD registers: not the same one twice when loading. */
static void emit_pair_simd(struct gen *g)
{
	uint32_t r = (uint32_t)rng_next(&g->rng);
	uint32_t rt2 = r >> 10 & 31, rt = r & 31;

	if (rt == rt2)
		rt2 ^= 1;
	gen_put(g, 0x2c000000 | (r & 0xc1ff8000) | rt2 << 10 |
			   gen_base(g) << 5 | rt);
}

static void emit_pair(struct gen *g)
{
	uint32_t r = (uint32_t)rng_next(&g->rng);
	uint32_t rt = gen_data(g),
		 rt2 = rng_percent(&g->rng, 90) ? gen_data(g) : 31;

	if (rt == rt2)
		rt2 = 31;
	/* STGP, one of MTE's, has the place of a store-LDPSW. */
	gen_put(g, 0x28000000 | (r & 0xc1ff8000) | rt2 << 10 |
			   gen_base(g) << 5 | rt);
}

static void emit_ordered(struct gen *g)
{
	uint32_t size = rng_below(&g->rng, 4), load = rng_below(&g->rng, 2);

	uint32_t rt = load ? gen_data(g) : gen_any(g);

	gen_put(g,
		0x089ffc00 | size << 30 | load << 22 | gen_base(g) << 5 | rt);
}

/*
 * A load-exclusive, something in between, and a store-exclusive.  Both of one
 * size, and no store in between: what else a monitor notices is for each CPU
 * to say (B2.9.1).
 */
static void emit_exclusive(struct gen *g)
{
	uint32_t pair = rng_below(&g->rng, 2);
	uint32_t size =
		pair ? 2 + rng_below(&g->rng, 2) : rng_below(&g->rng, 4);
	uint32_t form = 0x08000000 | size << 30 | pair << 21;
	uint32_t base = gen_base(g), rt = gen_data(g), rt2 = gen_data(g);
	uint32_t rs = gen_data(g);

	while (rt2 == rt)
		rt2 = gen_data(g);
	g->c->exclusive = 1;
	while (rs == rt || rs == rt2)
		rs = gen_data(g);
	if (!pair)
		rt2 = 31;
	if (rng_percent(&g->rng, 90))
		gen_put(g, form | 0x005f0000 | rng_below(&g->rng, 2) << 15 |
				   rt2 << 10 | base << 5 | rt);
	if (rng_percent(&g->rng, 20))
		gen_pattern(g, "xxx01011000mmmmm000000nnnnnddddd"); /* ADD */
	if (rng_percent(&g->rng, 5))
		gen_put(g, 0xd5033f5f); /* CLREX */
	if (rng_percent(&g->rng, 10))
		base = gen_base(g);
	gen_put(g, form | rs << 16 | rng_below(&g->rng, 2) << 15 | rt2 << 10 |
			   base << 5 | rt);
	gen_put(g, 0xd5033f5f); /* so that no other class meets the monitor */
}

/* ---- Whole groups at random ------------------------------------------ */

/* Data processing, whatever it is. */
static void emit_any_data(struct gen *g)
{
	uint32_t insn, op0;

	do {
		insn = (uint32_t)rng_next(&g->rng);
		op0 = insn >> 25 & 15;
	} while ((op0 & 14) != 8 && (op0 & 7) != 5 && (op0 & 7) != 7);
	gen_put(g, (insn & ~31u) | gen_data(g));
}

/* Loads and stores, whatever they are; those with rules of their own aside. */
static void emit_any_ldst(struct gen *g)
{
	uint32_t insn, rt, rt2;

	do
		insn = ((uint32_t)rng_next(&g->rng) & ~0x0a000000u) |
		       0x08000000;
	while ((insn & 0x3b000000) == 0x18000000 || /* literal */
	       (insn & 0x3f000000) == 0x08000000);  /* exclusive */
	rt = gen_data(g);
	rt2 = gen_data(g);
	while (rt2 == rt)
		rt2 = gen_data(g);
	insn = (insn & ~0x3ffu) | gen_base(g) << 5 | rt;
	if ((insn & 0x38000000) == 0x28000000) /* pair */
		insn = (insn & ~0x7c00u) | rt2 << 10;
	else if ((insn & 0x39000000) == 0x39000000) /* offset of 12 bits */
		insn &= ~0x003f0000u;
	else /* index of any kind */
		insn = (insn & ~0x001f0000u) | (uint32_t)g->index << 16;
	gen_put(g, insn);
}

/* Encodings outside all groups: reserved, and SVE's. */
static void emit_reserved(struct gen *g)
{
	static const uint32_t op0[] = { 0, 1, 2, 3 };

	uint32_t insn = (uint32_t)rng_next(&g->rng) & ~0x1e000000u;

	gen_put(g, insn | op0[rng_below(&g->rng, 4)] << 25);
}

/* ---- Sequences -------------------------------------------------------- */

/* What sets flags and is followed by what reads them: decoders fuse these. */
static void emit_fused(struct gen *g)
{
	static const char *const set[] = {
		"x11100010xxxxxxxxxxxxxnnnnn11111", /* CMP imm */
		"x01100010xxxxxxxxxxxxxnnnnnddddd",
		"x1101011xx0mmmmmxxxxxxnnnnn11111", /* CMP reg */
		"x0101011xx0mmmmmxxxxxxnnnnnddddd",
		"x1101011000mmmmm000000nnnnnddddd",
		"x1101011001mmmmmxxxxxxnnnnnddddd",
		"x11100100xxxxxxxxxxxxxnnnnn11111", /* TST imm */
		"x1101010xx0mmmmmxxxxxxnnnnn11111",
		"x11010100x1mmmmmxxxxxxnnnnnddddd",
		"xx111010010mmmmmxxxxx0nnnnn0xxxx", /* CCMP */
		"xx111010000mmmmm000000nnnnnddddd", /* ADCS, SBCS */
	};
	static const char *const use[] = {
		"xx011010100mmmmmxxxx0xnnnnneeeee", /* CSEL */
		"x001101010011111xxxx0111111eeeee", /* CSET */
		"xx111010010mmmmmxxxxx0nnnnn0xxxx",
		"xx011010000mmmmm000000nnnnneeeee", /* ADC, SBC */
	};

	gen_pattern(g, set[rng_below(&g->rng, sizeof(set) / sizeof(*set))]);
	if (rng_percent(&g->rng, 50))
		emit_b_cond(g);
	else
		gen_pattern(
			g, use[rng_below(&g->rng, sizeof(use) / sizeof(*use))]);
}

/* The same with operands that are equal, or apart by one. */
static void emit_fused_near(struct gen *g)
{
	static const uint32_t op[] = { 0x11000000, 0x11000400, 0x51000400 };
	uint32_t a = gen_data(g), b = gen_data(g), n;
	uint32_t sf = rng_below(&g->rng, 2) << 31;

	if (rng_percent(&g->rng, 50)) { /* b = a, a + 1 or a - 1; CMP a, b */
		gen_put(g, sf | op[rng_below(&g->rng, 3)] | a << 5 | b);
		gen_put(g, sf | 0x6b00001f | b << 16 | a << 5);
	} else { /* a = n; CMP a, #n-1, n or n+1 */
		n = 1 + rng_below(&g->rng, 4000);
		gen_put(g, 0xd2800000 | n << 5 | a); /* MOVZ */
		gen_put(g, sf | 0x7100001f |
				   (n + rng_below(&g->rng, 3) - 1) << 10 |
				   a << 5);
	}
	emit_b_cond(g);
}

static void emit_fused_fp(struct gen *g)
{
	gen_pattern(g, "000111100x1mmmmm001000nnnnnxx000"); /* FCMP */
	if (rng_percent(&g->rng, 50))
		emit_b_cond(g);
	else
		gen_pattern(g, "000111100x1mmmmmxxxx11nnnnnddddd"); /* FCSEL */
}

/* Pairs that decoders like to fuse: addresses, constants, moves in a row. */
static void emit_idiom(struct gen *g)
{
	uint32_t r = gen_data(g), n;

	switch (rng_below(&g->rng, 4)) {
	case 0: /* MOVZ, MOVK... */
		n = 1 + rng_below(&g->rng, 3);
		gen_put(g, 0xd2800000 | rng_below(&g->rng, 1 << 18) << 5 | r);
		while (n--)
			gen_put(g, 0xf2800000 |
					   rng_below(&g->rng, 1 << 18) << 5 |
					   r);
		break;
	case 1: /* ADRP, ADD */
		gen_put(g, 0x90000000 | rng_below(&g->rng, 1 << 10) << 5 | r);
		gen_put(g, 0x91000000 | rng_below(&g->rng, 1 << 12) << 10 |
				   r << 5 | r);
		break;
	case 2: /* LDP/STP with write-back and back again */
		n = gen_base(g) << 5;
		gen_put(g, 0xa9bf0000 | 31 << 10 | n | r);
		gen_put(g, 0xa8c10000 | 31 << 10 | n | r);
		break;
	default: /* a word, used at once */
		gen_put(g, 0xb9400000 | gen_base(g) << 5 | r);
		gen_put(g, 0x8b000000 | r << 16 | r << 5 | gen_data(g));
		break;
	}
}

/* ---- The table --------------------------------------------------------- */

#define P(name, bits)                   \
	{                               \
		name, bits, NULL, false \
	}
#define F(name, emit)                   \
	{                               \
		name, NULL, emit, false \
	}
#define R(name, emit)                  \
	{                              \
		name, NULL, emit, true \
	}

const struct iclass iclasses[] = {
	/* Data processing, immediate: C4.1.86 */
	P("int.adr", "xxx10000xxxxxxxxxxxxxxxxxxxddddd"),
	P("int.add-imm", "xx0100010xxxxxxxxxxxxxnnnnneeeee"),
	P("int.adds-imm", "xx1100010xxxxxxxxxxxxxnnnnnddddd"),
	P("int.logic-imm", "x00100100xxxxxxxxxxxxxnnnnneeeee"),
	P("int.logic-imm", "x01100100xxxxxxxxxxxxxnnnnneeeee"),
	P("int.logic-imm64", "1x01001001xxxxxxxxxxxxnnnnneeeee"),
	P("int.eor-imm", "x10100100xxxxxxxxxxxxxnnnnneeeee"),
	P("int.ands-imm", "x11100100xxxxxxxxxxxxxnnnnnddddd"),
	P("int.mov-wide", "xxx100101xxxxxxxxxxxxxxxxxxddddd"),
	P("int.movz", "x10100101xxxxxxxxxxxxxxxxxxddddd"),
	P("int.movk", "x11100101xxxxxxxxxxxxxxxxxxddddd"),
	P("int.bitfield64", "1xx1001101xxxxxxxxxxxxnnnnnddddd"),
	P("int.bitfield32", "0xx10011000xxxxx0xxxxxnnnnnddddd"),
	P("int.bitfield", "xxx100110xxxxxxxxxxxxxnnnnnddddd"),
	P("int.extr64", "10010011110mmmmmxxxxxxnnnnnddddd"),
	P("int.extr32", "00010011100mmmmm0xxxxxnnnnnddddd"),
	P("int.extr", "xxx100111xxmmmmmxxxxxxnnnnnddddd"),

	/* Data processing, register: C4.1.89 */
	P("int.logic-reg", "xxx01010xxxmmmmmxxxxxxnnnnnddddd"),
	P("int.logic-reg0", "xxx0101000xmmmmm000000nnnnnddddd"),
	P("int.add-reg", "xxx01011xx0mmmmmxxxxxxnnnnnddddd"),
	P("int.add-reg0", "xxx01011000mmmmm000000nnnnnddddd"),
	P("int.add-ext", "xx001011001mmmmmxxxxxxnnnnneeeee"),
	P("int.adds-ext", "xx101011001mmmmmxxxxxxnnnnnddddd"),
	P("int.add-ext?", "xx001011xx1mmmmmxxxxxxnnnnneeeee"),
	P("int.adc", "xxx11010000mmmmm000000nnnnnddddd"),
	P("int.ccmp", "xx111010010mmmmmxxxxx0nnnnn0xxxx"),
	P("int.csel", "xx011010100mmmmmxxxx0xnnnnnddddd"),
	P("int.csel?", "xxx11010100mmmmmxxxxxxnnnnnddddd"),
	P("int.mul", "x0011011000mmmmmxaaaaannnnnddddd"),
	P("int.mull", "10011011x01mmmmmxaaaaannnnnddddd"),
	P("int.mulh", "10011011x10mmmmm0xxxxxnnnnnddddd"),
	P("int.dp3?", "xxx11011xxxmmmmmxaaaaannnnnddddd"),
	P("int.div", "x0011010110mmmmm00001xnnnnnddddd"),
	P("int.shift", "x0011010110mmmmm0010xxnnnnnddddd"),
	P("int.crc32", "x0011010110mmmmm010xxxnnnnnddddd"),
	P("int.dp2?", "x0x11010110mmmmmxxxxxxnnnnnddddd"),
	P("int.dp1", "x101101011000000000xxxnnnnnddddd"),
	P("int.dp1?", "x1x11010110xxxxxxxxxxxnnnnnddddd"),
	P("int.any-reg?", "xxxx101xxxxmmmmmxxxxxxnnnnneeeee"),
	F("int.fused", emit_fused),
	F("int.fused2", emit_fused),
	F("int.fused-near", emit_fused_near),
	F("int.idiom", emit_idiom),

	/* Branches, exceptions, system: C4.1.87 */
	F("branch.b", emit_b),
	F("branch.cond", emit_b_cond),
	F("branch.cbz", emit_cbz),
	F("branch.tbz", emit_tbz),
	F("branch.br", emit_br),
	P("branch.none?", "x11101xxxxxxxxxxxxxxxxxxxxxxxxxx"),
	P("branch.cond?", "0101010xxxxxxxxxxxxxxxxxxxx1xxxx"),
	P("branch.br?", "1101011xxxx11111xxxxx1nnnnnxxxxx"),
	P("branch.br-op?", "11010111xxx11111000000nnnnn00000"),
	F("branch.wild", emit_br_wild),
	F("sys.svc", emit_svc),
	F("sys.brk", emit_brk),
	F("sys.undefined", emit_exception_undefined),
	P("sys.exception?", "1101010011xxxxxxxxxxxxxxxxxxxxxx"),
	P("sys.exception-op2?", "11010100xxxxxxxxxxxxxxxxxxx1xxxx"),
	F("sys.any", emit_sys_any),
	F("sys.hint", emit_hint),
	F("sys.barrier", emit_barrier),
	F("sys.mrs", emit_mrs),
	F("sys.msr-nzcv", emit_msr_nzcv),
	F("sys.msr-tpidr", emit_msr_tpidr),
	F("sys.msr-fpcr", emit_msr_fpcr),
	F("sys.msr-fpsr", emit_msr_fpsr),
	F("sys.el1", emit_sys_undefined),
	F("sys.zva", emit_zva),
	F("sys.cache", emit_cache),

	/* Loads and stores: C4.1.88 */
	P("ldst.unscaled", "xx111000xx0xxxxxxxxx00bbbbbddddd"),
	P("ldst.post", "xx111000xx0xxxxxxxxx01bbbbbddddd"),
	P("ldst.unpriv", "xx111000xx0xxxxxxxxx10bbbbbddddd"),
	P("ldst.pre", "xx111000xx0xxxxxxxxx11bbbbbddddd"),
	P("ldst.offset", "xx111001xx000000xxxxxxbbbbbddddd"),
	P("ldst.offset-far", "xx111001xx00xxxxxxxxxxbbbbbddddd"),
	P("ldst.index", "xx111000xx1iiiiixxxx10bbbbbddddd"),
	P("ldst.index-w", "xx111000xx1jjjjjx10x10bbbbbddddd"),
	F("ldst.literal", emit_literal),
	F("ldst.pair", emit_pair),
	F("ldst.ordered", emit_ordered),
	F("ldst.exclusive", emit_exclusive),
	P("ldst.stllr?", "xx0010001x0xxxxx0xxxxxbbbbbddddd"),
	P("ldst.cas?", "xx0010001x1xxxxxxxxxxxbbbbbddddd"),
	P("ldst.casp?", "0x0010000x1xxxxxxxxxxxbbbbbddddd"),
	P("ldst-simd.unscaled", "xx111100xx0xxxxxxxxx00bbbbbxxxxx"),
	P("ldst-simd.post", "xx111100xx0xxxxxxxxx01bbbbbxxxxx"),
	P("ldst-simd.pre", "xx111100xx0xxxxxxxxx11bbbbbxxxxx"),
	P("ldst-simd.offset", "xx111101xx000000xxxxxxbbbbbxxxxx"),
	P("ldst-simd.offset-far", "xx111101xx00xxxxxxxxxxbbbbbxxxxx"),
	P("ldst-simd.index", "xx111100xx1iiiiixxxx10bbbbbxxxxx"),
	P("ldst-simd.index-w", "xx111100xx1jjjjjx10x10bbbbbxxxxx"),
	F("ldst-simd.pair", emit_pair_simd),
	P("ldst-simd.multi", "0x0011000x000000xxxxxxbbbbbxxxxx"),
	P("ldst-simd.multi-post", "0x0011001x011111xxxxxxbbbbbxxxxx"),
	P("ldst-simd.multi-post-reg", "0x0011001x0iiiiixxxxxxbbbbbxxxxx"),
	P("ldst-simd.single", "0x0011010xx00000xxxxxxbbbbbxxxxx"),
	P("ldst-simd.single-post", "0x0011011xx11111xxxxxxbbbbbxxxxx"),
	P("ldst-simd.single-post-reg", "0x0011011xxiiiiixxxxxxbbbbbxxxxx"),

	/* Advanced SIMD: C4.1.90 */
	P("simd.3same", "0xx01110xx1xxxxxxxxxx1xxxxxxxxxx"),
	P("simd.3same-int", "0xx01110xx1xxxxx0xxxx1xxxxxxxxxx"),
	P("simd.3same-fp", "0xx01110xx1xxxxx11xxx1xxxxxxxxxx"),
	P("simd.3diff", "0xx01110xx1xxxxxxxxx00xxxxxxxxxx"),
	P("simd.2misc", "0xx01110xx100000xxxx10xxxxxxxxxx"),
	P("simd.2misc-fp", "0xx01110xx100001xxxx10xxxxxxxxxx"),
	P("simd.across", "0xx01110xx11000xxxxx10xxxxxxxxxx"),
	P("simd.copy", "0xx01110000xxxxx0xxxx1nnnnneeeee"),
	P("simd.dup-elem", "0x001110000xxxxx000001xxxxxxxxxx"),
	P("simd.dup-reg", "0x001110000xxxxx000011nnnnnxxxxx"),
	P("simd.ins-reg", "01001110000xxxxx000111nnnnnxxxxx"),
	P("simd.ins-elem", "01101110000xxxxx0xxxx1xxxxxxxxxx"),
	P("simd.smov", "0x001110000xxxxx001011xxxxxddddd"),
	P("simd.umov", "0x001110000xxxxx001111xxxxxddddd"),
	P("simd.by-element", "0xx01111xxxxxxxxxxxxx0xxxxxxxxxx"),
	P("simd.mod-imm", "0xx0111100000xxxxxxxx1xxxxxxxxxx"),
	P("simd.shift-imm", "0xx011110xxxxxxxxxxxx1xxxxxxxxxx"),
	P("simd.shift-imm-narrow", "0xx0111100xxxxxx100xx1xxxxxxxxxx"),
	P("simd.permute", "0x001110xx0xxxxx0xxx10xxxxxxxxxx"),
	P("simd.ext", "0x101110xx0xxxxx0xxxx0xxxxxxxxxx"),
	P("simd.tbl", "0x001110000xxxxx0xxx00xxxxxxxxxx"),
	P("simd-scalar.3same", "01x11110xx1xxxxxxxxxx1xxxxxxxxxx"),
	P("simd-scalar.3diff", "01x11110xx1xxxxxxxxx00xxxxxxxxxx"),
	P("simd-scalar.2misc", "01x11110xx10000xxxxx10xxxxxxxxxx"),
	P("simd-scalar.pairwise", "01x11110xx11000xxxxx10xxxxxxxxxx"),
	P("simd-scalar.copy", "01011110000xxxxx000001xxxxxxxxxx"),
	P("simd-scalar.by-element", "01x11111xxxxxxxxxxxxx0xxxxxxxxxx"),
	P("simd-scalar.shift-imm", "01x111110xxxxxxxxxxxx1xxxxxxxxxx"),
	P("crypto.aes", "0100111000101000010x10xxxxxxxxxx"),
	P("crypto.aesmc", "0100111000101000011x10xxxxxxxxxx"),
	P("crypto.sha3", "01011110000xxxxx0xxx00xxxxxxxxxx"),
	P("crypto.sha2", "010111100010100000xx10xxxxxxxxxx"),
	P("crypto.any?", "01x0111xxx10100xxxxx10xxxxxxxxxx"),

	/* Scalar floating point: C4.1.90 */
	P("fp.1src", "000111100x1000xxx10000xxxxxxxxxx"),
	P("fp.convert", "00011110xx10001xx10000xxxxxxxxxx"),
	P("fp.round", "000111100x1001xxx10000xxxxxxxxxx"),
	P("fp.2src", "000111100x1xxxxxxxxx10xxxxxxxxxx"),
	P("fp.3src", "000111110xxxxxxxxxxxxxxxxxxxxxxx"),
	P("fp.compare", "000111100x1xxxxx001000xxxxxxx000"),
	P("fp.ccmp", "000111100x1xxxxxxxxx01xxxxxxxxxx"),
	P("fp.csel", "000111100x1xxxxxxxxx11xxxxxxxxxx"),
	P("fp.imm", "000111100x1xxxxxxxx10000000xxxxx"),
	P("fp.fixed-to", "x00111100x00001xxxxxxxnnnnnxxxxx"),
	P("fp.to-fixed", "x00111100x01100xxxxxxxxxxxxddddd"),
	P("fp.to-int", "x00111100x1xxx0x000000xxxxxddddd"),
	P("fp.to-int-z", "x00111100x11100x000000xxxxxddddd"),
	P("fp.from-int", "x00111100x10001x000000nnnnnxxxxx"),
	P("fp.move", "x00111100x10011x000000nnnnnddddd"),
	P("fp.move-high", "100111101010111x000000nnnnnddddd"),
	F("fp.fused", emit_fused_fp),
	P("fp.any?", "xxx1111xxx1xxxxxxxxxxxxxxxxddddd"),

	F("any.data", emit_any_data),
	F("any.ldst", emit_any_ldst),
	R("any.reserved", emit_reserved),
};

const unsigned iclass_count = sizeof(iclasses) / sizeof(*iclasses);
