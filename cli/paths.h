/* SPDX-License-Identifier: MIT */
/* paths.h - where the command keeps what it makes. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <microvm.h>

/*
 * The folder of the guest image of `arch` ("arm64"), with "kernel" and
 * "initrd" in it: $XDG_DATA_HOME/microvm/ARCH, or that under
 * $HOME/.local/share.  An error when neither variable is of use.
 */
int image_dir(char *buf, size_t size, const char *arch, microvm_error *err);

#endif
