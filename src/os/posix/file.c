/* SPDX-License-Identifier: MIT */
/* file.c - the content of a file, by open(), fstat() and pread(). */
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

int file_open(struct open_file *f, const char *path, uint64_t max,
	      mv_error *err)
{
	/* O_NONBLOCK: a fifo without a writer would hold us up in open(). */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int rc;

	*f = (struct open_file){ 0 };
	if (fd < 0)
		return cannot_open(errno, err);
	if (fstat(fd, &st))
		rc = fail_os(err, MICROVM_EIO, errno, "cannot look at it");
	else
		rc = check(&st, max, err);
	if (rc)
		(void)close(fd); /* read only: nothing can be lost */
	else
		*f = (struct open_file){ fd, (uint64_t)st.st_size };
	return rc;
}

void file_close(struct open_file *f)
{
	if (f->len)
		(void)close(f->fd); /* read only: nothing can be lost */
	*f = (struct open_file){ 0 };
}

int file_read(const struct open_file *f, uint64_t off, void *dst, size_t n,
	      mv_error *err)
{
	uint8_t *p = dst;

	while (n) {
		ssize_t got = pread(f->fd, p, n, (off_t)off);

		if (!got)
			return fail(err, MICROVM_EIO,
				    "became shorter while it was read");
		if (got < 0 && errno != EINTR)
			return fail_os(err, MICROVM_EIO, errno, "cannot read");
		if (got < 0)
			continue;
		p += got;
		off += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

int file_load(struct file *out, const struct open_file *f, mv_error *err)
{
	size_t len = (size_t)f->len;
	void *p;
	int rc;

	*out = (struct file){ 0 };
	rc = mem_map_huge(&p, len, err);
	if (!rc)
		rc = file_read(f, 0, p, len, err);
	if (rc)
		mem_unmap(p, len);
	else
		*out = (struct file){ p, len };
	return rc;
}

void file_free(struct file *f)
{
	mem_unmap(f->p, f->len);
	*f = (struct file){ 0 };
}
