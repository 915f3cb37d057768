/* SPDX-License-Identifier: MIT */
/*
 * image_work.c - a folder for half-made files, gone when the work is.
 *
 * It lies in the folder of the results, so that publishing is a rename(2) on
 * one file system: whole or not at all.
 */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "image_work.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

void work_signals(sigset_t *set)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction now;
	size_t i;

	(void)sigemptyset(set);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		/* Ignored ones (nohup) would wait too, were they blocked. */
		if (sigaction(ending[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			(void)sigaddset(set, ending[i]);
	(void)sigaddset(set, SIGXFSZ); /* then write() fails with EFBIG */
}

int work_interrupted(microvm_error *err)
{
	sigset_t ours;

	if (sigpending(&ours) == 0 &&
	    (sigismember(&ours, SIGHUP) || sigismember(&ours, SIGINT) ||
	     sigismember(&ours, SIGTERM)))
		return refuse(err, "interrupted");
	return 0;
}

char *work_path(const char *dir, const char *name)
{
	size_t len = strlen(dir) + strlen(name) + 2;
	char *path = malloc(len);

	if (path)
		(void)snprintf(path, len, "%s/%s", dir, name);
	return path;
}

/* mkdir -p */
static int make_folders(const char *dir, microvm_error *err)
{
	char *path = strdup(dir), *slash;
	struct stat st;
	int os = 0;

	if (!path)
		return refuse_os(err, ENOMEM, "%s", dir);
	for (slash = strchr(path + 1, '/'); slash && !os;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST && stat(path, &st))
			os = errno;
		*slash = '/';
	}
	if (!os && mkdir(path, 0777) && errno != EEXIST)
		os = errno;
	free(path);
	if (!os)
		return 0;
	(void)refuse_os(err, os, "cannot make the folder %s", dir);
	return refuse_hint(err, "name a writable one with -o DIR");
}

int work_begin(struct work *w, const char *into, microvm_error *err)
{
	sigset_t set;
	int rc;

	*w = (struct work){ 0 };
	rc = make_folders(into, err);
	if (rc)
		return rc;
	w->into = strdup(into);
	w->dir = work_path(into, ".build-XXXXXX");
	if (!w->into || !w->dir) {
		rc = refuse_os(err, ENOMEM, "%s", into);
		goto out_free;
	}
	work_signals(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &w->before);
	if (mkdtemp(w->dir))
		return 0;
	(void)refuse_os(err, errno, "cannot write in %s", into);
	rc = refuse_hint(err, "name a writable folder with -o DIR");
	(void)sigprocmask(SIG_SETMASK, &w->before, NULL);
out_free:
	free(w->into);
	free(w->dir);
	*w = (struct work){ 0 };
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	(void)remove(path); /* the folder that stays says the rest */
	return 0;
}

/* A write beyond the limit on file sizes was told as an error already. */
static void drop_waiting(int sig)
{
	struct sigaction before, ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(sig, &ignore, &before);
	(void)sigaction(sig, &before, NULL);
}

void work_end(struct work *w)
{
	if (!w->dir)
		return;
	(void)nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(w->dir);
	free(w->into);
	drop_waiting(SIGXFSZ);
	(void)sigprocmask(SIG_SETMASK, &w->before, NULL);
	*w = (struct work){ 0 };
}

int work_publish(const struct work *w, const char *name, microvm_error *err)
{
	char *from = work_path(w->dir, name), *to = work_path(w->into, name);
	int rc = 0;

	if (!from || !to)
		rc = refuse_os(err, ENOMEM, "%s", name);
	else if (rename(from, to))
		rc = refuse_os(err, errno, "cannot make %s", to);
	free(from);
	free(to);
	return rc;
}
