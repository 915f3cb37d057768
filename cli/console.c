/* SPDX-License-Identifier: MIT */
/* console.c - a running guest on standard input and output. */
#include "console.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum {
	EOT = 4, /* ASCII: end of file to a terminal's line discipline */
	GRACE_MS = 2000,
};

static uint64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int console_init(struct console *c, const char *escape, uint64_t timeout_ms,
		 microvm_error *err)
{
	int rc;

	memset(c, 0, offsetof(struct console, input));
	rc = escape_init(&c->escape, escape, err);
	if (rc)
		return rc;
	tty_init(&c->tty, STDIN_FILENO);
	/* Only a person types commands; a pipe's bytes are all data. */
	c->escape.on = c->escape.on && c->tty.present;
	if (timeout_ms)
		c->deadline_ms = now_ms() + timeout_ms;
	rc = wake_init(&c->wake, err);
	if (rc)
		return rc;
	rc = pump_init(&c->pump, STDOUT_FILENO, &c->wake, err);
	if (rc)
		goto out_wake;
	rc = signals_init(&c->signals, &c->wake, &c->tty, err);
	if (rc)
		goto out_pump;
	return 0;

out_pump:
	pump_fini(&c->pump);
out_wake:
	wake_fini(&c->wake);
	return rc;
}

void console_fini(struct console *c)
{
	tty_give(&c->tty);
	signals_fini(&c->signals);
	pump_fini(&c->pump);
	wake_fini(&c->wake);
}

void console_event(void *ctx, enum microvm_event event)
{
	struct console *c = ctx;

	switch (event) {
	case MICROVM_EVENT_CONSOLE_READABLE: pump_ready(&c->pump); return;
	case MICROVM_EVENT_CONSOLE_WRITABLE:
		atomic_store(&c->writable, true);
		break;
	case MICROVM_EVENT_EXITED:
		atomic_store(&c->exited, true);
		pump_last(&c->pump);
		break;
	}
	wake_poke(&c->wake);
}

/* A line to the user, in the middle of what the guest prints. */
static void say_line(const struct console *c, const char *line)
{
	(void)fprintf(stderr, "%s%s", line,
		      atomic_load(&c->tty.raw) ? "\r\n" : "\n");
}

static void say_hint(struct console *c)
{
	char line[80], key[ESCAPE_NAME];

	if (c->quiet || c->hinted || !c->escape.on)
		return;
	(void)escape_name(&c->escape, key);
	(void)snprintf(line, sizeof(line), "console: %s x quits, %s h for help",
		       key, key);
	say_line(c, line);
	c->hinted = true;
}

static void say_help(const struct console *c)
{
	static const char *const what[] = {
		"x   quit: end the guest at once",
		"s   stop the guest (for now the same as x)",
		"b   send a break (not available yet)",
		"h   this help",
	};
	char line[80], key[ESCAPE_NAME];

	(void)escape_name(&c->escape, key);
	say_line(c, "");
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		(void)snprintf(line, sizeof(line), "%s %s", key, what[i]);
		say_line(c, line);
	}
	(void)snprintf(line, sizeof(line), "%s %s types %s", key, key, key);
	say_line(c, line);
}

/* End the guest; the first reason counts. */
static void end(struct console *c, enum ending why)
{
	if (c->ending != END_GUEST)
		return;
	c->ending = why;
	c->grace_ms = now_ms() + GRACE_MS;
	microvm_vm_kill(c->vm);
}

static void obey(struct console *c, enum escape_key key)
{
	switch (key) {
	case ESCAPE_NONE: break;
	case ESCAPE_QUIT:
	case ESCAPE_STOP:
		say_line(c, "");
		end(c, END_QUIT);
		break;
	case ESCAPE_BREAK:
		say_line(c, "");
		say_line(c, "console: break is not available yet");
		break;
	case ESCAPE_HELP: say_help(c); break;
	}
}

/* Room for one more read, for a byte an escape held back, and for EOTs. */
static bool input_room(struct console *c)
{
	const size_t need = INPUT_READ + 4;

	if (c->head == c->tail)
		c->head = c->tail = 0;
	if (INPUT_MAX - c->tail >= need)
		return true;
	if (INPUT_MAX - c->tail + c->head < need)
		return false;
	memmove(c->input, c->input + c->head, c->tail - c->head);
	c->tail -= c->head;
	c->head = 0;
	return true;
}

static void input_add(struct console *c, const uint8_t *buf, size_t len)
{
	while (len) {
		enum escape_key key;
		size_t took, kept;

		took = escape_feed(&c->escape, buf, len, c->input + c->tail,
				   &kept, &key);
		c->tail += kept;
		buf += took;
		len -= took;
		obey(c, key);
	}
}

/*
 * The end of a pipe or a file becomes what a user would type at the end of
 * his: Ctrl-D.  Behind an unfinished line it takes two, for the first only
 * hands over that line.
 */
static void input_end(struct console *c)
{
	c->eof = true;
	if (c->tty.present)
		return;
	if (c->last && c->last != '\n' && c->last != '\r' && c->last != EOT)
		c->input[c->tail++] = EOT;
	c->input[c->tail++] = EOT;
	c->last = EOT;
}

static void input_read(struct console *c, short revents)
{
	uint8_t buf[INPUT_READ];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n > 0) {
		c->last = buf[n - 1];
		input_add(c, buf, (size_t)n);
	} else if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
		return; /* somebody who shares it was faster */
	} else if (n == 0 && atomic_load(&c->tty.raw) &&
		   !(revents & (POLLHUP | POLLERR | POLLNVAL))) {
		return; /* likewise: a raw terminal says so by 0 */
	} else {
		input_end(c);
	}
}

/* Give the guest what it takes; an event tells when it takes more. */
static void input_push(struct console *c)
{
	size_t n;

	if (c->head == c->tail || !atomic_load(&c->writable))
		return;
	/* Cleared before the call, so that an event during it is not lost */
	atomic_store(&c->writable, false);
	n = microvm_console_write(c->vm, c->input + c->head, c->tail - c->head);
	c->head += n;
	if (c->head == c->tail)
		atomic_store(&c->writable, true);
}

/* Whether to look at stdin: a terminal always, for the escape commands; a
 * pipe only when the guest has had what was read from it before. */
static bool input_wanted(struct console *c)
{
	if (c->eof || atomic_load(&c->exited) || c->ending != END_GUEST)
		return false;
	return c->tty.present ? input_room(c) : c->head == c->tail;
}

static void check_signals(struct console *c)
{
	microvm_error err;
	int sig = atomic_load(&c->signals.fatal);

	if (sig) {
		if (c->ending == END_GUEST)
			c->signal = sig;
		end(c, END_SIGNAL);
	}
	if (atomic_exchange(&c->signals.stop, false)) {
		signals_suspend(&c->signals);
		atomic_store(&c->signals.cont, true);
	}
	/* In the background still, or gone: then it stays as it is. */
	if (atomic_exchange(&c->signals.cont, false) && c->ending == END_GUEST)
		(void)tty_take(&c->tty, &err);
}

static void check_time(struct console *c)
{
	if (c->deadline_ms && now_ms() >= c->deadline_ms)
		end(c, END_TIMEOUT);
}

static bool finished(const struct console *c)
{
	if (!atomic_load(&c->exited))
		return false;
	if (atomic_load(&c->pump.done))
		return true;
	return c->ending != END_GUEST && now_ms() >= c->grace_ms;
}

/* Milliseconds until something has to be done without being woken. */
static int patience(const struct console *c)
{
	uint64_t until = c->deadline_ms, now = now_ms();

	if (c->ending != END_GUEST)
		until = atomic_load(&c->exited) ? c->grace_ms : 0;
	if (!until)
		return -1;
	if (until <= now)
		return 0;
	return until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

static void turn(struct console *c)
{
	struct pollfd fds[] = {
		{ .fd = c->wake.rd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	input_push(c);
	if (input_wanted(c))
		fds[1].fd = STDIN_FILENO;
	if (poll(fds, 2, patience(c)) < 0)
		return; /* EINTR; both descriptors are ours and good */
	if (fds[0].revents)
		wake_clear(&c->wake);
	check_signals(c);
	check_time(c);
	if (atomic_load(&c->pump.done) && !atomic_load(&c->exited))
		end(c, END_OUTPUT);
	if (fds[1].revents)
		input_read(c, fds[1].revents);
}

int console_run(struct console *c, microvm_vm *vm, microvm_error *err)
{
	int rc;

	c->vm = vm;
	c->ending = END_GUEST;
	atomic_store(&c->writable, true);
	atomic_store(&c->exited, false);
	if (c->eof && c->head == c->tail)
		input_end(c); /* a rebooted guest has a new terminal */
	rc = pump_start(&c->pump, vm, err);
	if (rc)
		return rc;
	signals_arm(&c->signals);
	rc = tty_take(&c->tty, err);
	if (!rc) {
		say_hint(c);
		rc = microvm_vm_start(vm, err);
	}
	while (!rc && !finished(c))
		turn(c);
	if (atomic_load(&c->pump.done))
		pump_join(&c->pump);
	else
		pump_cancel(&c->pump);
	signals_disarm(&c->signals);
	if (!rc && c->pump.os && c->ending == END_GUEST)
		c->ending = END_OUTPUT; /* the last words were not written */
	return rc;
}
