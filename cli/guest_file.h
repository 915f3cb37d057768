/* SPDX-License-Identifier: MIT */
/* guest_file.h - a file of the host for the guest: "HOST:GUEST[:MODE]". */
#ifndef CLI_GUEST_FILE_H
#define CLI_GUEST_FILE_H

#include <microvm.h>

struct guest_file {
	char *host;     /* from malloc, and with it ... */
	char *guest;    /* ... a path from the root */
	int mode;       /* permission bits; -1: those of the host's file */
};

int guest_file_parse(struct guest_file *f, const char *text,
		     microvm_error *err);
void guest_file_free(struct guest_file *f);

/* Read it, of at most `max` bytes, and add it to the guest's files. */
int guest_file_add(microvm_config *cfg, const char *text, size_t max,
		   microvm_error *err);

#endif
