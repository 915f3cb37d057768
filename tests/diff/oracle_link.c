/* SPDX-License-Identifier: MIT */
/* oracle_link.c - the oracle's process, and batches to and from it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2() */
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle_link.h"

extern char **environ;

static bool complain(const char *what)
{
	fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
	return false;
}

static bool spawn(struct oracle *o, const char *runner, const char *program,
		  int in, int out)
{
	/* posix_spawn() takes char *const, and changes none of them. */
	union {
		const char *in[5];
		char *out[5];
	} args = { { runner, "-cpu", "cortex-a53", program, NULL } };
	char **argv = runner ? args.out : args.out + 3;
	posix_spawn_file_actions_t fa;
	int rc;

	if (posix_spawn_file_actions_init(&fa))
		return complain("spawn");
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	rc = posix_spawnp(&o->pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	errno = rc;
	return rc ? complain(argv[0]) : true;
}

bool oracle_start(struct oracle *o, const char *runner, const char *program)
{
	int to[2], from[2];
	bool ok;

	*o = (struct oracle){ 0 };
	signal(SIGPIPE, SIG_IGN);
	/* Close on exec: or the oracle would never see its input end. */
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return complain("pipe");
	ok = spawn(o, runner, program, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	o->to = fdopen(to[1], "wb");
	o->from = fdopen(from[0], "rb");
	return ok && o->to && o->from;
}

void oracle_stop(struct oracle *o)
{
	if (o->to)
		fclose(o->to);
	if (o->from)
		fclose(o->from);
	if (o->pid > 0)
		waitpid(o->pid, NULL, 0); /* it has seen its input end */
}

bool oracle_ask(struct oracle *o, const struct dcase *c, uint32_t count)
{
	struct dbatch b = { count, sizeof(*c) };

	if (fwrite(&b, sizeof(b), 1, o->to) != 1 ||
	    fwrite(c, sizeof(*c), count, o->to) != count || fflush(o->to))
		return complain("asking");
	return true;
}

bool oracle_answer(struct oracle *o, struct dresult *r, struct dword *words)
{
	if (fread(r, sizeof(*r), 1, o->from) != 1 || r->words > RW_BYTES / 8 ||
	    r->events > LOG_MAX ||
	    fread(words, sizeof(*words), r->words, o->from) != r->words) {
		fprintf(stderr, "oracle: died, or speaks another language\n");
		return false;
	}
	return true;
}
