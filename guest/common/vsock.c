/* SPDX-License-Identifier: MIT */
/* vsock.c - whether this machine has a vsock, and who it is there. */
#include "guest/common/vsock.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool vsock_local_cid(uint32_t *cid)
{
	int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return false;
	rc = ioctl(fd, VSOCK_GET_LOCAL_CID, cid);
	(void)close(fd); /* was only asked */
	/* Without a device it is 0, or any; 1 and 2 are no guest. */
	return rc == 0 && *cid > VSOCK_CID_HOST && *cid != VSOCK_CID_ANY;
}
