/* SPDX-License-Identifier: MIT */
/* unix_path.c - the name of a Unix socket in the file system. */
#include "net/unix_path.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/sockaddr.h"
#include "os/sockfd.h"

enum { MODE = 0600, OTHERS = 0077 };

/* What connecting there says: 0 or an errno. */
static int probe(const struct sockaddr_un *sa)
{
	int fd = sockfd_make(AF_UNIX, SOCK_STREAM);
	int os = 0;

	if (fd < 0)
		return -fd;
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)))
		os = errno;
	(void)close(fd);
	return os;
}

static int in_use(const char *path, mv_error *err)
{
	return fail_hint(
		err,
		fail(err, MICROVM_EBUSY, "another program listens on %s", path),
		"end that program, or choose another path");
}

static int in_the_way(const char *path, mv_error *err)
{
	return fail_hint(err,
			 fail(err, MICROVM_EBUSY,
			      "%s is there already, and is no socket", path),
			 "remove it, or choose another path");
}

/* Something has the name: remove it if it is a dead process's socket. */
static int make_way(const struct sockaddr_un *sa, mv_error *err)
{
	const char *path = sa->sun_path;
	struct stat before, now;
	int os;

	if (lstat(path, &before))
		return 0; /* gone meanwhile */
	if (!S_ISSOCK(before.st_mode))
		return in_the_way(path, err);
	os = probe(sa);
	switch (os) {
	case 0:
	case EAGAIN: /* its backlog is full */
	case EINPROGRESS:
	case EPROTOTYPE: return in_use(path, err); /* not for streams */
	case ENOENT: return 0;
	case ECONNREFUSED: break;
	default:
		return fail_os(err, MICROVM_EIO, os,
			       "cannot tell if somebody listens on %s", path);
	}
	/* Is it still what was asked?  Somebody may have been quicker. */
	if (lstat(path, &now))
		return 0;
	if (now.st_dev != before.st_dev || now.st_ino != before.st_ino)
		return in_use(path, err);
	if (unlink(path) && errno != ENOENT)
		return fail_os(err, MICROVM_EIO, errno,
			       "cannot remove the old socket %s", path);
	return 0;
}

static int cannot_bind(const char *path, int os, mv_error *err)
{
	int rc = fail_os(err, os == EADDRINUSE ? MICROVM_EBUSY : MICROVM_EIO,
			 os, "cannot make the socket %s", path);

	switch (os) {
	case ENOENT:
	case ENOTDIR:
		return fail_hint(err, rc,
				 "make the directory first, or choose another "
				 "path");
	case EACCES:
	case EPERM:
	case EROFS:
		return fail_hint(err, rc,
				 "choose a directory this user may write to");
	default: return rc;
	}
}

/* Note which file it is, and see that its mode is right. */
static int note(struct unix_path *p, const char *path, mv_error *err)
{
	struct stat st;
	int rc;

	if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return fail(err, MICROVM_EIO,
			    "the socket %s went away as it was made", path);
	*p = (struct unix_path){ .dev = st.st_dev, .ino = st.st_ino };
	memcpy(p->name, path, strlen(path) + 1); /* fitted into sun_path */
	if (!(st.st_mode & OTHERS))
		return 0;
	/* macOS, where fchmod() before bind() does nothing. */
	if (!chmod(path, MODE))
		return 0;
	rc = fail_os(err, MICROVM_EIO, errno,
		     "cannot set the mode of the socket %s", path);
	unix_path_remove(p);
	return rc;
}

int unix_path_bind(struct unix_path *p, int fd, const char *path, mv_error *err)
{
	struct sockaddr_un sa;
	int rc;

	rc = sockaddr_from_path(&sa, path, err);
	if (rc)
		return rc;
	/* On Linux bind() takes the mode from here, and no umask is touched. */
	(void)fchmod(fd, MODE);
	if (!bind(fd, (const struct sockaddr *)&sa, sizeof(sa)))
		return note(p, path, err);
	if (errno != EADDRINUSE)
		return cannot_bind(path, errno, err);
	rc = make_way(&sa, err);
	if (rc)
		return rc;
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)))
		return cannot_bind(path, errno, err);
	return note(p, path, err);
}

void unix_path_remove(struct unix_path *p)
{
	struct stat st;

	if (p->name[0] && !lstat(p->name, &st) && st.st_dev == p->dev &&
	    st.st_ino == p->ino)
		(void)unlink(p->name); /* if it cannot be, it stays: harmless */
	p->name[0] = '\0';
}
