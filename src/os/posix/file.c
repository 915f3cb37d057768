/* SPDX-License-Identifier: MIT */
/* file.c - the whole content of a file, by open(), fstat() and read(). */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/mem.h"

static int cannot_open(int os, mv_error *err)
{
	int rc = fail_os(err, MICROVM_EIO, os, "cannot open");

	switch (os) {
	case ENOENT:
	case ENOTDIR:
		return fail_hint(err, rc,
				 "check the path; one that does not begin with "
				 "/ starts at the current directory");
	case EACCES:
	case EPERM:
		return fail_hint(err, rc,
				 "make it readable for this user (chmod +r), "
				 "and every directory above it (chmod +x)");
	default: return rc;
	}
}

static int refuse(const char *what, mv_error *err)
{
	return fail_hint(err,
			 fail(err, MICROVM_EINVAL, "is %s, not a file", what),
			 "give the path of a regular file");
}

/* Only what has a size and stays where it is can be read whole. */
static int check(const struct stat *st, uint64_t max, mv_error *err)
{
	if (S_ISDIR(st->st_mode))
		return refuse("a directory", err);
	if (S_ISFIFO(st->st_mode))
		return refuse("a fifo", err);
	if (!S_ISREG(st->st_mode))
		return refuse("a device or a socket", err);
	if (!st->st_size)
		return fail(err, MICROVM_EBADIMAGE, "is empty");
	if ((uint64_t)st->st_size > max)
		return fail(err, MICROVM_ENOMEM,
			    "has %llu bytes, more than the %llu there is room "
			    "for",
			    (unsigned long long)st->st_size,
			    (unsigned long long)max);
	return 0;
}

static int read_all(int fd, uint8_t *p, size_t len, mv_error *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, p + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (!n)
			return fail(err, MICROVM_EIO,
				    "became shorter while it was read");
		else if (errno != EINTR)
			return fail_os(err, MICROVM_EIO, errno, "cannot read");
	}
	return 0;
}

int file_load(struct file *f, const char *path, uint64_t max, mv_error *err)
{
	/* O_NONBLOCK: a fifo without a writer would hold us up in open(). */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t len;
	void *p;
	int rc;

	*f = (struct file){ 0 };
	if (fd < 0)
		return cannot_open(errno, err);
	if (fstat(fd, &st)) {
		rc = fail_os(err, MICROVM_EIO, errno, "cannot look at it");
		goto out;
	}
	rc = check(&st, max, err);
	if (rc)
		goto out;
	len = (size_t)st.st_size;
	rc = mem_map(&p, len, err);
	if (rc)
		goto out;
	rc = read_all(fd, p, len, err);
	if (rc)
		mem_unmap(p, len);
	else
		*f = (struct file){ p, len };
out:
	(void)close(fd); /* read only: nothing can be lost */
	return rc;
}

void file_free(struct file *f)
{
	mem_unmap(f->p, f->len);
	*f = (struct file){ 0 };
}
