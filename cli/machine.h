/* SPDX-License-Identifier: MIT */
/* machine.h - the options that describe a guest, and a config made of them. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <microvm.h>

#include "opts.h"

struct machine {
	const char *kernel;
	struct opt_list initrds, appends, env, files;
	const char *cmdline;
	const char *backend;
	uint64_t memory; /* bytes; 0: the library's default */
	unsigned cpus;   /* 0: likewise */
	unsigned arch;   /* index in guest_arch_choices: 0 is "auto" */
	unsigned clock;  /* enum microvm_clock */
	const char *vsock; /* as given; NULL: it was not */
	bool no_vsock;
	char **cmd;      /* behind "--" */
	size_t cmds;
	unsigned cols, rows; /* of the user's terminal; 0: none */
};

/* The group of options that fill `m`. */
struct opt_group machine_group(struct machine *m);

/* Whether it has a vsock device: not on virtual time, unless asked for. */
bool machine_has_vsock(const struct machine *m);

/* An error that names the option, when it has none. */
int machine_needs_vsock(const struct machine *m, const char *option,
			microvm_error *err);

/* Move what is behind "--" into it; refuse other words. */
int machine_words(struct machine *m, const struct opt_args *args,
		  microvm_error *err);

/*
 * After a machine could not be made: when that was for want of an image that
 * this host can run, add how to get one to the hint.
 */
void machine_suggest(const struct machine *m, microvm_error *err);

/* A config of it; on success *cfg is the caller's to free. */
int machine_config(const struct machine *m, microvm_config **cfg,
		   microvm_error *err);

#endif
