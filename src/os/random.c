/* SPDX-License-Identifier: MIT */
/* random.c - bytes nobody can guess, as libuv gets them on every OS. */
#include "os/random.h"

#include <uv.h>

int random_bytes(void *p, size_t len, mv_error *err)
{
	int rc = uv_random(NULL, NULL, p, len, 0, NULL);

	return rc ? fail_os(err, MICROVM_EIO, -rc,
			    "the host gives no random bytes")
		  : 0;
}
