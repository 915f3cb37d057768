/* SPDX-License-Identifier: MIT */
/*
 * driver.c - a main() for fuzz targets where there is no libFuzzer.
 *
 *	fuzz_x [-seed N] [-runs N] [-first N] [-max N] [FILE|FOLDER...]
 *
 * Feeds the target the empty input, then every file, then `runs` inputs that
 * are made from them at random.  Input number `n` depends on the seed, on `n`
 * and on the files alone, so that `-first n -runs 1` makes it again.  When the
 * target dies, the last words say which input it was, and it lies in the file
 * "crash-input" for a debugger to feed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Sanitizers have this; they call back before they end the process. */
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

enum {
	INPUT_MAX = 1 << 16, /* bytes, whatever -max says */
	EDITS_MAX = 8,       /* changes to one input */
	SECONDS = 20,        /* one input may take so long */
};

struct input {
	uint8_t *p;
	size_t len;
	char *name;
};

struct options {
	uint64_t seed, runs, first, max;
};

/* The input the target is looking at; for last_words() only. */
static struct {
	const uint8_t *p;
	size_t len;
	const char *name;
	char run[48];
} now;

static struct input *corpus;
static size_t corpus_len;

static _Noreturn void die(const char *what, const char *name)
{
	fprintf(stderr, "fuzz driver: %s: %s\n", what, name);
	exit(2);
}

static void *must(void *p)
{
	if (!p)
		die("out of memory", "corpus");
	return p;
}

/* Runs in signal handlers: only what is safe there. */
static void tell(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

static void last_words(void)
{
	int fd = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	tell("fuzz driver: the target died of input ");
	tell(now.name);
	tell(now.run);
	if (fd >= 0 && write(fd, now.p, now.len) == (ssize_t)now.len)
		tell(", kept in crash-input");
	tell("\n");
}

static void on_signal(int sig)
{
	tell(sig == SIGALRM ? "fuzz driver: too slow\n" : "");
	last_words();
	signal(sig, SIG_DFL);
	raise(sig == SIGALRM ? SIGKILL : sig);
}

static void catch_deaths(void)
{
	/* A sanitizer tells more of the faults than we could. */
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };
	size_t i;

	signal(SIGALRM, on_signal);
	signal(SIGABRT, on_signal);
	if (__sanitizer_set_death_callback) {
		__sanitizer_set_death_callback(last_words);
		return;
	}
	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		signal(faults[i], on_signal);
}

static void feed(const uint8_t *p, size_t len, const char *name)
{
	/* Its own block, so that a sanitizer sees a read behind its end. */
	uint8_t *copy = must(malloc(len ? len : 1));

	if (len)
		memcpy(copy, p, len);
	now.p = copy;
	now.len = len;
	now.name = name;
	alarm(SECONDS);
	if (LLVMFuzzerTestOneInput(copy, len) != 0)
		die("the target did not return 0", name);
	alarm(0);
	free(copy);
}

static void add_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct input *in;

	if (!f)
		die("cannot open", path);
	corpus = must(realloc(corpus, (corpus_len + 1) * sizeof(*corpus)));
	in = &corpus[corpus_len++];
	in->name = must(strdup(path));
	in->p = must(malloc(INPUT_MAX));
	in->len = fread(in->p, 1, INPUT_MAX, f);
	if (ferror(f))
		die("cannot read", path);
	fclose(f);
}

static void add_path(const char *path)
{
	struct dirent **entry;
	struct stat st;
	int i, n;

	if (stat(path, &st))
		die("no such file", path);
	if (!S_ISDIR(st.st_mode)) {
		add_file(path);
		return;
	}
	/* Sorted: the inputs that are made must not depend on the disk. */
	n = scandir(path, &entry, NULL, alphasort);
	if (n < 0)
		die("cannot read folder", path);
	for (i = 0; i < n; i++) {
		char name[4096];

		if (entry[i]->d_name[0] != '.') {
			(void)snprintf(name, sizeof(name), "%s/%s", path,
				       entry[i]->d_name);
			add_path(name);
		}
		free(entry[i]);
	}
	free(entry);
}

/* SplitMix64 (Steele, Lea, Flood 2014): any seed is as good as another. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t below(uint64_t *rng, size_t n)
{
	return (size_t)(next(rng) % n);
}

/* Numbers at which code tends to go wrong. */
static uint64_t odd_number(uint64_t *rng)
{
	static const uint64_t odd[] = { 0,          1,          0x7f,
					0x80,       0xff,       0x7fff,
					0x8000,     0xffff,     0x7fffffff,
					0x80000000, 0xffffffff, INT64_MAX,
					UINT64_MAX };

	return odd[below(rng, sizeof(odd) / sizeof(*odd))];
}

static size_t edit_once(uint8_t *p, size_t len, size_t max, uint64_t *rng)
{
	size_t at = len ? below(rng, len) : 0, n;
	uint64_t v = odd_number(rng);

	switch (below(rng, 6)) {
	case 0: /* a bit */
		if (len)
			p[at] ^= (uint8_t)(1u << below(rng, 8));
		return len;
	case 1: /* a byte */
		if (len)
			p[at] = (uint8_t)next(rng);
		return len;
	case 2: /* a number, in place */
		n = (size_t)1 << below(rng, 4);
		if (n <= len - at)
			memcpy(p + at, &v, n);
		return len;
	case 3: /* cut a piece out */
		if (!len)
			return 0;
		n = 1 + below(rng, len - at);
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	case 4: /* random bytes behind */
		n = 1 + below(rng, 16);
		for (; n && len < max; n--)
			p[len++] = (uint8_t)next(rng);
		return len;
	default: /* a piece of it once more, behind */
		n = len ? 1 + below(rng, len - at) : 0;
		if (n > max - len)
			n = max - len;
		memmove(p + len, p + at, n);
		return len + n;
	}
}

static void run_one(const struct options *o, uint64_t number)
{
	static uint8_t buf[INPUT_MAX];
	uint64_t rng = o->seed ^ number << 20;
	size_t len = 0, edits;

	if (corpus_len) {
		const struct input *in = &corpus[below(&rng, corpus_len)];

		len = in->len < o->max ? in->len : o->max;
		memcpy(buf, in->p, len);
	}
	for (edits = 1 + below(&rng, EDITS_MAX); edits; edits--)
		len = edit_once(buf, len, o->max, &rng);
	(void)snprintf(now.run, sizeof(now.run), " -seed %llu -first %llu",
		       (unsigned long long)o->seed, (unsigned long long)number);
	feed(buf, len, "made by");
}

static uint64_t number(const char *option, const char *text)
{
	char *end;
	uint64_t v;

	if (!text || *text < '0' || *text > '9')
		die("not a number", option);
	v = strtoull(text, &end, 10);
	if (*end)
		die("not a number", text);
	return v;
}

static void parse(struct options *o, int argc, char **argv)
{
	const struct {
		const char *name;
		uint64_t *value;
	} known[] = { { "-seed", &o->seed },
		      { "-runs", &o->runs },
		      { "-first", &o->first },
		      { "-max", &o->max } };
	const size_t n = sizeof(known) / sizeof(*known);
	int i;

	for (i = 1; i < argc; i++) {
		size_t k = 0;

		while (k < n && strcmp(argv[i], known[k].name) != 0)
			k++;
		if (k < n) {
			*known[k].value = number(argv[i], argv[i + 1]);
			i++;
		} else if (argv[i][0] == '-') {
			die("no such option", argv[i]);
		} else {
			add_path(argv[i]);
		}
	}
	if (o->max > INPUT_MAX)
		die("at most 65536", "-max");
}

int main(int argc, char **argv)
{
	struct options o = { .seed = 1, .max = 4096 };
	uint64_t i;

	parse(&o, argc, argv);
	catch_deaths();
	feed(NULL, 0, "(empty)");
	for (i = 0; i < corpus_len; i++)
		feed(corpus[i].p, corpus[i].len, corpus[i].name);
	for (i = 0; i < o.runs; i++)
		run_one(&o, o.first + i);
	printf("%zu files and %llu made inputs\n", corpus_len,
	       (unsigned long long)o.runs);
	for (i = 0; i < corpus_len; i++) {
		free(corpus[i].p);
		free(corpus[i].name);
	}
	free(corpus);
	return 0;
}
