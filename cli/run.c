/* SPDX-License-Identifier: MIT */
/*
 * run.c - `microvm run`: boot a guest, be its console, explain its end.
 *
 * A guest that reboots is a new VM from the same config; a guest that crashed
 * is not booted again.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "machine.h"
#include "opts.h"
#include "outbound.h"
#include "ports.h"
#include "report.h"
#include "say.h"
#include "session.h"

/* How long readers may take what the guest had sent before its end. */
enum { DRAIN_MS = 10000 };

struct run {
	struct machine machine;
	struct ports ports;
	struct outbound outbound;
	bool no_reboot, timing, quiet;
	struct opt_maybe json;
	const char *escape;
	uint64_t timeout_ms;

	FILE *json_file; /* of --json=FILE */
	bool deaf;       /* the guest never had a vsock driver */
	struct session *session;
	bool forced; /* it was asked to end itself, and had to be killed */
	struct report report;
};

#define AT(member) offsetof(struct run, member)

static const struct opt run_opts[] = {
	{ "no-reboot", 0, OPT_FLAG, AT(no_reboot), NULL,
	  "end when the guest reboots", NULL },
	{ "timeout", 0, OPT_TIME, AT(timeout_ms), "SEC",
	  "kill the guest after so many seconds; exit status 124", NULL },
	{ "escape", 0, OPT_TEXT, AT(escape), "KEY",
	  "key before console commands: ^A (default), ^], ... or none", NULL },
	{ "timing", 0, OPT_FLAG, AT(timing), NULL,
	  "print moments of the boot and what it cost, on stderr", NULL },
	{ "json", 0, OPT_MAYBE, AT(json), "FILE",
	  "print a report as JSON to FILE, or on stderr in place of all "
	  "other messages",
	  NULL },
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "no messages but errors",
	  NULL },
};

static const char usage[] = "run [OPTION]... [-- CMD [ARG]...]";
static const char about[] =
	"Boot a Linux guest with its console on standard input and output.\n"
	"With CMD the guest's init runs that in place of a shell; this needs\n"
	"the init of `microvm image build`.  Exit status: that of CMD; "
	"without\n"
	"CMD, 0 when the guest switched itself off; 123 it crashed, 124\n"
	"time-out, 125 our error.";

static int parse(struct run *r, int argc, char **argv, bool *help)
{
	struct opt_group groups[] = {
		machine_group(&r->machine),
		ports_group(&r->ports),
		outbound_group(&r->outbound),
		{ "run", run_opts, sizeof(run_opts) / sizeof(*run_opts), r },
	};
	struct opt_spec spec = { usage, about, groups, 4 };
	struct opt_args args;
	int rc;

	rc = opts_parse(&spec, argc, argv, &args, &r->report.error);
	*help = !rc && args.help;
	if (*help)
		opts_help(&spec, stdout);
	if (rc || *help)
		return rc;
	return machine_words(&r->machine, &args, &r->report.error);
}

/* The report on stderr is for a program: nothing may stand beside it. */
static bool may_talk(const struct run *r)
{
	return !r->json.given || r->json.value;
}

static void end_with(struct report *r, const char *reason, int status)
{
	r->reason = reason;
	r->status = status;
}

static void end_failed(struct report *r, const char *reason,
		       const microvm_error *err)
{
	end_with(r, reason, STATUS_ERROR);
	if (err)
		r->error = *err;
}

static void explain_panic(struct report *r, struct panic *panic)
{
	const char *hint = panic_hint(panic);

	r->panic = panic->why;
	(void)refuse(&r->error, "the guest's kernel panicked: %s",
		     panic->why[0] ? panic->why : "(no reason given)");
	if (hint)
		(void)refuse_hint(&r->error, "%s", hint);
}

static const char no_driver[] = "the guest never loaded a vsock driver";
static const char load_it[] =
	"its kernel needs the modules virtio_mmio and "
	"vmw_vsock_virtio_transport, as an image of `microvm image build` has "
	"them";

/* What its command ended with, if it was told; without a command, all well. */
static void judge_poweroff(struct run *r, const microvm_exit *ex)
{
	struct report *report = &r->report;

	end_with(report, "poweroff", STATUS_OK);
	if (!r->machine.cmds)
		return;
	if (ex->has_status) {
		report->status = ex->status;
		return;
	}
	if (!machine_has_vsock(&r->machine))
		return; /* it had no way to tell */
	report->status = STATUS_ERROR;
	(void)refuse(&report->error,
		     "the guest ended without telling the status of its "
		     "command%s%s",
		     r->deaf ? ": " : "", r->deaf ? no_driver : "");
	(void)refuse_hint(&report->error, "%s",
			  r->deaf ? load_it
				  : "only an init that speaks to microvm can: "
				    "take the image of `microvm image build`, "
				    "made by this version");
	r->deaf = false; /* that is said now */
}

/* The guest asked for a reset.  True when that is to be done. */
static bool judge_reset(struct run *r, struct session *s)
{
	struct report *report = &r->report;

	if (s->pump.panic.seen) {
		end_with(report, "panic", STATUS_PANIC);
		explain_panic(report, &s->pump.panic);
		return false;
	}
	if (!s->pump.bytes && !report->stats.mark_ns[MICROVM_MARK_USER]) {
		end_with(report, "crash", STATUS_PANIC);
		(void)refuse(&report->error,
			     "the guest reset before it printed anything");
		(void)refuse_hint(&report->error,
				  "is the kernel for this machine?  See more "
				  "of its start with -a earlycon");
		return false;
	}
	end_with(report, "reset", STATUS_OK);
	return !r->no_reboot;
}

/* The VM ended by itself.  True when it is to be started again. */
static bool judge_guest(struct run *r, struct session *s,
			const microvm_exit *ex)
{
	struct report *report = &r->report;

	switch (ex->reason) {
	case MICROVM_EXIT_POWEROFF: judge_poweroff(r, ex); return false;
	case MICROVM_EXIT_RESET: return judge_reset(r, s);
	case MICROVM_EXIT_FAILED:
		end_failed(report, "failed", &ex->error);
		return false;
	case MICROVM_EXIT_KILLED:
	case MICROVM_EXIT_NONE: break;
	}
	(void)refuse(&report->error, "the guest ended without a reason");
	end_failed(report, "failed", NULL);
	return false;
}

/* Why it ended, as reason and status.  True when it is to start again. */
static bool judge(struct run *r, struct session *s, const microvm_exit *ex)
{
	struct report *report = &r->report;

	r->deaf = !atomic_load(&s->vsock_up);
	r->forced = s->forced;
	report->has_exit_status = ex->has_status;
	report->exit_status = ex->status;
	report->has_vsock = machine_has_vsock(&r->machine);
	switch (s->ending) {
	case END_GUEST: return judge_guest(r, s, ex);
	case END_SIGNAL:
		end_with(report, "signal", STATUS_SIGNAL + s->signal);
		return false;
	case END_TIMEOUT:
		end_with(report, "timeout", STATUS_TIMEOUT);
		if (s->pump.panic.seen)
			explain_panic(report, &s->pump.panic);
		return false;
	case END_QUIT: end_with(report, "quit", STATUS_OK); return false;
	case END_STOP: end_with(report, "stop", STATUS_OK); return false;
	case END_OUTPUT:
		end_with(report, "output", STATUS_SIGNAL + SIGPIPE);
		if (s->pump.os == EPIPE)
			return false; /* as usual in a pipeline: no words */
		(void)refuse_os(&report->error, s->pump.os,
				"cannot write what the guest prints to "
				"standard output");
		report->status = STATUS_ERROR;
		return false;
	}
	return false;
}

/*
 * What the guest had sent before its end goes on to its readers, until the VM
 * is freed; who takes longer than this is cut off.
 */
static void drain(const struct session *s, const microvm_vm *vm)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	microvm_stats stats = { .size = sizeof(stats) };

	for (int i = 0; i < DRAIN_MS / 10 && !session_told_to_end(s); i++) {
		if (microvm_vm_stats(vm, &stats) || !stats.streams_open)
			return;
		(void)nanosleep(&moment, NULL);
	}
}

/* One life of the machine.  True when there is to be another. */
static bool boot(struct run *r, const microvm_config *cfg, struct session *s)
{
	microvm_exit ex = { .reason = MICROVM_EXIT_NONE };
	microvm_vm *vm = NULL;
	double cpu = report_cpu();
	bool again = false;
	int rc;

	rc = microvm_vm_create(cfg, &vm, &r->report.error);
	if (rc)
		machine_suggest(&r->machine, &r->report.error);
	if (!rc) {
		r->report.boots++;
		rc = session_run(s, vm, &r->report.error);
	}
	if (!rc)
		rc = microvm_vm_wait(vm, MICROVM_FOREVER, &ex);
	if (!rc && s->ending == END_GUEST)
		drain(s, vm);
	if (rc) {
		end_failed(&r->report, "error", NULL);
	} else {
		report_take(&r->report, vm, cpu, r->timing || r->json.given);
		again = judge(r, s, &ex);
	}
	microvm_vm_free(vm);
	return again;
}

/* Its console, its events, its network, and then its lives. */
static int run_session(struct run *r, microvm_config *cfg, struct session *s)
{
	microvm_error *err = &r->report.error;
	struct netlog log;
	int rc = microvm_config_enable_console(cfg, err);

	if (!rc)
		rc = microvm_config_set_events(cfg, session_event, s, err);
	if (!rc)
		rc = outbound_config(&r->outbound, &r->machine, &log, cfg, err);
	if (!rc)
		rc = netlog_init(&log, r->outbound.log.value,
				 r->quiet || !may_talk(r), &s->tty, err);
	if (rc)
		return rc;
	rc = session_init(s, r->escape, r->timeout_ms, err);
	if (rc)
		goto out_log;
	s->quiet = r->quiet || !may_talk(r);
	s->shell = !r->machine.cmds;
	/* Here, where a signal ends nothing without cleaning up. */
	rc = ports_config(&r->ports, &r->machine, cfg, err);
	while (!rc && boot(r, cfg, s))
		;
	ports_drop(&r->ports);
	session_fini(s);
out_log:
	netlog_fini(&log);
	return rc;
}

static int run_config(struct run *r, microvm_config *cfg)
{
	struct session *s = malloc(sizeof(*s));
	int rc;

	if (!s)
		return refuse_os(&r->report.error, ENOMEM, "console");
	rc = run_session(r, cfg, s);
	r->session = s; /* the report quotes from it */
	return rc;
}

/* Something was asked for that only a vsock driver in the guest can do. */
static bool is_deaf(const struct run *r)
{
	bool wanted = r->machine.cmds || ports_wanted(&r->ports);

	return r->deaf && wanted && machine_has_vsock(&r->machine) &&
	       !r->report.error.code && r->report.ran;
}

/* What a user may want to know beside errors. */
static void remark(const struct run *r)
{
	if (!strcmp(r->report.reason, "timeout"))
		(void)fprintf(stderr,
			      "microvm: guest killed after %.3g s "
			      "(--timeout)\n",
			      (double)r->timeout_ms / 1000);
	if (r->forced)
		(void)fputs("microvm: guest killed: it was asked to end and "
			    "did not\n",
			    stderr);
	if (is_deaf(r))
		(void)fprintf(stderr, "microvm: %s: %s\n", no_driver, load_it);
}

/* Write the report where it was asked for; the status of the command. */
static int tell(struct run *r)
{
	struct report *report = &r->report;
	microvm_error err;
	bool ok = true;

	if (may_talk(r) && report->error.code)
		(void)say_error(&report->error);
	if (may_talk(r) && !r->quiet)
		remark(r);
	if (r->timing && may_talk(r))
		report_table(report, stderr);
	if (r->json.given)
		ok = report_json(report, r->json_file ? r->json_file : stderr);
	if (r->json_file && fclose(r->json_file))
		ok = false;
	if (ok)
		return report->status;
	(void)refuse(&err, "--json: cannot write the report%s%.180s",
		     r->json.value ? " to " : "",
		     r->json.value ? r->json.value : "");
	return say_error(&err);
}

static int run_all(struct run *r)
{
	microvm_error *err = &r->report.error;
	microvm_config *cfg = NULL;
	int rc = 0;

	if (r->json.value) {
		r->json_file = fopen(r->json.value, "we");
		if (!r->json_file)
			rc = refuse_os(err, errno, "--json: %.160s",
				       r->json.value);
	}
	if (!rc)
		rc = machine_config(&r->machine, &cfg, err);
	if (!rc)
		rc = run_config(r, cfg);
	if (rc)
		end_failed(&r->report, "error", NULL);
	microvm_config_free(cfg);
	rc = tell(r);
	free(r->session);
	return rc;
}

/* Each stream of the guest may be a descriptor of ours. */
static void raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) ||
	    files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files); /* or it stays as it is */
}

int run_main(int argc, char **argv)
{
	struct run r = { .escape = "^A" };
	struct tty tty;
	bool help;

	if (parse(&r, argc, argv, &help))
		return say_error(&r.report.error);
	if (help)
		return say_flush();
	raise_limit();
	tty_init(&tty, STDIN_FILENO);
	(void)tty_size(&tty, &r.machine.cols, &r.machine.rows);
	return run_all(&r);
}
