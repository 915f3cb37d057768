/* SPDX-License-Identifier: MIT */
/* file.c - a small file of the guest, whole, in memory. */
#include "guest/common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Until `len` bytes or the end; -1 with errno set. */
static ssize_t read_all(int fd, char *p, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = read(fd, p + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static char *read_fd(int fd, size_t max, size_t *len)
{
	struct stat st;
	ssize_t n;
	char *p;

	if (fstat(fd, &st))
		return NULL;
	if (st.st_size < 0 || (size_t)st.st_size > max) {
		errno = EFBIG;
		return NULL;
	}
	p = malloc((size_t)st.st_size + 1);
	if (!p)
		return NULL;
	n = read_all(fd, p, (size_t)st.st_size);
	if (n < 0) {
		free(p);
		return NULL;
	}
	p[n] = '\0';
	*len = (size_t)n;
	return p;
}

char *file_read(const char *path, size_t max, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p;
	int os;

	if (fd < 0)
		return NULL;
	p = read_fd(fd, max, len);
	os = errno;
	(void)close(fd); /* was only read */
	errno = os;
	return p;
}
