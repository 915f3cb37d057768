/* SPDX-License-Identifier: MIT */
/* config.h - what a caller has said so far; everything in it is a copy. */
#ifndef API_CONFIG_H
#define API_CONFIG_H

#include <stdbool.h>

#include "boot/cmdline.h"
#include "boot/config.h"
#include "core/hv.h"
#include "endpoint/forward.h"
#include "endpoint/map.h"
#include "proxy/proxy.h"

enum {
	CONFIG_CPUS_MAX = 4,
	CONFIG_INITRDS_MAX = 16,
	CONFIG_MAPS_MAX = 64,
	CONFIG_FORWARDS_MAX = 64,
	CONFIG_RULES_MAX = 1024,
	CONFIG_LOGIN_MAX = 255, /* bytes of a name or password: RFC 1929, 2 */
	CONFIG_CID_MIN = 3,     /* VIRTIO 1.2, 5.10.4 */
	CONFIG_HOLD_MS = 10000,
	/* A guest's connections to port N go to a path with "_N" behind it. */
	CONFIG_SOCKET_MAX = MAP_PATH_MAX - 11,
};

#define CONFIG_CID_MAX UINT32_C(0xfffffffe) /* VIRTIO 1.2, 5.10.4 */

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

	bool has_cid; /* it was asked for, be it 0 */
	uint32_t cid;
	char *socket; /* NULL: none */
	struct map_spec map[CONFIG_MAPS_MAX];
	unsigned maps;
	struct forward_spec forward[CONFIG_FORWARDS_MAX];
	unsigned forwards;
	uint32_t hold_ms;
	struct policy policy;
	char *user, *password; /* both or none */
	char *upstream;        /* NULL: none */
	/* Its callbacks; the rest is filled in from the above. */
	struct proxy_config proxy;
};

/* What the setters have in common. */
int config_missing(mv_error *err, const char *what);
int config_no_memory(mv_error *err);

/* A copy into *out, whose old text is freed; `role` is for messages. */
int config_copy(char **out, const char *text, const char *role,
		mv_error *err) MUST_CHECK;

#endif
