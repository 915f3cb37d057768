/* SPDX-License-Identifier: MIT */
/* image_info.h - telling what a kernel, initramfs or package file is. */
#ifndef CLI_IMAGE_INFO_H
#define CLI_IMAGE_INFO_H

#include <microvm.h>
#include <stdbool.h>
#include <stdio.h>

/* One "name: value" a line, or a JSON object.  Errors also when `to` fails. */
int image_info(const char *path, bool json, FILE *to, microvm_error *err);

#endif
