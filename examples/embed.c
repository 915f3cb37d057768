/* SPDX-License-Identifier: MIT */
/*
 * embed.c [-2] KERNEL INITRD - VMs in a program with its own event loop.
 *
 * Echoes what the guest sends to port 1025, talks to its port 1234, decides
 * what it may reach, ends it, and starts it again.  -2: two guests at a time.
 *
 * Callbacks come on the library's threads: they take note, and wake our loop.
 */
#include <fcntl.h>
#include <microvm.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GUESTS = 2, CLIENTS = 16, QUESTIONS = 16, STOP_MS = 10000 };

struct guest {
	const char *name;
	int wake; /* the pipe's end to write to */
	microvm_vm *vm;
	microvm_listener *listener;
	microvm_stream *talk;
	bool stopping;

	/* From the VM's thread to ours; 0: nothing in this slot. */
	atomic_bool exited;
	_Atomic(microvm_stream *) client[CLIENTS];
	_Atomic uint64_t question[QUESTIONS]; /* 1 + its flow */
};

static void wake(const struct guest *g)
{
	if (write(g->wake, "", 1) < 0)
		return; /* it is full: the loop is awake already */
}

static void on_event(void *ctx, enum microvm_event event)
{
	struct guest *g = ctx;

	if (event == MICROVM_EVENT_EXITED) /* the last: streams are closed */
		atomic_store(&g->exited, true);
	wake(g);
}

static void on_stream(void *ctx, microvm_stream *stream, unsigned events)
{
	(void)stream;
	(void)events;
	wake(ctx);
}

static int on_accept(void *ctx, microvm_stream *stream, uint32_t guest_port)
{
	struct guest *g = ctx;

	(void)guest_port;
	for (unsigned i = 0; i < CLIENTS; i++) {
		microvm_stream *none = NULL;

		if (atomic_compare_exchange_strong(&g->client[i], &none,
						   stream)) {
			microvm_stream_set_events(stream, on_stream, g);
			return 0;
		}
	}
	return -1; /* refused */
}

/* Bare addresses are refused; of names a person is asked, who takes time. */
static enum microvm_verdict on_flow(void *ctx, const microvm_flow *flow)
{
	struct guest *g = ctx;

	for (unsigned i = 0; flow->name[0] && i < QUESTIONS; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&g->question[i], &none,
						   flow->id + 1)) {
			wake(g);
			return MICROVM_ASK_LATER;
		}
	}
	return MICROVM_DENY;
}

/* Send back what came; false when the client has ended. */
static bool echo(microvm_stream *s)
{
	char buf[4096];
	ptrdiff_t n, done, put;

	while ((n = microvm_stream_read(s, buf, sizeof(buf), 0)) > 0)
		for (done = 0; done < n; done += put) {
			put = microvm_stream_write(s, buf + done,
						   (size_t)(n - done), 1000);
			if (put < 0)
				return false; /* it does not read */
		}
	return n == -MICROVM_EAGAIN;
}

static void serve_clients(struct guest *g)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		microvm_stream *s = atomic_load(&g->client[i]);

		if (s && !echo(s)) {
			microvm_stream_close(s);
			atomic_store(&g->client[i], NULL);
		}
	}
}

/* This person says yes. */
static void answer_questions(struct guest *g)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		uint64_t flow = atomic_exchange(&g->question[i], 0);

		if (flow && !microvm_policy_answer(g->vm, flow - 1,
						   MICROVM_ALLOW, NULL))
			printf("%s: allowed\n", g->name);
	}
}

/* Print what the guest answers to our greeting; false at its end. */
static bool talk(struct guest *g)
{
	char buf[4096];
	ptrdiff_t n;

	while ((n = microvm_stream_read(g->talk, buf, sizeof(buf), 0)) > 0)
		printf("%s: %.*s", g->name, (int)n, buf);
	if (n < 0 && n != -MICROVM_EAGAIN)
		printf("%s: %s\n", g->name, microvm_strerror((int)n));
	return n == -MICROVM_EAGAIN;
}

static void turn(struct guest *g)
{
	serve_clients(g);
	answer_questions(g);
	if (!g->stopping && !talk(g)) {
		g->stopping = true;
		if (microvm_vm_stop(g->vm, NULL))
			microvm_vm_kill(g->vm);
	}
}

/* Our event loop.  It would poll the program's other descriptors, too. */
static void loop(int rd, struct guest *g, unsigned guests)
{
	for (bool running = true; running;) {
		bool stopping = g[0].stopping || g[guests - 1].stopping;
		struct pollfd news = { .fd = rd, .events = POLLIN };
		int n = poll(&news, 1, stopping ? STOP_MS : -1);
		char bytes[64];

		while (n > 0 && read(rd, bytes, sizeof(bytes)) > 0)
			;
		running = false;
		for (unsigned i = 0; i < guests; i++) {
			if (!atomic_load(&g[i].exited))
				running = true;
			if (!n && g[i].stopping) /* it has had its time */
				microvm_vm_kill(g[i].vm);
			turn(&g[i]);
		}
	}
}

/* A config makes any number of VMs, here each with a context of its own. */
static int begin(struct guest *g, microvm_config *cfg, microvm_error *err)
{
	if (microvm_config_set_events(cfg, on_event, g, err) ||
	    microvm_config_set_policy(cfg, on_flow, g, err) ||
	    microvm_vm_create(cfg, &g->vm, err) ||
	    microvm_vsock_listen(g->vm, 1025, on_accept, g, &g->listener,
				 err) ||
	    microvm_vsock_open(g->vm, 1234, 60000, on_stream, g, &g->talk, err))
		return -1;
	/* It waits in the stream until somebody in the guest accepts. */
	(void)microvm_stream_write(g->talk, "hello\n", 6, 0);
	(void)microvm_stream_shutdown(g->talk);
	return microvm_vm_start(g->vm, err);
}

static int end(struct guest *g, microvm_error *err)
{
	microvm_stats stats = { .size = sizeof(stats) };
	microvm_exit ex = { .reason = MICROVM_EXIT_NONE };

	if (!microvm_vm_wait(g->vm, 0, &ex) && !microvm_vm_stats(g->vm, &stats))
		printf("%s: %.0f streams, %.0f flows\n", g->name,
		       (double)(stats.streams[0] + stats.streams[1]),
		       (double)stats.flows);
	if (ex.reason == MICROVM_EXIT_FAILED)
		*err = ex.error;
	microvm_listener_close(g->listener);
	for (unsigned i = 0; i < CLIENTS; i++)
		microvm_stream_close(atomic_load(&g->client[i]));
	microvm_stream_close(g->talk);
	microvm_vm_free(g->vm); /* no callback runs after this */
	return ex.reason == MICROVM_EXIT_POWEROFF ? 0 : -1;
}

static int run(microvm_config *cfg, const int fd[2], unsigned guests,
	       microvm_error *err)
{
	struct guest g[GUESTS] = { { .name = "first", .wake = fd[1] },
				   { .name = "second", .wake = fd[1] } };
	int rc = 0;

	for (unsigned i = 0; i < guests; i++)
		rc = rc ? rc : begin(&g[i], cfg, err);
	if (!rc)
		loop(fd[0], g, guests);
	for (unsigned i = 0; i < guests; i++)
		rc = end(&g[i], err) ? -1 : rc;
	return rc;
}

int main(int argc, char **argv)
{
	bool two = argc > 1 && !strcmp(argv[1], "-2");
	microvm_config *cfg;
	microvm_error err = { 0 };
	int fd[2], rc;

	argv += two;
	if (argc - two != 3 || pipe(fd)) {
		(void)fputs("usage: embed [-2] KERNEL INITRD\n", stderr);
		return 2;
	}
	for (int i = 0; i < 2; i++)
		(void)fcntl(fd[i], F_SETFL, O_NONBLOCK);
	cfg = microvm_config_new(); /* if it is NULL, the next tells */
	rc = microvm_config_set_kernel_path(cfg, argv[1], &err) ||
	     microvm_config_add_initrd_path(cfg, argv[2], &err);
	for (int i = 0; !rc && i < 2; i++)
		rc = run(cfg, fd, two ? GUESTS : 1, &err);
	if (rc)
		(void)fprintf(stderr, "embed: %s\n%s\n",
			      err.code ? err.msg : "a guest had to be killed",
			      err.hint);
	microvm_config_free(cfg);
	return rc ? 1 : 0;
}
