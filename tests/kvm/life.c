/* SPDX-License-Identifier: MIT */
/* life.c - one VM from its creation to its end. */
#include "life.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	WAIT_MS = 100000, /* only a failing test waits that long */
	TEXT = 64 << 10,  /* what the console keeps for us */
	PING = 1000,
};

void life_die(const char *what, const microvm_error *e)
{
	(void)fprintf(stderr, "%s: %s%s%s\n", what, e ? e->msg : "no",
		      e && e->hint[0] ? ": " : "", e ? e->hint : "");
	exit(1);
}

static void must(int rc, const char *what, const microvm_error *e)
{
	if (rc)
		life_die(what, e);
}

/* xorshift32; never 0 if it was not. */
uint32_t life_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* ---- beginning -------------------------------------------------------- */

static void on_event(void *ctx, enum microvm_event event)
{
	struct life *l = ctx;

	(void)event;
	if (atomic_load(&l->over))
		life_die("an event of a VM that is gone", NULL);
}

static void on_stream(void *ctx, microvm_stream *stream, unsigned events)
{
	struct life *l = ctx;

	(void)stream;
	(void)events;
	if (atomic_load(&l->over))
		life_die("an event of a stream whose VM is gone", NULL);
}

static int on_accept(void *ctx, microvm_stream *stream, uint32_t guest_port)
{
	(void)ctx;
	(void)stream;
	(void)guest_port;
	return -1;
}

static void socket_path(const struct life *l, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/%u", l->plan->dir, l->number);

	if (n < 0 || (size_t)n >= size)
		life_die("a path that is too long", NULL);
}

static bool has_streams(const struct life *l)
{
	return l->ending == END_STREAMS || l->ending == END_CLOSED;
}

/* For init: each word with its NUL. */
static void add_command(microvm_config *cfg, char **word)
{
	char text[1024];
	microvm_error e;
	size_t at = 0;

	for (; word && *word; word++) {
		size_t n = strlen(*word) + 1;

		if (n > sizeof(text) - at)
			life_die("a command that is too long", NULL);
		memcpy(text + at, *word, n);
		at += n;
	}
	if (at)
		must(microvm_config_add_file(cfg, "/etc/microvm/cmd", 0644,
					     text, at, &e),
		     "command", &e);
}

static void add_parts(struct life *l, microvm_config *cfg)
{
	const struct plan *p = l->plan;
	char path[96];
	microvm_error e;

	must(microvm_config_set_backend(cfg, p->backend, &e), "backend", &e);
	must(microvm_config_set_cpus(cfg, p->cpus, &e), "CPUs", &e);
	must(microvm_config_set_memory(cfg, (uint64_t)p->mib << 20, &e),
	     "memory", &e);
	must(microvm_config_set_kernel_path(cfg, p->kernel, &e), "kernel", &e);
	if (p->initrd)
		must(microvm_config_add_initrd_path(cfg, p->initrd, &e),
		     "initrd", &e);
	must(microvm_config_add_file(cfg, "/word", 0644, l->word,
				     strlen(l->word), &e),
	     "file", &e);
	add_command(cfg, p->command);
	must(microvm_config_enable_console(cfg, &e), "console", &e);
	must(microvm_config_set_events(cfg, on_event, l, &e), "events", &e);
	if (!has_streams(l))
		return;
	socket_path(l, path, sizeof(path));
	must(microvm_config_set_vsock_socket(cfg, path, &e), "socket", &e);
}

static void create(struct life *l)
{
	microvm_config *cfg = microvm_config_new();
	microvm_error e = { .msg = "no memory" };
	size_t n;

	if (!cfg)
		life_die("configuration", &e);
	(void)snprintf(l->word, sizeof(l->word), "<word %u>\n", l->number);
	n = strlen(l->word);
	add_parts(l, cfg);
	must(microvm_vm_create(cfg, &l->vm, &e), "create", &e);
	microvm_config_free(cfg);
	/* What ends by itself must not do so while its streams are tried. */
	if (has_streams(l))
		return;
	/* Twice, for the guest of tests/guests that wants two lines. */
	if (microvm_console_write(l->vm, l->word, n) != n ||
	    microvm_console_write(l->vm, l->word, n) != n)
		life_die("a console without room", NULL);
}

/* ---- streams ---------------------------------------------------------- */

/* A program of the host that is on its way into the guest. */
static void connect_client(struct life *l)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char text[32];
	int n = snprintf(text, sizeof(text), "CONNECT %u\n",
			 l->plan->echo ? l->plan->echo : LISTEN_PORT);

	socket_path(l, to.sun_path, sizeof(to.sun_path));
	l->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->client < 0 ||
	    connect(l->client, (const struct sockaddr *)&to, sizeof(to)) ||
	    write(l->client, text, (size_t)n) != n) {
		perror(to.sun_path);
		exit(1);
	}
}

/* All of it comes back; the stream stays open. */
static void ping(microvm_stream *s)
{
	char sent[PING], got[PING] = { 0 };
	size_t at = 0;

	memset(sent, 'p', sizeof(sent));
	if (microvm_stream_write(s, sent, sizeof(sent), WAIT_MS) != PING)
		life_die("a stream without room", NULL);
	while (at < PING) {
		ptrdiff_t n =
			microvm_stream_read(s, got + at, PING - at, WAIT_MS);

		if (n <= 0)
			life_die("a stream without an echo", NULL);
		at += (size_t)n;
	}
	if (memcmp(sent, got, PING) != 0)
		life_die("a stream with another echo", NULL);
}

/* One that is called back, one that is not; one that works, or waits too. */
static void open_streams(struct life *l)
{
	unsigned port = l->plan->echo ? l->plan->echo : LISTEN_PORT;
	microvm_error e;

	must(microvm_vsock_listen(l->vm, LISTEN_PORT, on_accept, l,
				  &l->listener, &e),
	     "listen", &e);
	must(microvm_vsock_open(l->vm, port, WAIT_MS, on_stream, l,
				&l->stream[0], &e),
	     "open", &e);
	must(microvm_vsock_open(l->vm, port, WAIT_MS, NULL, NULL, &l->stream[1],
				&e),
	     "open", &e);
	connect_client(l);
	if (!l->plan->echo)
		return;
	must(microvm_vsock_connect(l->vm, port, WAIT_MS, &l->stream[2], &e),
	     "connect", &e);
	ping(l->stream[2]);
}

static void close_streams(struct life *l)
{
	unsigned i;

	for (i = 0; i < STREAMS; i++) {
		microvm_stream_close(l->stream[i]);
		l->stream[i] = NULL;
	}
}

/* One that works becomes a socket; the VM's end ends it. */
static void check_detached(struct life *l, intptr_t fd)
{
	char c;

	(void)l;
	if (fd < 0)
		return;
	while (read((int)fd, &c, 1) < 0 && errno == EINTR)
		;
	(void)close((int)fd);
}

static intptr_t detach(struct life *l)
{
	microvm_error e;
	intptr_t fd;

	if (!l->stream[2])
		return -1;
	must(microvm_stream_detach(l->stream[2], &fd, &e), "detach", &e);
	l->stream[2] = NULL;
	return fd;
}

void life_begin(struct life *l)
{
	microvm_error e;

	l->client = -1;
	create(l);
	if (l->ending == END_UNBORN)
		return;
	must(microvm_vm_start(l->vm, &e), "start", &e);
	if (has_streams(l))
		open_streams(l);
}

/* ---- end -------------------------------------------------------------- */

/* Some part of a natural life, and a little more. */
static void sleep_some(struct life *l)
{
	uint64_t ns = (uint64_t)l->plan->natural_ms * 1100000 / 1000 *
		      (life_random(&l->random) % 1001);
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
			      .tv_nsec = (long)(ns % 1000000000) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static void wait_for(struct life *l, enum microvm_reason want)
{
	microvm_exit end;

	if (microvm_vm_wait(l->vm, WAIT_MS, &end))
		life_die("a guest that does not end", NULL);
	if (end.reason == MICROVM_EXIT_FAILED)
		life_die("failed", &end.error);
	/* Killed when it had just ended by itself: that is its end. */
	if (end.reason != want && (want == MICROVM_EXIT_POWEROFF ||
				   end.reason != MICROVM_EXIT_POWEROFF))
		life_die("another end than there should be", NULL);
}

/* It said its own word, and nobody else's. */
static void check_console(struct life *l)
{
	static const char any[] = "<word ";
	static _Thread_local char text[TEXT + 1];
	size_t own = strlen(l->word) - 1; /* without the newline */
	const char *at = text;
	unsigned seen = 0;

	text[microvm_console_read(l->vm, text, TEXT)] = '\0';
	while ((at = strstr(at, any)) != NULL) {
		if (strncmp(at, l->word, own) != 0)
			life_die("another one's word on the console", NULL);
		at += own;
		seen++;
	}
	if (!seen) {
		(void)fprintf(stderr, "%s\n", text);
		life_die("a console without its word", NULL);
	}
}

static void stop(struct life *l)
{
	switch (l->ending) {
	case END_UNBORN: break;
	case END_OFF:
		wait_for(l, MICROVM_EXIT_POWEROFF);
		check_console(l);
		break;
	case END_FREE: sleep_some(l); break;
	default:
		sleep_some(l);
		microvm_vm_kill(l->vm);
		wait_for(l, MICROVM_EXIT_KILLED);
		break;
	}
}

void life_end(struct life *l)
{
	intptr_t detached = -1;

	if (l->ending == END_CLOSED)
		detached = detach(l);
	stop(l);
	if (l->ending == END_CLOSED)
		close_streams(l);
	microvm_listener_close(l->listener);
	microvm_vm_free(l->vm);
	atomic_store(&l->over, true);
	close_streams(l);
	check_detached(l, detached);
	if (l->client >= 0)
		(void)close(l->client);
}
