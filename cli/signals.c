/* SPDX-License-Identifier: MIT */
/* signals.c - signals to the command, turned into words for its main loop. */
#include "signals.h"

#include <stdbool.h>
#include <unistd.h>

#include "say.h"

/* Let `sig` do to the process what it does by default. */
static void by_default(int sig)
{
	sigset_t one;

	(void)sigemptyset(&one);
	(void)sigaddset(&one, sig);
	(void)raise(sig);
	(void)pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	(void)pthread_sigmask(SIG_BLOCK, &one, NULL);
}

static void take(struct signals *s, int sig)
{
	int none = 0;

	if (sig == SIGCONT) {
		atomic_store(&s->cont, true);
	} else if (sig == SIGTSTP) {
		atomic_store(&s->stop, true);
	} else if (!atomic_compare_exchange_strong(&s->fatal, &none, sig)) {
		tty_give(s->tty);
		by_default(sig);
	}
	wake_poke(s->wake);
}

static void *wait_for_signals(void *arg)
{
	struct signals *s = arg;
	int sig;

	while (!sigwait(&s->set, &sig) && !atomic_load(&s->closing))
		take(s, sig);
	return NULL;
}

static void add_unless_ignored(sigset_t *set, int sig)
{
	struct sigaction now;

	if (sigaction(sig, NULL, &now) || now.sa_handler != SIG_IGN)
		(void)sigaddset(set, sig);
}

int signals_init(struct signals *s, const struct wake *wake, struct tty *tty,
		 microvm_error *err)
{
	static const int all[] = { SIGINT,  SIGTERM, SIGHUP,
				   SIGQUIT, SIGTSTP, SIGCONT };
	int rc;

	s->wake = wake;
	s->tty = tty;
	atomic_init(&s->closing, false);
	atomic_init(&s->fatal, 0);
	atomic_init(&s->stop, false);
	atomic_init(&s->cont, false);
	(void)sigemptyset(&s->set);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		add_unless_ignored(&s->set, all[i]);
	/* Closing needs one that is sure to be heard. */
	(void)sigaddset(&s->set, SIGCONT);
	rc = pthread_sigmask(SIG_BLOCK, &s->set, &s->before);
	if (!rc)
		rc = pthread_create(&s->thread, NULL, wait_for_signals, s);
	if (rc)
		return refuse_os(err, rc, "cannot start a thread");
	return 0;
}

void signals_fini(struct signals *s)
{
	atomic_store(&s->closing, true);
	(void)pthread_kill(s->thread, SIGCONT);
	(void)pthread_join(s->thread, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}

void signals_suspend(struct signals *s)
{
	tty_give(s->tty);
	by_default(SIGTSTP);
}
