/* SPDX-License-Identifier: MIT */
/* config_vsock.c - what a caller says of the vsock device and its ports. */
#include <string.h>

#include "api/config.h"

int microvm_config_set_vsock(microvm_config *cfg, uint32_t cid,
			     microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if (cid && (cid < CONFIG_CID_MIN || cid > CONFIG_CID_MAX))
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "no guest can have the context ID %lu",
				      (unsigned long)cid),
				 "give it %d to %lu, or 0 for no vsock "
				 "device",
				 CONFIG_CID_MIN, (unsigned long)CONFIG_CID_MAX);
	cfg->cid = cid;
	cfg->has_cid = true;
	return 0;
}

int microvm_config_set_vsock_socket(microvm_config *cfg, const char *path,
				    microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if (path && strlen(path) > CONFIG_SOCKET_MAX)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "socket path %.100s...: %zu bytes", path,
				      strlen(path)),
				 "the OS takes %d, of which \"_4294967295\" "
				 "needs 11: use a path of at most %d",
				 MAP_PATH_MAX, CONFIG_SOCKET_MAX);
	return config_copy(&cfg->socket, path, "socket path", err);
}

/* Who has a port of the host already; NULL: nobody. */
static const char *owner(const microvm_config *cfg, uint32_t port)
{
	unsigned i;

	if (port == PLACE_AGENT_PORT)
		return "the control line of init";
	if (port == PROXY_PORT)
		return "the proxy";
	for (i = 0; i < cfg->maps; i++) {
		if (!cfg->map[i].to_guest && cfg->map[i].port == port)
			return "another endpoint";
	}
	return NULL;
}

static int check_port(const microvm_config *cfg, const struct map_spec *spec,
		      mv_error *err)
{
	const char *who = spec->to_guest ? NULL : owner(cfg, spec->port);

	if (spec->port == UINT32_MAX) /* VMADDR_PORT_ANY: vsock(7) */
		return fail(err, MICROVM_EINVAL,
			    "vsock port 4294967295 stands for any");
	if (!who)
		return 0;
	return fail_hint(err,
			 fail(err, MICROVM_EBUSY,
			      "vsock port %lu of the host: %s has it",
			      (unsigned long)spec->port, who),
			 "take another port");
}

int microvm_config_map_port(microvm_config *cfg, uint32_t port,
			    const char *endpoint,
			    enum microvm_direction direction,
			    microvm_error *err)
{
	struct map_spec spec = { .port = port };
	int rc;

	if (!cfg || !endpoint)
		return config_missing(err, cfg ? "endpoint" : "config");
	if (direction != MICROVM_FROM_GUEST && direction != MICROVM_TO_GUEST)
		return fail(err, MICROVM_EINVAL, "no direction has number %d",
			    (int)direction);
	if (cfg->maps == CONFIG_MAPS_MAX)
		return fail(err, MICROVM_ENOMEM, "more than %d mapped ports",
			    CONFIG_MAPS_MAX);
	spec.to_guest = direction == MICROVM_TO_GUEST;
	rc = check_port(cfg, &spec, err);
	if (!rc)
		rc = map_parse(&spec, endpoint, err);
	if (!rc)
		cfg->map[cfg->maps++] = spec;
	return rc;
}

int microvm_config_forward(microvm_config *cfg, const char *spec,
			   microvm_error *err)
{
	struct forward_spec f;
	unsigned i;
	int rc;

	if (!cfg || !spec)
		return config_missing(err, cfg ? "forward" : "config");
	if (cfg->forwards == CONFIG_FORWARDS_MAX)
		return fail(err, MICROVM_ENOMEM, "more than %d forwards",
			    CONFIG_FORWARDS_MAX);
	rc = forward_parse(&f, spec, err);
	if (rc)
		return rc;
	for (i = 0; i < cfg->forwards; i++) {
		if (f.host.port && addr_equal(&f.host, &cfg->forward[i].host))
			return fail(err, MICROVM_EBUSY,
				    "forward '%s': that port of the host is "
				    "forwarded already",
				    spec);
	}
	cfg->forward[cfg->forwards++] = f;
	return 0;
}

int microvm_config_set_vsock_hold(microvm_config *cfg, uint32_t ms,
				  microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->hold_ms = ms;
	return 0;
}
