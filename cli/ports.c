/* SPDX-License-Identifier: MIT */
/* ports.c - the options that join a guest's ports to the host. */
#include "ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "vsock_opt.h"

#define AT(member) offsetof(struct ports, member)

static const struct opt ports_opts[] = {
	{ "publish", 'p', OPT_LIST, AT(published), "[IP:]HOST:GUEST",
	  "TCP port HOST here leads to port GUEST in the guest; on 127.0.0.1 "
	  "unless IP is given",
	  NULL },
	{ "name", 0, OPT_TEXT, AT(name_text), "NAME",
	  "name the guest for `microvm connect`", NULL },
	{ "vsock-port", 0, OPT_LIST, AT(maps), "PORT=ENDPOINT[,listen]",
	  "the guest's connections to the host's vsock port go to unix:PATH "
	  "or tcp:IP:PORT; with listen, connections to that go to the "
	  "guest's port",
	  NULL },
	{ "vsock-hold", 0, OPT_TIME, AT(hold_ms), "SEC",
	  "how long a connection waits for somebody in the guest to listen "
	  "(default 10)",
	  NULL },
};

struct opt_group ports_group(struct ports *p)
{
	p->name.lock = -1;
	return (struct opt_group){ "ports of the guest", ports_opts,
				   sizeof(ports_opts) / sizeof(*ports_opts),
				   p };
}

bool ports_wanted(const struct ports *p)
{
	return p->maps.count || p->published.count;
}

int ports_parse_map(const char *text, uint32_t *port, char *endpoint,
		    enum microvm_direction *direction, microvm_error *err)
{
	static const char listen[] = ",listen";
	size_t tail = sizeof(listen) - 1, len = strlen(text);
	const char *equals = strchr(text, '=');
	int rc;

	if (!equals || !equals[1]) {
		(void)refuse(err, "'%.120s' is not PORT=ENDPOINT[,listen]",
			     text);
		return refuse_hint(err, "write 1024=unix:PATH or "
					"1024=tcp:127.0.0.1:80");
	}
	rc = vsock_port_parse(text, (size_t)(equals - text), port, err);
	if (rc)
		return rc;
	*direction = MICROVM_FROM_GUEST;
	if (len > tail && !strcmp(text + len - tail, listen)) {
		*direction = MICROVM_TO_GUEST;
		len -= tail;
	}
	len -= (size_t)(equals + 1 - text);
	memcpy(endpoint, equals + 1, len);
	endpoint[len] = 0;
	return 0;
}

static int add_map(const char *text, microvm_config *cfg, microvm_error *err)
{
	char *endpoint = malloc(strlen(text) + 1);
	enum microvm_direction direction = MICROVM_FROM_GUEST;
	uint32_t port = 0;
	int rc;

	if (!endpoint)
		return refuse_os(err, ENOMEM, "%.80s", text);
	rc = ports_parse_map(text, &port, endpoint, &direction, err);
	if (!rc)
		rc = microvm_config_map_port(cfg, port, endpoint, direction,
					     err);
	free(endpoint);
	return rc;
}

/* The first option given that needs the device; NULL: none. */
static const char *first_asked(const struct ports *p)
{
	if (p->published.count)
		return "-p";
	if (p->maps.count)
		return "--vsock-port";
	if (p->name_text)
		return "--name";
	return p->hold_ms ? "--vsock-hold" : NULL;
}

static int add_socket(struct ports *p, const struct machine *m,
		      microvm_config *cfg, microvm_error *err)
{
	struct vsock_opt v = { 0 };
	int rc = m->vsock ? vsock_opt_parse(m->vsock, &v, err) : 0;

	if (rc)
		return refuse_in(err, "--vsock");
	if (p->name_text && v.socket) {
		(void)refuse(err, "--name and --vsock socket=: a guest has one "
				  "socket");
		return refuse_hint(err, "microvm connect takes the path of the "
					"socket too");
	}
	if (v.socket) {
		rc = microvm_config_set_vsock_socket(cfg, v.socket, err);
		return rc ? refuse_in(err, "--vsock") : 0;
	}
	if (!p->name_text)
		return 0;
	rc = name_take(&p->name, p->name_text, err);
	if (!rc)
		rc = microvm_config_set_vsock_socket(cfg, p->name.socket, err);
	return rc ? refuse_in(err, "--name") : 0;
}

static int add_ports(const struct ports *p, microvm_config *cfg,
		     microvm_error *err)
{
	int rc = 0;

	if (p->hold_ms)
		rc = microvm_config_set_vsock_hold(
			cfg,
			p->hold_ms < UINT32_MAX ? (uint32_t)p->hold_ms
						: UINT32_MAX - 1,
			err);
	for (size_t i = 0; !rc && i < p->maps.count; i++)
		if (add_map(p->maps.word[i], cfg, err))
			rc = refuse_in(err, "--vsock-port");
	for (size_t i = 0; !rc && i < p->published.count; i++)
		if (microvm_config_forward(cfg, p->published.word[i], err))
			rc = refuse_in(err, "-p");
	return rc;
}

int ports_config(struct ports *p, const struct machine *m, microvm_config *cfg,
		 microvm_error *err)
{
	const char *asked = first_asked(p);
	int rc;

	if (asked) {
		rc = machine_needs_vsock(m, asked, err);
		if (rc)
			return rc;
	}
	rc = add_socket(p, m, cfg, err);
	if (!rc)
		rc = add_ports(p, cfg, err);
	if (rc)
		ports_drop(p);
	return rc;
}

void ports_drop(struct ports *p)
{
	name_drop(&p->name);
}
