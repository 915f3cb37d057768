/* SPDX-License-Identifier: MIT */
/* map.c - one vsock port joined to one socket address of the host. */
#include "endpoint/map.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint/caller.h"
#include "net/listen.h"
#include "net/sock_stream.h"

struct map {
	const struct place *at;
	struct map_spec spec;
	struct listener *listener; /* to the guest */
	struct port port;          /* from the guest */
};

/* ---- what is written -------------------------------------------------- */

static int parse_unix(struct map_spec *spec, const char *path, mv_error *err)
{
	size_t len = strlen(path);

	if (!len)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "endpoint \"unix:\": no path"),
				 "write unix:PATH, such as unix:/run/vm.sock");
	if (len > MAP_PATH_MAX)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "the path of a Unix socket is longer "
				      "than %d bytes",
				      MAP_PATH_MAX),
				 "choose a shorter path");
	memcpy(spec->path, path, len + 1);
	return 0;
}

static int parse_tcp(struct map_spec *spec, const char *text, mv_error *err)
{
	if (!addr_parse(text, &spec->addr))
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "endpoint \"tcp:%.64s\": not an IP "
				      "address with a port",
				      text),
				 "write tcp:127.0.0.1:8080 or tcp:[::1]:8080");
	if (!spec->addr.port)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "endpoint \"tcp:%.64s\": port 0", text),
				 "choose a port from 1 to 65535");
	return 0;
}

int map_parse(struct map_spec *spec, const char *endpoint, mv_error *err)
{
	spec->path[0] = '\0';
	spec->addr = (struct addr){ 0 };
	if (strncmp(endpoint, "unix:", 5) == 0)
		return parse_unix(spec, endpoint + 5, err);
	if (strncmp(endpoint, "tcp:", 4) == 0)
		return parse_tcp(spec, endpoint + 4, err);
	return fail_hint(err,
			 fail(err, MICROVM_EINVAL,
			      "endpoint \"%.64s\": neither a Unix nor a TCP "
			      "socket",
			      endpoint),
			 "write unix:PATH or tcp:IP:PORT");
}

/* ---- what happens ----------------------------------------------------- */

static void on_client(void *ctx, struct sock *sock)
{
	const struct map *m = ctx;
	const struct caller_spec spec = { .port = m->spec.port };

	caller_start(m->at, sock, &spec);
}

static struct stream *on_guest(void *ctx, uint32_t port, uint32_t guest_port)
{
	const struct map *m = ctx;
	struct stream *s;
	struct sock *sock;
	int rc;

	(void)port;
	(void)guest_port;
	if (m->spec.path[0])
		rc = sock_connect_unix(m->at->loop, m->spec.path, &sock, NULL);
	else
		rc = sock_connect(m->at->loop, &m->spec.addr, NULL, NULL, &sock,
				  NULL);
	if (rc)
		return NULL;
	if (!sock_stream_opening(sock, &s, NULL))
		return s;
	sock_close(sock, false);
	return NULL;
}

static int start(struct map *m, mv_error *err)
{
	uv_loop_t *loop = m->at->loop;

	if (!m->spec.to_guest) {
		m->port = (struct port){ .number = m->spec.port,
					 .accept = on_guest,
					 .ctx = m };
		return ports_bind(m->at->ports, &m->port, err);
	}
	if (m->spec.path[0])
		return listener_unix(loop, m->spec.path, on_client, m,
				     &m->listener, err);
	return listener_tcp(loop, &m->spec.addr, on_client, m, &m->listener,
			    err);
}

int map_new(const struct place *at, const struct map_spec *spec,
	    struct map **out, mv_error *err)
{
	struct map *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return fail(err, MICROVM_ENOMEM, "no memory for a port");
	m->at = at;
	m->spec = *spec;
	rc = start(m, err);
	if (rc) {
		free(m);
		return rc;
	}
	*out = m;
	return 0;
}

bool map_addr(const struct map *m, struct addr *a)
{
	return m->listener && listener_addr(m->listener, a);
}

void map_close(struct map *m)
{
	if (!m)
		return;
	if (m->listener)
		listener_close(m->listener);
	else
		ports_unbind(m->at->ports, &m->port);
	free(m);
}
