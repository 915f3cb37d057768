/* SPDX-License-Identifier: MIT */
/* held.c - what this process holds, as /proc/self tells it: proc(5). */
#include "held.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 10 };

static void *must(void *p, const char *path)
{
	if (!p) {
		perror(path);
		exit(1);
	}
	return p;
}

static unsigned threads(void)
{
	DIR *d = must(opendir("/proc/self/task"), "/proc/self/task");
	const struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

/* Without the number of a socket or pipe, which is never the same. */
static bool name_file(char out[static HELD_NAME], int dir, const char *fd)
{
	ssize_t n = readlinkat(dir, fd, out, HELD_NAME - 1);
	char *number;

	if (n < 0)
		return false;
	out[n] = '\0';
	number = strchr(out, '[');
	if (number && out[0] != 'a') /* anon_inode:[eventfd] */
		*number = '\0';
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void look_at_files(struct held *h)
{
	DIR *d = must(opendir("/proc/self/fd"), "/proc/self/fd");
	const struct dirent *e;

	while ((e = readdir(d)) != NULL && h->files < HELD_FILES) {
		if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(d))
			continue;
		h->files += name_file(h->file[h->files], dirfd(d), e->d_name);
	}
	(void)closedir(d);
	qsort(h->file, h->files, HELD_NAME, by_name);
}

static void look_at_maps(struct held *h)
{
	FILE *f = must(fopen("/proc/self/maps", "re"), "/proc/self/maps");
	int c;

	while ((c = getc(f)) != EOF)
		h->maps += c == '\n';
	(void)fclose(f); /* only read */
}

/* The first thread's: SigPnd, ShdPnd, SigBlk, SigIgn, SigCgt; VmRSS. */
static void look_at_status(struct held *h)
{
	FILE *f = must(fopen("/proc/self/status", "re"), "/proc/self/status");
	char line[256];

	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "VmRSS:", 6))
			h->resident = strtol(line + 6, NULL, 10);
		if ((!strncmp(line, "Sig", 3) || !strncmp(line, "Shd", 3)) &&
		    strncmp(line, "SigQ", 4) != 0) /* the user's, of all */
			strncat(h->signals, line,
				sizeof(h->signals) - strlen(h->signals) - 1);
	}
	(void)fclose(f); /* only read */
}

void held_look(struct held *h)
{
	time_t end = time(NULL) + WAIT_S;

	*h = (struct held){ 0 };
	while ((h->threads = threads()) > 1 + HELD_TOOLS && time(NULL) < end)
		;
	look_at_files(h);
	look_at_maps(h);
	look_at_status(h);
}

bool held_same_signals(const struct held *before, const struct held *after)
{
	if (strcmp(before->signals, after->signals) == 0)
		return true;
	(void)fprintf(stderr, "signals before:\n%sand after:\n%s",
		      before->signals, after->signals);
	return false;
}

static bool same_files(const struct held *a, const struct held *b)
{
	unsigned i;

	if (a->files != b->files)
		return false;
	for (i = 0; i < a->files; i++) {
		if (strcmp(a->file[i], b->file[i]) != 0)
			return false;
	}
	return true;
}

bool held_same(const struct held *before, const struct held *after,
	       unsigned maps, long slack)
{
	if (before->threads == after->threads && same_files(before, after) &&
	    after->maps <= before->maps + maps &&
	    after->resident <= before->resident + slack + HELD_TOOLS_KIB)
		return true;
	(void)fprintf(stderr, "more is held than was:\n");
	return false;
}

void held_print(const char *when, const struct held *h)
{
	unsigned i;

	(void)printf("%s: %u threads, %u mappings, %ld KiB, %u files:", when,
		     h->threads, h->maps, h->resident, h->files);
	for (i = 0; i < h->files; i++)
		(void)printf(" %s", h->file[i]);
	(void)printf("\n");
}
