/* SPDX-License-Identifier: MIT */
/*
 * serve.c - the proxy behind a TCP listener on 127.0.0.1, with no guest.
 *
 *	serve [--net none|public|all] [--rule RULE]... [--login USER:PASSWORD]
 *	      [--upstream URL] [--port N] [--port-file FILE] [--flows]
 *
 * Ends in order at the end of its standard input.  --port-file gets the port,
 * once it listens; --flows prints a line for each verdict and each end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"
#include "net/listen.h"
#include "proxy/proxy.h"

struct serve {
	uv_loop_t loop;
	struct policy policy;
	struct proxy_config cfg;
	struct proxy *proxy;
	struct listener *listener;
	struct bridges bridges;
	struct addr at;
	const char *port_file;
	uv_poll_t stdin_poll;
};

static int usage(void)
{
	(void)fprintf(stderr, "usage: serve [--net none|public|all] "
			      "[--rule RULE]... [--login USER:PASSWORD] "
			      "[--upstream URL] [--port N] [--port-file FILE] "
			      "[--flows]\n");
	return 2;
}

static int complain(const mv_error *err)
{
	(void)fprintf(stderr, "serve: %s\n", err->msg);
	return 1;
}

static void on_flow(void *ctx, const microvm_flow *f)
{
	static const char *const kinds[] = { "tcp", "udp", "resolve" };
	static const char *const phases[] = { "asked", "denied", "failed",
					      "opened", "ended" };

	(void)ctx;
	(void)printf("%llu %s %s name=%s address=%s port=%u out=%llu in=%llu "
		     "%s\n",
		     (unsigned long long)f->id, kinds[f->kind],
		     phases[f->phase], f->name, f->address, f->port,
		     (unsigned long long)f->bytes_out,
		     (unsigned long long)f->bytes_in, f->why);
	(void)fflush(stdout);
}

static void on_accept(void *ctx, struct sock *sock)
{
	struct serve *s = ctx;
	struct stream *stream = proxy_accept(s->proxy);

	if (!stream) {
		sock_close(sock, true);
	} else if (bridge_new(&s->bridges, sock, stream)) {
		sock_close(sock, true);
		stream->ops->close(stream, STREAM_GONE);
	}
}

/* There is nothing to read: it ends when whoever started us does. */
static void on_stdin(uv_poll_t *poll, int status, int events)
{
	struct serve *s = poll->data;

	(void)status;
	(void)events;
	uv_close((uv_handle_t *)poll, NULL);
	listener_close(s->listener);
	bridges_close(&s->bridges);
	proxy_free(s->proxy);
}

static int set_net(struct serve *s, const char *word)
{
	if (strcmp(word, "none") == 0)
		s->policy.base = MICROVM_NET_NONE;
	else if (strcmp(word, "public") == 0)
		s->policy.base = MICROVM_NET_PUBLIC;
	else if (strcmp(word, "all") == 0)
		s->policy.base = MICROVM_NET_ALL;
	else
		return usage();
	return 0;
}

static int set_login(struct serve *s, char *word)
{
	char *colon = strchr(word, ':');

	if (!colon)
		return usage();
	*colon = '\0';
	s->cfg.login = (struct socks5_login){ word, colon + 1 };
	return 0;
}

static int option(struct serve *s, const char *name, char *value)
{
	mv_error err = { 0 };

	if (strcmp(name, "--net") == 0)
		return set_net(s, value);
	if (strcmp(name, "--login") == 0)
		return set_login(s, value);
	if (strcmp(name, "--rule") == 0)
		return policy_add(&s->policy, value, &err) ? complain(&err) : 0;
	if (strcmp(name, "--upstream") == 0)
		s->cfg.upstream = value;
	else if (strcmp(name, "--port") == 0)
		s->at.port = (uint16_t)strtoul(value, NULL, 10);
	else if (strcmp(name, "--port-file") == 0)
		s->port_file = value;
	else
		return usage();
	return 0;
}

static int options(struct serve *s, int argc, char **argv)
{
	int i, rc = 0;

	for (i = 1; i < argc && !rc; i++) {
		if (strcmp(argv[i], "--flows") == 0)
			s->cfg.flow = on_flow;
		else if (i + 1 < argc)
			rc = option(s, argv[i], argv[i + 1]), i++;
		else
			rc = usage();
	}
	return rc;
}

/* Whole or not at all: whoever waits for the file reads it at once. */
static int tell_port(const struct serve *s)
{
	char temp[1024];
	struct addr at;
	FILE *f;

	if (!s->port_file)
		return 0;
	(void)snprintf(temp, sizeof(temp), "%s.new", s->port_file);
	f = fopen(temp, "w");
	if (!f || !listener_addr(s->listener, &at) ||
	    fprintf(f, "%u\n", at.port) < 0 || fclose(f) ||
	    rename(temp, s->port_file)) {
		perror(s->port_file);
		return 1;
	}
	return 0;
}

static int start(struct serve *s)
{
	mv_error err = { 0 };

	s->cfg.policy = &s->policy;
	if (proxy_new(&s->loop, &s->cfg, &s->proxy, &err) ||
	    listener_tcp(&s->loop, &s->at, on_accept, s, &s->listener, &err))
		return complain(&err);
	if (uv_poll_init(&s->loop, &s->stdin_poll, 0) ||
	    uv_poll_start(&s->stdin_poll, UV_READABLE | UV_DISCONNECT,
			  on_stdin)) {
		(void)fprintf(stderr, "serve: standard input: not a pipe\n");
		return 1;
	}
	s->stdin_poll.data = s;
	return tell_port(s);
}

int main(int argc, char **argv)
{
	struct serve s = { .port_file = NULL };
	int rc;

	policy_init(&s.policy, MICROVM_NET_NONE);
	if (!addr_parse("127.0.0.1:0", &s.at) || uv_loop_init(&s.loop))
		return 1;
	rc = options(&s, argc, argv);
	if (!rc)
		rc = start(&s);
	if (rc)
		return rc;
	(void)uv_run(&s.loop, UV_RUN_DEFAULT);
	policy_fini(&s.policy);
	return uv_loop_close(&s.loop) ? 1 : 0;
}
