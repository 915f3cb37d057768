/* SPDX-License-Identifier: MIT */
/* image_child.h - running another program and keeping what it said. */
#ifndef CLI_IMAGE_CHILD_H
#define CLI_IMAGE_CHILD_H

#include <microvm.h>

#include "image_blob.h"

/*
 * Run argv[0] out of PATH in folder `dir`, without standard input; gives its
 * exit status and the last of what it printed, ended by NUL.  Fails when it
 * cannot be started, is killed, or an ending signal waits for us (it is then
 * ended too).
 */
int child_run(const char *const argv[], const char *dir, int *status,
	      struct blob *output, microvm_error *err);

#endif
