/* SPDX-License-Identifier: MIT */
/* forward.c - a TCP port of the host that leads to one of the guest. */
#include "endpoint/forward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint/caller.h"
#include "endpoint/line.h"
#include "net/listen.h"

struct forward {
	const struct place *at;
	struct forward_spec spec;
	struct listener *listener;
};

/* ---- what is written -------------------------------------------------- */

static bool parse_port(const char *text, uint16_t *port)
{
	uint32_t v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		v = v * 10 + (uint32_t)(*text - '0');
		if (v > UINT16_MAX)
			return false;
	}
	*port = (uint16_t)v;
	return true;
}

/* "HOST" or "ip:HOST", of which `len` bytes count. */
static bool parse_host(struct addr *a, const char *text, size_t len)
{
	char host[ADDR_TEXT];

	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (strchr(host, ':'))
		return addr_parse(host, a);
	*a = (struct addr){ .family = ADDR_IPV4, .ip = { 127, 0, 0, 1 } };
	return parse_port(host, &a->port);
}

int forward_parse(struct forward_spec *spec, const char *text, mv_error *err)
{
	const char *colon = strrchr(text, ':');
	const char *wrong = NULL;

	if (!colon)
		wrong = "no \":\" between the two ports";
	else if (!parse_port(colon + 1, &spec->guest) || !spec->guest)
		wrong = "the guest's port is not a number from 1 to 65535";
	else if (!parse_host(&spec->host, text, (size_t)(colon - text)))
		wrong = "the host's side is neither a port nor IP:PORT";
	if (!wrong)
		return 0;
	return fail_hint(
		err,
		fail(err, MICROVM_EINVAL, "forward \"%.64s\": %s", text, wrong),
		"write [IP:]HOST:GUEST, such as 8080:80 or "
		"0.0.0.0:8080:80");
}

/* ---- what happens ----------------------------------------------------- */

static void on_client(void *ctx, struct sock *sock)
{
	const struct forward *f = ctx;
	char head[LINE_MAX_LEN];
	int len = snprintf(head, sizeof(head), "CONNECT %u\n",
			   (unsigned)f->spec.guest);
	const struct caller_spec spec = {
		.port = PLACE_FORWARD_PORT,
		.head = head,
		.head_len = (size_t)len,
		.ask = true,
	};

	caller_start(f->at, sock, &spec);
}

int forward_new(const struct place *at, const struct forward_spec *spec,
		struct forward **out, mv_error *err)
{
	struct forward *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return fail(err, MICROVM_ENOMEM, "no memory for a port");
	f->at = at;
	f->spec = *spec;
	rc = listener_tcp(at->loop, &spec->host, on_client, f, &f->listener,
			  err);
	if (rc) {
		free(f);
		return rc;
	}
	*out = f;
	return 0;
}

void forward_close(struct forward *f)
{
	if (!f)
		return;
	listener_close(f->listener);
	free(f);
}

bool forward_addr(const struct forward *f, struct addr *a)
{
	return listener_addr(f->listener, a);
}
