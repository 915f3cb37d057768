/* SPDX-License-Identifier: MIT */
/* config.h - what a caller has said so far; everything in it is a copy. */
#ifndef API_CONFIG_H
#define API_CONFIG_H

#include <stdbool.h>

#include "boot/cmdline.h"
#include "boot/config.h"
#include "core/hv.h"

enum {
	CONFIG_CPUS_MAX = 4,
	CONFIG_INITRDS_MAX = 16,
};

#define CONFIG_MIB UINT64_C(0x100000)
#define CONFIG_RAM_MIN (16 * CONFIG_MIB)
#define CONFIG_RAM_MAX (64 * 1024 * CONFIG_MIB)

struct microvm_config {
	bool has_arch;
	enum arch arch;
	const struct hv_ops *backend; /* NULL: auto */
	unsigned cpus;
	uint64_t ram;
	char *kernel; /* NULL: none yet */
	char *initrd[CONFIG_INITRDS_MAX];
	unsigned initrds;
	struct boot_file *file;
	char **copy; /* of file[]'s paths and contents */
	unsigned files;
	bool has_base;
	struct cmdline base; /* instead of the default */
	struct cmdline more; /* behind it */
	bool virtual_time;
	bool console;
	microvm_event_fn *event;
	void *event_ctx;
};

#endif
