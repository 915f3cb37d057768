/* SPDX-License-Identifier: MIT */
/*
 * soak.c - VMs come and go, one behind the other and many at once: what the
 * process holds afterwards is what it held after the first.
 *
 *	soak [--backend NAME] [--initrd FILE] [--cycles N] [--vms N]
 *	     [--rounds N] [--cpus N] [--memory MIB] [--echo PORT] [--seed N]
 *	     KERNEL [COMMAND...]
 *
 * What the guest has to do life.h tells.  COMMAND is for microvm's init; if it
 *echoes on a vsock port, --echo tells which.  77: the backend is not usable
 *here.
 */
#include <microvm.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "held.h"
#include "life.h"

enum {
	VMS_MAX = 32,
	SKIPPED = 77,
	/*
	 * What malloc() keeps for threads to come depends on which of them met:
	 * an arena is two mappings.  A VM forgotten would be more of both.
	 */
	SLACK_KIB = 1024,
	SLACK_MAPS = 8,
};

struct soak {
	struct plan plan;
	unsigned cycles, vms, rounds;
	uint32_t seed;
	unsigned born; /* VMs so far */
};

/* ---- options ---------------------------------------------------------- */

static unsigned number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || n > 1000000)
		life_die("not a number", NULL);
	return (unsigned)n;
}

static bool option(struct soak *s, const char *name, const char *value)
{
	if (!strcmp(name, "--backend"))
		s->plan.backend = value;
	else if (!strcmp(name, "--initrd"))
		s->plan.initrd = value;
	else if (!strcmp(name, "--cycles"))
		s->cycles = number(value);
	else if (!strcmp(name, "--vms"))
		s->vms = number(value);
	else if (!strcmp(name, "--rounds"))
		s->rounds = number(value);
	else if (!strcmp(name, "--cpus"))
		s->plan.cpus = number(value);
	else if (!strcmp(name, "--memory"))
		s->plan.mib = number(value);
	else if (!strcmp(name, "--echo"))
		s->plan.echo = number(value);
	else if (!strcmp(name, "--seed"))
		s->seed = number(value);
	else
		return false;
	return true;
}

static bool parse(struct soak *s, int argc, char **argv)
{
	int i = 1;

	*s = (struct soak){
		.plan = { .backend = "kvm", .cpus = 1, .mib = 64 },
		.cycles = 100,
		.vms = 8,
		.rounds = 4,
		.seed = 1,
	};
	for (; argc - i > 2 && !strncmp(argv[i], "--", 2); i += 2) {
		if (!option(s, argv[i], argv[i + 1]))
			return false;
	}
	if (i >= argc || argv[i][0] == '-' || !s->seed || !s->vms ||
	    s->vms > VMS_MAX)
		return false;
	s->plan.kernel = argv[i];
	s->plan.command = argv + i + 1;
	return true;
}

/* Is there anything to test?  If not, the last line says why. */
static bool usable(const char *backend)
{
	microvm_report r = { .size = sizeof(r) };
	unsigned i;

	for (i = 0; !microvm_probe(i, &r); i++) {
		if (strcmp(r.name, backend) != 0)
			continue;
		if (!r.usable)
			(void)printf("%s: %s\n", r.name, r.error.msg);
		return r.usable;
	}
	(void)printf("there is no backend %s in this build\n", backend);
	return false;
}

/* ---- one behind the other --------------------------------------------- */

static void prepare(struct soak *s, struct life *l, unsigned ending)
{
	*l = (struct life){
		.plan = &s->plan,
		.number = s->born++,
		.ending = (enum ending)(ending % ENDINGS),
		.random = life_random(&s->seed),
	};
}

static void live(struct soak *s, unsigned ending)
{
	struct life l;

	prepare(s, &l, ending);
	life_begin(&l);
	life_end(&l);
}

static unsigned now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned)t.tv_sec * 1000 + (unsigned)t.tv_nsec / 1000000;
}

/* The first tells how long a life is. */
static void learn(struct soak *s)
{
	unsigned begin = now_ms();

	live(s, END_OFF);
	s->plan.natural_ms = now_ms() - begin;
	(void)printf("a life takes %u ms\n", s->plan.natural_ms);
}

static void cycles(struct soak *s, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		live(s, i);
}

/* ---- many at once ----------------------------------------------------- */

struct crowd {
	struct life life[VMS_MAX];
	unsigned count;
	pthread_barrier_t all_live;
};

struct keeper {
	struct crowd *crowd;
	unsigned index;
	pthread_t thread;
};

/* Begins one, and ends another one's. */
static void *keep(void *arg)
{
	struct keeper *k = arg;
	struct crowd *c = k->crowd;

	life_begin(&c->life[k->index]);
	(void)pthread_barrier_wait(&c->all_live);
	life_end(&c->life[(k->index + 1) % c->count]);
	return NULL;
}

/* All to their natural ends, or each to another one. */
static void crowd(struct soak *s, bool natural)
{
	static struct crowd c;
	struct keeper k[VMS_MAX];
	unsigned i;

	c.count = s->vms;
	if (pthread_barrier_init(&c.all_live, NULL, c.count))
		life_die("a barrier", NULL);
	for (i = 0; i < c.count; i++)
		prepare(s, &c.life[i], natural ? END_OFF : s->born);
	for (i = 0; i < c.count; i++) {
		k[i] = (struct keeper){ .crowd = &c, .index = i };
		if (pthread_create(&k[i].thread, NULL, keep, &k[i]))
			life_die("a thread", NULL);
	}
	for (i = 0; i < c.count; i++)
		(void)pthread_join(k[i].thread, NULL);
	(void)pthread_barrier_destroy(&c.all_live);
}

static void crowds(struct soak *s, unsigned rounds)
{
	unsigned i;

	for (i = 0; i < rounds; i++)
		crowd(s, i % 2 == 0);
}

/* ---- what is left ----------------------------------------------------- */

/* Once in all ways, then as often as was asked for: nothing is added. */
static bool same_after(struct soak *s, const char *what,
		       void (*body)(struct soak *s, unsigned n), unsigned once,
		       unsigned n)
{
	struct held first, last;

	body(s, once);
	held_look(&first);
	body(s, n);
	held_look(&last);
	(void)printf("%s: %u, then %u\n", what, once, n);
	held_print("  first", &first);
	held_print("  last ", &last);
	(void)fflush(stdout);
	return held_same(&first, &last, SLACK_MAPS, SLACK_KIB);
}

static void *nothing(void *arg)
{
	return arg;
}

/* With a program's first thread the C library takes signals of its own. */
static void first_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, nothing, NULL))
		life_die("a thread", NULL);
	(void)pthread_join(t, NULL);
}

static bool soak(struct soak *s)
{
	struct held before, after;
	bool good;

	first_thread();
	held_look(&before);
	if (!usable(s->plan.backend))
		exit(SKIPPED);
	learn(s);
	good = same_after(s, "cycles", cycles, ENDINGS, s->cycles);
	good = same_after(s, "crowds", crowds, 2, s->rounds) && good;
	held_look(&after);
	return held_same_signals(&before, &after) && good;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/soakXXXXXX";
	struct soak s;
	bool good;

	if (!parse(&s, argc, argv)) {
		(void)fprintf(stderr, "usage: soak [OPTION VALUE]... KERNEL "
				      "[COMMAND...]\n");
		return 2;
	}
	s.plan.dir = mkdtemp(dir);
	if (!s.plan.dir) {
		perror(dir);
		return 1;
	}
	good = soak(&s);
	if (rmdir(dir)) { /* a socket was left */
		perror(dir);
		good = false;
	}
	return good ? 0 : 1;
}
