/* SPDX-License-Identifier: MIT */
/*
 * main.c - outbound-proxy: the way out of a guest without a network card, and
 * the way in to its TCP ports.
 *
 * One process, one thread, one loop.  What it offers is listed in
 * docs/proxy.md.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/outbound-proxy/inbound.h"
#include "guest/outbound-proxy/options.h"
#include "guest/outbound-proxy/session.h"
#include "guest/outbound-proxy/stub.h"

/* Two for each session and forwarded connection, one for each lookup. */
enum { DESCRIPTORS = 8192 };

const char say_name[] = "outbound-proxy";

static void raise_limit(void)
{
	struct rlimit r = { DESCRIPTORS, DESCRIPTORS };

	if (setrlimit(RLIMIT_NOFILE, &r) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max; /* fewer: then some clients wait */
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static void tell(const struct options *o, const char *what, int fd)
{
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint at;

	if (!o->verbose || !endpoint_of(&at, fd))
		return;
	endpoint_text(&at, text, sizeof(text));
	say("%s %s", what, text);
}

/* 127.0.0.1, and ::1 when there is IPv6; both on one port. */
static bool open_clients(struct server *sv, const struct options *o,
			 struct listener *l, uint16_t port, const char *what)
{
	struct endpoint at;
	struct sockaddr_in a4;

	endpoint_loopback(&at, AF_INET, port);
	if (!listener_open(&l[0], &sv->loop, &at, session_new, sv)) {
		say_os(errno, "cannot listen on 127.0.0.1:%u", port);
		return false;
	}
	tell(o, what, l[0].watch.fd);
	if (!endpoint_of(&at, l[0].watch.fd))
		return false;
	memcpy(&a4, &at.sa, sizeof(a4));
	endpoint_loopback(&at, AF_INET6, ntohs(a4.sin_port));
	if (listener_open(&l[1], &sv->loop, &at, session_new, sv))
		tell(o, what, l[1].watch.fd);
	return true;
}

/* What is missing of these, the rest works without. */
static void open_others(struct server *sv, const struct options *o)
{
	char text[ENDPOINT_TEXT_MAX];

	if (o->dns) {
		if (stub_open(sv, o->dns_port))
			tell(o, "dns", sv->dns_udp.fd);
		else
			say_os(errno, "no name server on 127.0.0.1:%u",
			       o->dns_port);
	}
	if (!o->forward)
		return;
	if (listener_open(&sv->inbound, &sv->loop, &o->forward_at, inbound_new,
			  sv)) {
		tell(o, "forward", sv->inbound.watch.fd);
	} else {
		endpoint_text(&o->forward_at, text, sizeof(text));
		say_os(errno, "no forwarding at %s", text);
	}
}

static bool open_all(struct server *sv, const struct options *o)
{
	struct listener *const all[] = { &sv->clients[0], &sv->clients[1],
					 &sv->clients[2], &sv->clients[3],
					 &sv->inbound,    &sv->dns };
	size_t i;
	int os;

	os = loop_init(&sv->loop);
	if (os) {
		say_os(os, "cannot wait for sockets");
		return false;
	}
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		loop_watch_init(&all[i]->watch, NULL, NULL);
	sv->host = o->host;
	if (o->socks &&
	    !open_clients(sv, o, &sv->clients[0], o->socks_port, "socks"))
		return false;
	if (o->http &&
	    !open_clients(sv, o, &sv->clients[2], o->http_port, "http"))
		return false;
	open_others(sv, o);
	return true;
}

static int serve(const struct options *o)
{
	struct server *sv = calloc(1, sizeof(*sv));
	int os;

	if (!sv) {
		say_os(ENOMEM, "cannot start");
		return 1;
	}
	raise_limit();
	if (!open_all(sv, o)) {
		free(sv);
		return 1;
	}
	if (o->ready_fd >= 0)
		(void)close(o->ready_fd);
	if (o->verbose)
		say("ready");
	os = loop_run(&sv->loop);
	say_os(os, "cannot wait for sockets");
	free(sv);
	return 1;
}

int main(int argc, char **argv)
{
	struct options o;
	const char *bad;

	if (!options_parse(&o, argc, argv, &bad)) {
		say("%s: unknown, or its value is missing or wrong; see --help",
		    bad);
		return 2;
	}
	if (o.help)
		return write(STDOUT_FILENO, options_help,
			     strlen(options_help)) < 0;
	(void)signal(SIGPIPE, SIG_IGN);
	return serve(&o);
}
