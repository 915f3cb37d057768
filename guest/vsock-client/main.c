/* SPDX-License-Identifier: MIT */
/*
 * main.c - vsock-client: vsock connections for people, tests and measurements.
 *
 * One command, one line of results: the command's name, then NAME=VALUE.
 * Exit status 0: done; 1: failed, with a line on standard error; 2: a wrong
 * command line.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "guest/common/number.h"
#include "guest/common/say.h"
#include "guest/common/vsock.h"
#include "guest/vsock-client/job.h"
#include "guest/vsock-client/pattern.h"

enum { USAGE = 2, WORDS_MAX = 4, COUNT_MAX = 1000000, STORM_MAX = 100000 };

const char say_name[] = "vsock-client";

static const char help[] =
	"usage: vsock-client COMMAND ...\n"
	"  connect CID PORT          our input and output, with half-close\n"
	"  listen PORT               the same with the first that connects\n"
	"  echo PORT                 says back what anybody says\n"
	"  send [CID] PORT BYTES     test data, and its CRC-32\n"
	"  receive [CID] PORT        takes and checks it\n"
	"  bench CID PORT            test data to an echo and back\n"
	"  ping CID PORT             round trips to an echo\n"
	"  storm CID PORT N          N connections at once\n"
	"  cid                       our own number\n"
	"  --many --exec COMMAND     of listen: what connections talk to\n"
	"  --chunk N (65536)         bytes of one read or write, to 1048576\n"
	"  --bytes N (67108864)      of bench\n"
	"  -c N (100)  --size N (64) of ping\n"
	"  --hold MS (1000)          of storm: how long they stay open\n"
	"  --timeout MS              for the connection to be there\n"
	"  --unix DIR                UNIX sockets DIR/PORT, whatever the CID\n"
	"CID 2 is the host, 1 is this machine.\n";

struct words {
	const char *word[WORDS_MAX];
	int n;
	const char *unix_dir;
	struct job job;
};

struct command {
	const char *name;
	int (*run)(const struct job *j);
	bool listens, connects; /* both: by the number of words */
	uint64_t number_max;    /* of a last word; 0: there is none */
};

static const struct command commands[] = {
	{ "connect", job_pipe, false, true, 0 },
	{ "listen", job_pipe, true, false, 0 },
	{ "echo", job_echo, true, false, 0 },
	{ "send", job_send, true, true, INT64_MAX },
	{ "receive", job_receive, true, true, 0 },
	{ "bench", job_bench, false, true, 0 },
	{ "ping", job_ping, false, true, 0 },
	{ "storm", job_storm, false, true, STORM_MAX },
};

static bool range(const char *text, uint64_t least, uint64_t most, uint64_t *v)
{
	return number_parse(text, most, v) && *v >= least;
}

/* An option with a value; false: no such, or a wrong value. */
static bool set(struct words *w, const char *name, const char *value)
{
	struct job *j = &w->job;

	if (strcmp(name, "--chunk") == 0)
		return range(value, 1, PATTERN_CHUNK_MAX, &j->chunk);
	if (strcmp(name, "--bytes") == 0)
		return range(value, 1, INT64_MAX, &j->number);
	if (strcmp(name, "-c") == 0)
		return range(value, 1, COUNT_MAX, &j->count);
	if (strcmp(name, "--size") == 0)
		return range(value, 1, PATTERN_CHUNK_MAX, &j->size);
	if (strcmp(name, "--hold") == 0)
		return range(value, 0, INT_MAX, &j->hold_ms);
	if (strcmp(name, "--timeout") == 0)
		return range(value, 1, INT_MAX, &j->wait_ms);
	if (strcmp(name, "--exec") == 0)
		j->exec = value;
	else if (strcmp(name, "--unix") == 0)
		w->unix_dir = value;
	else
		return false;
	return true;
}

/* False: *bad is what is wrong. */
static bool split(struct words *w, int argc, char **argv, const char **bad)
{
	int i;

	for (i = 1; i < argc; i++) {
		*bad = argv[i];
		if (strcmp(argv[i], "--many") == 0) {
			w->job.many = true;
		} else if (argv[i][0] == '-') {
			if (i + 1 == argc || !set(w, argv[i], argv[i + 1]))
				return false;
			i++;
		} else if (w->n < WORDS_MAX) {
			w->word[w->n++] = argv[i];
		} else {
			return false;
		}
	}
	return true;
}

static bool place(struct words *w, uint64_t cid, const char *port)
{
	char path[256];
	uint64_t n;
	int len;

	if (!number_parse(port, UINT32_MAX, &n))
		return false;
	endpoint_vsock(&w->job.at, (uint32_t)cid, (uint32_t)n);
	if (!w->unix_dir)
		return true;
	len = snprintf(path, sizeof(path), "%s/%s", w->unix_dir, port);
	return len > 0 && (size_t)len < sizeof(path) &&
	       endpoint_unix(&w->job.at, path);
}

/* [CID] PORT [NUMBER] behind the command's name. */
static bool understand(struct words *w, const struct command *c)
{
	int n = w->n - 1 - (c->number_max ? 1 : 0), at = 1;
	uint64_t cid = VSOCK_CID_ANY;

	if (!((n == 1 && c->listens) || (n == 2 && c->connects)))
		return false;
	w->job.listen = n == 1;
	if (!w->job.wait_ms)
		w->job.wait_ms = w->job.listen ? INT_MAX : 20000;
	if (n == 2 && !number_parse(w->word[at++], UINT32_MAX, &cid))
		return false;
	if (!place(w, cid, w->word[at++]))
		return false;
	if (w->job.many && !w->job.exec)
		return false;
	return !c->number_max ||
	       number_parse(w->word[at], c->number_max, &w->job.number);
}

static int show_cid(void)
{
	uint32_t cid;

	if (!vsock_local_cid(&cid)) {
		say("this machine has no vsock");
		return JOB_FAILED;
	}
	(void)printf("cid=%u\n", cid);
	return JOB_DONE;
}

static int usage(const char *bad)
{
	say("%s: unknown, or its words are missing or wrong; see --help", bad);
	return USAGE;
}

static int run(struct words *w, const struct command *c)
{
	int rc;

	if (!understand(w, c))
		return usage(c->name);
	rc = c->run(&w->job);
	return fflush(stdout) ? JOB_FAILED : rc;
}

int main(int argc, char **argv)
{
	struct words w = { .job = { .number = 64 * 1024 * 1024,
				    .count = 100,
				    .size = 64,
				    .chunk = 64 * 1024,
				    .hold_ms = 1000 } };
	const char *bad = "COMMAND";
	size_t i;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(help, stdout) < 0;
	if (!split(&w, argc, argv, &bad) || w.n == 0)
		return usage(bad);
	(void)signal(SIGPIPE, SIG_IGN);
	if (w.n == 1 && strcmp(w.word[0], "cid") == 0)
		return show_cid();
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(w.word[0], commands[i].name) == 0)
			return run(&w, &commands[i]);
	return usage(w.word[0]);
}
