/* SPDX-License-Identifier: MIT */
/* session.c - a running guest on standard input and output. */
#include "session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum {
	EOT = 4, /* ASCII: end of file to a terminal's line discipline */
	GRACE_MS = 2000,
	STOP_MS = 10000,       /* for a guest that the user asked to end */
	STOP_SIGNAL_MS = 5000, /* for one that a signal to us asked */
};

static uint64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int session_init(struct session *s, const char *escape, uint64_t timeout_ms,
		 microvm_error *err)
{
	int rc;

	memset(s, 0, offsetof(struct session, input));
	rc = escape_init(&s->escape, escape, err);
	if (rc)
		return rc;
	tty_init(&s->tty, STDIN_FILENO);
	/* Only a person types commands; a pipe's bytes are all data. */
	s->escape.on = s->escape.on && s->tty.present;
	if (timeout_ms)
		s->deadline_ms = now_ms() + timeout_ms;
	rc = wake_init(&s->wake, err);
	if (rc)
		return rc;
	rc = pump_init(&s->pump, STDOUT_FILENO, &s->wake, err);
	if (rc)
		goto out_wake;
	rc = signals_init(&s->signals, &s->wake, &s->tty, err);
	if (rc)
		goto out_pump;
	return 0;

out_pump:
	pump_fini(&s->pump);
out_wake:
	wake_fini(&s->wake);
	return rc;
}

void session_fini(struct session *s)
{
	tty_give(&s->tty);
	signals_fini(&s->signals);
	pump_fini(&s->pump);
	wake_fini(&s->wake);
}

bool session_told_to_end(const struct session *s)
{
	return atomic_load(&s->signals.fatal);
}

void session_event(void *ctx, enum microvm_event event)
{
	struct session *s = ctx;

	switch (event) {
	case MICROVM_EVENT_CONSOLE_READABLE: pump_ready(&s->pump); return;
	case MICROVM_EVENT_CONSOLE_WRITABLE:
		atomic_store(&s->writable, true);
		break;
	case MICROVM_EVENT_EXITED:
		atomic_store(&s->exited, true);
		pump_last(&s->pump);
		break;
	case MICROVM_EVENT_VSOCK_UP: atomic_store(&s->vsock_up, true); return;
	case MICROVM_EVENT_VSOCK_DOWN: atomic_store(&s->agent, false); return;
	case MICROVM_EVENT_AGENT: atomic_store(&s->agent, true); return;
	}
	wake_poke(&s->wake);
}

/* A line to the user, in the middle of what the guest prints. */
static void say_line(const struct session *s, const char *line)
{
	(void)fprintf(stderr, "%s%s", line,
		      atomic_load(&s->tty.raw) ? "\r\n" : "\n");
}

static void say_hint(struct session *s)
{
	char line[80], key[ESCAPE_NAME];

	if (s->quiet || s->hinted || !s->escape.on)
		return;
	(void)escape_name(&s->escape, key);
	(void)snprintf(line, sizeof(line), "console: %s x quits, %s h for help",
		       key, key);
	say_line(s, line);
	s->hinted = true;
}

static void say_help(const struct session *s)
{
	static const char *const what[] = {
		"x   quit: end the guest at once",
		"s   stop: ask the guest to end; twice, or after 10 s: quit",
		"b   send a break (not available yet)",
		"h   this help",
	};
	char line[80], key[ESCAPE_NAME];

	(void)escape_name(&s->escape, key);
	say_line(s, "");
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		(void)snprintf(line, sizeof(line), "%s %s", key, what[i]);
		say_line(s, line);
	}
	(void)snprintf(line, sizeof(line), "%s %s types %s", key, key, key);
	say_line(s, line);
}

/* End the guest; the first reason counts. */
static void end(struct session *s, enum ending why)
{
	if (s->ending == END_GUEST)
		s->ending = why;
	if (s->killed)
		return;
	s->killed = true;
	s->grace_ms = now_ms() + GRACE_MS;
	microvm_vm_kill(s->vm);
}

/*
 * Have the guest end itself, within some time.  A guest whose init has not
 * reported to us would not hear it; one that is asked again is in the way.
 */
static void stop(struct session *s, enum ending why, unsigned ms)
{
	microvm_error err;

	if (s->stop_ms || !atomic_load(&s->agent) ||
	    microvm_vm_stop(s->vm, &err)) {
		end(s, why);
		return;
	}
	s->ending = why;
	s->stop_ms = now_ms() + ms;
}

/* The user's word for it. */
static void obey_stop(struct session *s)
{
	const char *text = "console: stopping the guest; once more to quit";

	if (!atomic_load(&s->agent))
		text = "console: nobody in the guest could stop it: quit";
	say_line(s, "");
	if (!s->quiet && !s->stop_ms)
		say_line(s, text);
	stop(s, END_STOP, STOP_MS);
}

static void obey(struct session *s, enum escape_key key)
{
	switch (key) {
	case ESCAPE_NONE: break;
	case ESCAPE_QUIT:
		say_line(s, "");
		end(s, END_QUIT);
		break;
	case ESCAPE_STOP: obey_stop(s); break;
	case ESCAPE_BREAK:
		say_line(s, "");
		say_line(s, "console: break is not available yet");
		break;
	case ESCAPE_HELP: say_help(s); break;
	}
}

/* Room for one more read, for a byte an escape held back, and for EOTs. */
static bool input_room(struct session *s)
{
	const size_t need = INPUT_READ + 4;

	if (INPUT_MAX - s->tail >= need)
		return true;
	if (INPUT_MAX - s->tail + s->head < need)
		return false;
	memmove(s->input, s->input + s->head, s->tail - s->head);
	s->tail -= s->head;
	s->head = 0;
	return true;
}

static void input_add(struct session *s, const uint8_t *buf, size_t len)
{
	while (len) {
		enum escape_key key;
		size_t took, kept;

		took = escape_feed(&s->escape, buf, len, s->input + s->tail,
				   &kept, &key);
		s->tail += kept;
		buf += took;
		len -= took;
		obey(s, key);
	}
}

/*
 * The end of a pipe or a file becomes what a user would type at the end of
 * his: Ctrl-D.  Behind an unfinished line it takes two, for the first only
 * hands over that line.
 */
static void input_end(struct session *s)
{
	s->eof = true;
	if (s->tty.present)
		return;
	s->unfinished =
		s->last && s->last != '\n' && s->last != '\r' && s->last != EOT;
	if (s->unfinished)
		s->input[s->tail++] = EOT;
	s->input[s->tail++] = EOT;
	s->last = EOT;
}

/*
 * A Ctrl-D typed ahead is lost when the guest's program changes its terminal's
 * mode, as shells do before each prompt.  So a guest that has printed something
 * since, and then waits perhaps, is told again; an unfinished line is finished
 * for it first, as a shell's editor takes no Ctrl-D behind one.
 */
static void input_remind(struct session *s)
{
	bool wanted = s->shell || s->heard;

	if (!atomic_exchange(&s->pump.drained, false))
		return;
	if (!s->eof || s->tty.present || !wanted || s->head != s->tail ||
	    s->reminders >= REMINDERS_MAX)
		return;
	s->reminders++;
	if (s->unfinished)
		s->input[s->tail++] = '\r';
	s->unfinished = false;
	s->input[s->tail++] = EOT;
}

/*
 * Whether a read without a byte is not the end: somebody who shares the input
 * was faster.  A raw terminal, whose reads never block, says so by 0.
 */
static bool beaten(const struct session *s, ssize_t n, short revents)
{
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	return atomic_load(&s->tty.raw) &&
	       !(revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void input_read(struct session *s, short revents)
{
	uint8_t buf[INPUT_READ];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n > 0) {
		s->heard = true;
		s->last = buf[n - 1];
		input_add(s, buf, (size_t)n);
	} else if (!beaten(s, n, revents)) {
		input_end(s);
	}
}

/* Give the guest what it takes; an event tells when it takes more. */
static void input_push(struct session *s)
{
	size_t n;

	if (s->head == s->tail || !atomic_load(&s->writable))
		return;
	/* Cleared before the call, so that an event during it is not lost */
	atomic_store(&s->writable, false);
	n = microvm_console_write(s->vm, s->input + s->head, s->tail - s->head);
	s->head += n;
	if (s->head != s->tail)
		return;
	s->head = s->tail = 0;
	atomic_store(&s->writable, true);
}

/* Whether to look at stdin: a terminal always, for the escape commands; a
 * pipe only when the guest has had what was read from it before. */
static bool input_wanted(struct session *s)
{
	if (s->eof || atomic_load(&s->exited) || s->killed)
		return false;
	return s->tty.present ? input_room(s) : s->head == s->tail;
}

/* Once: signals.c ends the process at the second. */
static void obey_signal(struct session *s, int sig)
{
	s->signal = sig;
	if (sig == SIGTERM || sig == SIGINT)
		stop(s, END_SIGNAL, STOP_SIGNAL_MS);
	else
		end(s, END_SIGNAL);
}

static void check_signals(struct session *s)
{
	microvm_error err;
	int sig = atomic_load(&s->signals.fatal);

	if (sig && !s->signal)
		obey_signal(s, sig);
	if (atomic_exchange(&s->signals.stop, false)) {
		signals_suspend(&s->signals);
		atomic_store(&s->signals.cont, true);
	}
	/* In the background still, or gone: then it stays as it is. */
	if (atomic_exchange(&s->signals.cont, false) && !s->killed)
		(void)tty_take(&s->tty, &err);
}

static void check_time(struct session *s)
{
	uint64_t now = now_ms();

	if (s->deadline_ms && now >= s->deadline_ms)
		end(s, END_TIMEOUT);
	if (s->stop_ms && now >= s->stop_ms && !s->killed) {
		s->forced = !atomic_load(&s->exited);
		end(s, s->ending);
	}
}

static bool finished(const struct session *s)
{
	if (!atomic_load(&s->exited))
		return false;
	if (atomic_load(&s->pump.done))
		return true;
	return s->killed && now_ms() >= s->grace_ms;
}

/* When something has to be done without being woken; 0: never. */
static uint64_t next_time(const struct session *s)
{
	if (s->killed)
		return atomic_load(&s->exited) ? s->grace_ms : 0;
	if (s->stop_ms && (!s->deadline_ms || s->stop_ms < s->deadline_ms))
		return s->stop_ms;
	return s->deadline_ms;
}

/* As poll(2) has it. */
static int patience(const struct session *s)
{
	uint64_t until = next_time(s), now = now_ms();

	if (!until)
		return -1;
	if (until <= now)
		return 0;
	return until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

static void turn(struct session *s)
{
	struct pollfd fds[] = {
		{ .fd = s->wake.rd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	input_push(s);
	if (input_wanted(s))
		fds[1].fd = STDIN_FILENO;
	if (poll(fds, 2, patience(s)) < 0)
		return; /* EINTR; both descriptors are ours and good */
	if (fds[0].revents)
		wake_clear(&s->wake);
	check_signals(s);
	check_time(s);
	if (atomic_load(&s->pump.done) && !atomic_load(&s->exited))
		end(s, END_OUTPUT);
	if (fds[1].revents)
		input_read(s, fds[1].revents);
	input_remind(s);
}

int session_run(struct session *s, microvm_vm *vm, microvm_error *err)
{
	int rc;

	s->vm = vm;
	s->ending = END_GUEST;
	s->killed = s->forced = false;
	s->stop_ms = 0;
	atomic_store(&s->vsock_up, false);
	atomic_store(&s->agent, false);
	if (s->reminders)
		s->head = s->tail = 0; /* they were for another guest */
	s->reminders = 0;
	s->unfinished = false;
	atomic_store(&s->writable, true);
	atomic_store(&s->exited, false);
	if (s->eof && s->head == s->tail)
		input_end(s); /* a rebooted guest has a new terminal */
	rc = pump_start(&s->pump, vm, err);
	if (rc)
		return rc;
	rc = tty_take(&s->tty, err);
	if (!rc) {
		say_hint(s);
		rc = microvm_vm_start(vm, err);
	}
	while (!rc && !finished(s))
		turn(s);
	if (atomic_load(&s->pump.done))
		pump_join(&s->pump);
	else
		pump_cancel(&s->pump);
	if (!rc && s->pump.os && s->ending == END_GUEST)
		s->ending = END_OUTPUT; /* the last words were not written */
	return rc;
}
