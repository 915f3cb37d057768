/* SPDX-License-Identifier: MIT */
/*
 * diff.c - runs random A64 instructions on our CPU and on another, and says
 * where they disagree.
 *
 * Each case is run by the oracle once and by us several times: in one slice,
 * again with the blocks that were made then, in small slices; and when it
 * ends in a fault, again without the instruction that faulted, to see that it
 * left no trace.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "compare.h"
#include "gen.h"
#include "machine.h"
#include "oracle_link.h"

enum {
	SKIPPED = 77, /* meson's word for it */
	DIFFS_MAX = 10,
	SEEDS_MAX = 64,
	ONE_SLICE = 10000,
};

#define NOP UINT32_C(0xd503201f)

struct options {
	const char *oracle, *runner, *names;
	uint64_t seed[SEEDS_MAX];
	unsigned seeds;
	uint64_t cases, insns, one;
	unsigned seconds;
	bool only_one;
};

struct session {
	const struct options *opt;
	struct oracle oracle;
	struct machine *machine;
	struct choice choice;
	struct dcase batch[BATCH];
	struct outcome theirs, ours, again;
	uint64_t seed, insns;
	unsigned diffs;
	struct timespec start;
};

static void disassemble(const struct dcase *c)
{
	char path[] = "/tmp/diff-XXXXXX", line[256];
	int fd = mkstemp(path);
	FILE *p;

	if (fd < 0)
		return;
	if (write(fd, c->insn, 4 * c->count) == (ssize_t)(4 * c->count)) {
		snprintf(line, sizeof(line),
			 "aarch64-linux-gnu-objdump -D -b binary -m aarch64 "
			 "--adjust-vma=%#" PRIx64 " %s 2>&1",
			 slot_va(c->slot), path);
		p = popen(line, "r");
		while (p && fgets(line, sizeof(line), p))
			if (line[0] == ' ' && !strstr(line, "\tnop"))
				printf("%s", line);
		if (p)
			pclose(p);
	}
	close(fd);
	unlink(path);
}

static void case_show(const struct dcase *c)
{
	uint32_t used = 0, i;

	disassemble(c);
	for (i = 0; i < c->count; i++) {
		uint32_t w = c->insn[i];

		if (w == NOP)
			continue;
		printf("  +%#x: %08x\n", 4 * i, w);
		used |= 1u << (w & 31) | 1u << (w >> 5 & 31) |
			1u << (w >> 10 & 31) | 1u << (w >> 16 & 31);
	}
	for (i = 0; i < 32; i++)
		if (used >> i & 1)
			printf("  x%-2u %016" PRIx64 "  v%-2u %016" PRIx64
			       "_%016" PRIx64 "\n",
			       i, i < 31 ? c->x[i] : c->sp, i, c->v[i][1],
			       c->v[i][0]);
	printf("  nzcv %08x  fpcr %08x  fpsr %08x  image %u\n", c->nzcv,
	       c->fpcr, c->fpsr, c->image);
}

/*
 * Did the instruction that faulted change anything?  The same again with the
 * case ending before it must end in the same state.  That needs that what ran
 * before lies before, and that nobody reads the code.
 */
static bool left_trace(struct session *s, const struct dcase *c, FILE *out)
{
	uint64_t at = s->ours.r.pc - slot_va(c->slot);
	struct dcase cut = *c;

	if ((s->ours.r.end != END_SEGV && s->ours.r.end != END_BUS) ||
	    c->loops || c->reads_code || at >= 4 * (uint64_t)c->count || at & 3)
		return false;
	cut.count = (uint32_t)at / 4;
	machine_patch(s->machine, c->slot, (uint32_t)at, (uint32_t)SENTINEL);
	machine_run(s->machine, &cut, ONE_SLICE, &s->again.r, s->again.words);
	machine_patch(s->machine, c->slot, (uint32_t)at, c->insn[at / 4]);
	/* Of course it ends otherwise. */
	s->again.r.addr = s->ours.r.addr;
	if (s->again.r.end == END_DONE)
		s->again.r.end = s->ours.r.end;
	return outcome_differs(c, BEFORE_AND_AFTER, &s->again, &s->ours, out);
}

/* The case on our side, and compared.  `out` as for outcome_differs(). */
static bool case_differs(struct session *s, const struct dcase *c, FILE *out)
{
	static const int64_t slices[] = { ONE_SLICE, ONE_SLICE, 1, 3 };
	unsigned i, runs = c->exclusive ? 2 : c->image % 4 + 1;

	for (i = 0; i < runs; i++) {
		uint64_t n = machine_run(s->machine, c, slices[i], &s->ours.r,
					 s->ours.words);

		if (!i && !out)
			s->insns += n;
		if (!outcome_differs(c, ORACLE_AND_OURS, &s->theirs, &s->ours,
				     out))
			continue;
		if (out)
			printf("  (run %u, slices of %" PRId64 ")\n", i,
			       slices[i]);
		return true;
	}
	return left_trace(s, c, out);
}

static bool ask_one(struct session *s, const struct dcase *c)
{
	if (!oracle_ask(&s->oracle, c, 1) ||
	    !oracle_answer(&s->oracle, &s->theirs.r, s->theirs.words))
		exit(2);
	machine_load(s->machine, c, 1);
	return case_differs(s, c, NULL);
}

/* Turn into NOPs all instructions that the difference does not need. */
static void case_minimize(struct session *s, struct dcase *c)
{
	struct dcase less;
	uint32_t i;

	for (i = 0; i < c->count; i++) {
		if (i + 1 == c->loops)
			continue; /* or it would never end */
		less = *c;
		less.insn[i] = NOP;
		if (ask_one(s, &less))
			*c = less;
	}
}

static void difference_show(struct session *s, uint64_t n)
{
	struct dcase c;

	gen_case(&c, s->seed, n, &s->choice);
	printf("\ndifference in case %" PRIu64 ", again with: --seed %#" PRIx64
	       " --class '%s' --one %" PRIu64 "\n",
	       n, s->seed, s->opt->names, n);
	if (!ask_one(s, &c)) {
		printf("  only in the company of its batch\n");
		case_show(&c);
		return;
	}
	case_minimize(s, &c);
	ask_one(s, &c);
	case_show(&c);
	case_differs(s, &c, stdout);
	fflush(stdout);
}

static bool enough(const struct session *s, uint64_t n)
{
	struct timespec now;

	if (s->opt->cases && n >= s->opt->cases)
		return true;
	if (s->opt->insns && s->insns >= s->opt->insns)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return s->opt->seconds &&
	       now.tv_sec - s->start.tv_sec >= (time_t)s->opt->seconds;
}

/* Judge the batch that the oracle has; false when there was a difference. */
static bool batch_judge(struct session *s, uint64_t first)
{
	uint64_t bad[DIFFS_MAX];
	unsigned i, count = 0;

	machine_load(s->machine, s->batch, BATCH);
	for (i = 0; i < BATCH; i++) {
		if (!oracle_answer(&s->oracle, &s->theirs.r, s->theirs.words))
			exit(2);
		if (case_differs(s, &s->batch[i], NULL) && count < DIFFS_MAX)
			bad[count++] = first + i;
	}
	for (i = 0; i < count && s->diffs < DIFFS_MAX; i++, s->diffs++)
		difference_show(s, bad[i]);
	return count == 0;
}

static void seed_run(struct session *s, uint64_t seed)
{
	uint64_t n = 0, before = s->insns;
	unsigned i;

	s->seed = seed;
	clock_gettime(CLOCK_MONOTONIC, &s->start);
	while (!enough(s, n) && s->diffs < DIFFS_MAX) {
		for (i = 0; i < BATCH; i++)
			gen_case(&s->batch[i], seed, n + i, &s->choice);
		if (!oracle_ask(&s->oracle, s->batch, BATCH))
			exit(2);
		batch_judge(s, n);
		n += BATCH;
	}
	printf("seed %#" PRIx64 ": %" PRIu64 " cases, %" PRIu64
	       " instructions, %u differences\n",
	       seed, n, s->insns - before, s->diffs);
	fflush(stdout);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: diff --oracle PROGRAM [--runner COMMAND] [--seed "
		"N]...\n"
		"            [--cases N] [--insns N] [--seconds N]\n"
		"            [--class NAME,...] [--one CASE]\n"
		"Without --seed a fresh one is taken, and printed.  The "
		"runner\n"
		"is qemu-aarch64; '' runs the oracle on this arm64 machine.\n");
	return 2;
}

static bool option_take(struct options *o, int letter)
{
	switch (letter) {
	case 'o': o->oracle = optarg; return true;
	case 'r': o->runner = *optarg ? optarg : NULL; return true;
	case 'k': o->names = optarg; return true;
	case 'c': o->cases = strtoull(optarg, NULL, 0); return true;
	case 'i': o->insns = strtoull(optarg, NULL, 0); return true;
	case 't': o->seconds = (unsigned)strtoul(optarg, NULL, 0); return true;
	case '1':
		o->one = strtoull(optarg, NULL, 0);
		o->only_one = true;
		return true;
	case 's':
		if (o->seeds == SEEDS_MAX)
			return false;
		o->seed[o->seeds++] = strtoull(optarg, NULL, 0);
		return true;
	default: return false;
	}
}

static bool options_read(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "oracle", required_argument, NULL, 'o' },
		{ "runner", required_argument, NULL, 'r' },
		{ "class", required_argument, NULL, 'k' },
		{ "seed", required_argument, NULL, 's' },
		{ "cases", required_argument, NULL, 'c' },
		{ "insns", required_argument, NULL, 'i' },
		{ "seconds", required_argument, NULL, 't' },
		{ "one", required_argument, NULL, '1' },
		{ 0 },
	};
	int letter;

	*o = (struct options){ .runner = "qemu-aarch64", .names = "" };
	while ((letter = getopt_long(argc, argv, "", table, NULL)) != -1)
		if (!option_take(o, letter))
			return false;
	if (!o->seeds) {
		if (getrandom(&o->seed[0], 8, 0) != 8)
			return false;
		o->seeds = 1;
	}
	if (!o->cases && !o->insns && !o->seconds)
		o->cases = 20 * BATCH;
	return optind == argc;
}

static int skip(const char *why)
{
	printf("skipped: %s\n", why);
	return SKIPPED;
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[4096];
	size_t len;

	for (; path && *path; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)len, path,
			 program);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

static int run(struct session *s)
{
	unsigned i;

	if (s->opt->only_one) {
		s->seed = s->opt->seed[0];
		gen_case(&s->batch[0], s->seed, s->opt->one, &s->choice);
		if (!ask_one(s, &s->batch[0])) {
			case_show(&s->batch[0]);
			printf("no difference\n");
			return 0;
		}
		difference_show(s, s->opt->one);
		return 1;
	}
	for (i = 0; i < s->opt->seeds && s->diffs < DIFFS_MAX; i++)
		seed_run(s, s->opt->seed[i]);
	return s->diffs ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct session s;
	struct options o;
	int rc;

	if (!options_read(&o, argc, argv))
		return usage();
	if (!o.oracle)
		return skip(
			"no oracle was built: it needs aarch64-linux-gnu-gcc"
			" and its libc (Debian: gcc-aarch64-linux-gnu,"
			" libc6-dev-arm64-cross)");
	if (o.runner && !strchr(o.runner, '/') && !in_path(o.runner))
		return skip(
			"qemu-aarch64 is not installed (Debian: qemu-user)");
	s.opt = &o;
	/* A real CPU may have what v8.0 reserves. */
	if (!choice_make(&s.choice, o.names, o.runner != NULL)) {
		fprintf(stderr, "no class of that name\n");
		return 2;
	}
	s.machine = machine_new();
	if (!s.machine) {
		fprintf(stderr, "our CPU does not start\n");
		return 1;
	}
	s.choice.isar0 = machine_isar0(s.machine);
	if (!oracle_start(&s.oracle, o.runner, o.oracle))
		return 2;
	rc = run(&s);
	oracle_stop(&s.oracle);
	machine_free(s.machine);
	choice_free(&s.choice);
	return rc;
}
