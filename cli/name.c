/* SPDX-License-Identifier: MIT */
/* name.c - names of running guests, and the sockets they stand for. */
#include "name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

enum {
	NAME_LEN_MAX = 40, /* leaves room in a socket's address for a folder */
	FOLDER = NAME_PATH - NAME_LEN_MAX - 16,
};

static int check_name(const char *name, microvm_error *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t len = strlen(name);

	if (len && len <= NAME_LEN_MAX && strspn(name, letters) == len &&
	    name[0] != '.' && name[0] != '-')
		return 0;
	(void)refuse(err, "'%.80s' is no name for a guest", name);
	return refuse_hint(err,
			   "up to %d letters, digits, and . _ - behind the "
			   "first",
			   NAME_LEN_MAX);
}

static const char *absolute(const char *variable)
{
	const char *path = getenv(variable);

	return path && path[0] == '/' ? path : NULL;
}

/*
 * The folder.  XDG_RUNTIME_DIR belongs to the user alone (XDG base directory
 * spec 0.8); TMPDIR may not, so there the folder's name is the user's own and
 * its owner is looked at below.
 */
static int find_folder(char buf[static FOLDER], microvm_error *err)
{
	const char *base = absolute("XDG_RUNTIME_DIR");
	int n;

	if (base) {
		n = snprintf(buf, FOLDER, "%s/microvm", base);
	} else if ((base = absolute("TMPDIR"))) {
		n = snprintf(buf, FOLDER, "%s/microvm-%lu", base,
			     (unsigned long)getuid());
	} else if ((base = absolute("HOME"))) {
		n = snprintf(buf, FOLDER, "%s/.cache/microvm", base);
	} else {
		(void)refuse(err, "no folder for sockets: none of "
				  "XDG_RUNTIME_DIR, TMPDIR and HOME is a full "
				  "path");
		return refuse_hint(err, "set XDG_RUNTIME_DIR");
	}
	if (n < 0 || n >= FOLDER)
		return refuse(err,
			      "the folder for sockets under %.80s... is too "
			      "long a path",
			      base);
	return 0;
}

/* Whoever can write to it may have put any socket under a name there. */
static int check_folder(const char *path, microvm_error *err)
{
	struct stat st;

	if (lstat(path, &st))
		return refuse_os(err, errno, "%.160s", path);
	if (S_ISDIR(st.st_mode) && st.st_uid == getuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	(void)refuse(err, "%.160s: not a folder that only you can write to",
		     path);
	return refuse_hint(err, "remove it, or set XDG_RUNTIME_DIR to a folder "
				"of your own");
}

/* Make it, and if need be the one it is in. */
static int make_folder(char *path, microvm_error *err)
{
	char *slash = strrchr(path, '/');

	*slash = 0;
	if (mkdir(path, 0700) && errno != EEXIST)
		return refuse_os(err, errno, "cannot make %.160s", path);
	*slash = '/';
	if (mkdir(path, 0700) && errno != EEXIST)
		return refuse_os(err, errno, "cannot make %.160s", path);
	return check_folder(path, err);
}

int name_socket(char buf[static NAME_PATH], const char *name,
		microvm_error *err)
{
	char folder[FOLDER];
	int rc = check_name(name, err);

	if (!rc)
		rc = find_folder(folder, err);
	if (!rc && !access(folder, F_OK)) /* else nobody is there */
		rc = check_folder(folder, err);
	if (!rc)
		(void)snprintf(buf, NAME_PATH, "%s/%s.sock", folder, name);
	return rc;
}

/*
 * A locked file that is still the one at its path: its owner removes it at the
 * end, and who opened it before that has the lock of nothing.
 */
static int lock(struct name *n, bool *taken, microvm_error *err)
{
	struct stat mine, there;
	int fd;

	for (;;) {
		fd = open(n->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			  0600);
		if (fd < 0)
			return refuse_os(err, errno, "cannot make %.160s",
					 n->path);
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			int os = errno;

			(void)close(fd);
			*taken = os == EWOULDBLOCK;
			return *taken ? -MICROVM_EBUSY
				      : refuse_os(err, os, "cannot lock %.160s",
						  n->path);
		}
		if (!fstat(fd, &mine) && !stat(n->path, &there) &&
		    mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
			break;
		(void)close(fd);
	}
	n->lock = fd;
	return 0;
}

int name_take(struct name *n, const char *name, microvm_error *err)
{
	char folder[FOLDER];
	bool taken = false;
	int rc = name_socket(n->socket, name, err);

	n->lock = -1;
	if (!rc)
		rc = find_folder(folder, err);
	if (!rc)
		rc = make_folder(folder, err);
	if (rc)
		return rc;
	(void)snprintf(n->path, NAME_PATH, "%s/%s.lock", folder, name);
	rc = lock(n, &taken, err);
	if (taken) {
		(void)refuse(err, "a guest named '%s' runs already", name);
		return refuse_hint(err, "take another name, or end that one");
	}
	if (!rc) /* of a process that was killed; mostly there is none */
		(void)unlink(n->socket);
	return rc;
}

void name_drop(struct name *n)
{
	if (n->lock < 0)
		return;
	(void)unlink(n->path);
	(void)close(n->lock);
	n->lock = -1;
}
