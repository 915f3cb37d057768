/* SPDX-License-Identifier: MIT */
/* options.c - the command line of outbound-proxy. */
#include "guest/outbound-proxy/options.h"

#include <limits.h>
#include <string.h>

#include "guest/common/number.h"
#include "guest/common/vsock.h"

enum { SOCKS_PORT = 1080, DNS_PORT = 53 };

const char options_help[] =
	"usage: outbound-proxy [OPTION...]\n"
	"The way out of a guest without a network card.\n"
	"  --socks PORT     SOCKS5 and HTTP on this port of the loopback "
	"(1080)\n"
	"  --http PORT      on one more port, such as 3128\n"
	"  --dns PORT       the name server's port on 127.0.0.1 (53)\n"
	"  --upstream ADDR  the host's SOCKS server (vsock:2:7601)\n"
	"  --forward ADDR   where the host asks for TCP ports of ours\n"
	"                   (vsock:any:7602)\n"
	"  --no-socks --no-dns --no-forward\n"
	"  --ready FD       close this descriptor once everything is open\n"
	"  -v, --verbose    say what is open\n"
	"ADDR is vsock:CID:PORT, unix:PATH or tcp:IP:PORT; port 0 is any.\n";

static bool read_port(const char *text, bool *on, uint16_t *port)
{
	uint64_t v;

	if (!number_parse(text, UINT16_MAX, &v))
		return false;
	*on = true;
	*port = (uint16_t)v;
	return true;
}

/* An option with a value. */
static bool set(struct options *o, const char *name, const char *value)
{
	uint64_t fd;

	if (strcmp(name, "--socks") == 0)
		return read_port(value, &o->socks, &o->socks_port);
	if (strcmp(name, "--http") == 0)
		return read_port(value, &o->http, &o->http_port);
	if (strcmp(name, "--dns") == 0)
		return read_port(value, &o->dns, &o->dns_port);
	if (strcmp(name, "--upstream") == 0)
		return endpoint_parse(&o->host, value);
	if (strcmp(name, "--forward") == 0)
		return endpoint_parse(&o->forward_at, value);
	if (strcmp(name, "--ready") != 0 || !number_parse(value, INT_MAX, &fd))
		return false;
	o->ready_fd = (int)fd;
	return true;
}

static bool set_flag(struct options *o, const char *name)
{
	if (strcmp(name, "--no-socks") == 0)
		o->socks = false;
	else if (strcmp(name, "--no-dns") == 0)
		o->dns = false;
	else if (strcmp(name, "--no-forward") == 0)
		o->forward = false;
	else if (strcmp(name, "--verbose") == 0 || strcmp(name, "-v") == 0)
		o->verbose = true;
	else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		o->help = true;
	else
		return false;
	return true;
}

bool options_parse(struct options *o, int argc, char **argv, const char **bad)
{
	int i;

	memset(o, 0, sizeof(*o));
	o->socks = o->dns = o->forward = true;
	o->socks_port = SOCKS_PORT;
	o->dns_port = DNS_PORT;
	o->ready_fd = -1;
	endpoint_vsock(&o->host, VSOCK_CID_HOST, VSOCK_PORT_PROXY);
	endpoint_vsock(&o->forward_at, VSOCK_CID_ANY, VSOCK_PORT_FORWARD);
	for (i = 1; i < argc; i++) {
		*bad = argv[i];
		if (set_flag(o, argv[i]))
			continue;
		if (i + 1 == argc || !set(o, argv[i], argv[i + 1]))
			return false;
		i++;
	}
	return true;
}
