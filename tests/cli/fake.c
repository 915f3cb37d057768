/* SPDX-License-Identifier: MIT */
/*
 * fake.c - a libmicrovm whose guests are a few lines of C each.
 *
 * It brings the command into situations that no guest makes at will: a host
 * that fails, a guest that never reads, output without end.  The name of the
 * kernel file chooses the guest; no file is read.
 */
#include <microvm.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"

enum {
	RING = 64 * 1024, /* as microvm.h says of the console */
	TEXT = 64 * 1024,
	BIG = 4 * 1024 * 1024,
	FLOOD = 1000,
	FLOWS = 10000,
	CTRL_D = 4,
	CTRL_R = 18,
};

struct ring {
	size_t head, len;
	unsigned char data[RING];
};

struct microvm_config {
	char kernel[512];
	char text[TEXT]; /* all that was asked for, one line each */
	size_t len;
	bool console;
	microvm_event_fn *fn;
	void *ctx;
	microvm_flow_fn *flow;
	void *flow_ctx;
};

struct microvm_vm {
	microvm_config cfg;
	pthread_t thread;
	bool started;

	pthread_mutex_t mu;
	pthread_cond_t cond;
	struct ring in, out; /* under mu, as are all below */
	bool killed, asked, ended, starved;
	microvm_exit exit;
};

/* ---- errors and facts -------------------------------------------------- */

static int fails(microvm_error *err, int code, const char *msg,
		 const char *hint)
{
	if (err) {
		*err = (microvm_error){ .code = code };
		(void)snprintf(err->msg, sizeof(err->msg), "%s", msg);
		(void)snprintf(err->hint, sizeof(err->hint), "%s", hint);
	}
	return -code;
}

const char *microvm_strerror(int code)
{
	return code ? "fake error" : "success";
}

const char *microvm_version(void)
{
	return "0.0.fake";
}

int microvm_abi(void)
{
	return MICROVM_ABI;
}

int microvm_probe(unsigned index, microvm_report *r)
{
	const char *kvm = getenv("FAKE_KVM"); /* "poor", "good"; none */
	bool broken = getenv("FAKE_NO_BACKEND");

	if (index > 1)
		return -MICROVM_EINVAL;
	*r = (microvm_report){ .size = sizeof(*r) };
	r->name = index ? "soft" : "kvm";
	r->arches = 1U << (index ? MICROVM_ARCH_ARM64 : MICROVM_ARCH_X86_64);
	r->usable = (index || kvm) && !broken;
	r->preferred = r->usable && (index || !strcmp(kvm, "good"));
	(void)snprintf(r->detail, sizeof(r->detail), "%s",
		       index ? "a fake CPU" : "KVM, but it crawls");
	if (!r->usable)
		(void)fails(&r->error, MICROVM_EHYPERVISOR,
			    "cannot open /dev/fake: caf\xe9", "plug it in");
	return 0;
}

/* ---- configuration ----------------------------------------------------- */

microvm_config *microvm_config_new(void)
{
	return calloc(1, sizeof(microvm_config));
}

void microvm_config_free(microvm_config *cfg)
{
	free(cfg);
}

static int note(microvm_config *cfg, const char *fmt, ...)
{
	size_t room = TEXT - cfg->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(cfg->text + cfg->len, room, fmt, ap);
	va_end(ap);
	cfg->len += (size_t)n < room ? (size_t)n : room - 1;
	return 0;
}

int microvm_config_set_arch(microvm_config *cfg, enum microvm_arch arch,
			    microvm_error *err)
{
	(void)err;
	return note(cfg, "arch %d\r\n", (int)arch);
}

int microvm_config_set_backend(microvm_config *cfg, const char *name,
			       microvm_error *err)
{
	(void)err;
	return note(cfg, "backend %s\r\n", name);
}

int microvm_config_set_cpus(microvm_config *cfg, unsigned cpus,
			    microvm_error *err)
{
	if (cpus > 4)
		return fails(err, MICROVM_EINVAL, "too many CPUs", "at most 4");
	return note(cfg, "cpus %u\r\n", cpus);
}

int microvm_config_set_memory(microvm_config *cfg, uint64_t bytes,
			      microvm_error *err)
{
	(void)err;
	return note(cfg, "memory %llu\r\n", (unsigned long long)bytes);
}

int microvm_config_set_kernel_path(microvm_config *cfg, const char *path,
				   microvm_error *err)
{
	(void)err;
	(void)snprintf(cfg->kernel, sizeof(cfg->kernel), "%s", path);
	return note(cfg, "kernel %s\r\n", path);
}

int microvm_config_add_initrd_path(microvm_config *cfg, const char *path,
				   microvm_error *err)
{
	(void)err;
	return note(cfg, "initrd %s\r\n", path);
}

int microvm_config_add_file(microvm_config *cfg, const char *guest_path,
			    unsigned mode, const void *data, size_t len,
			    microvm_error *err)
{
	const unsigned char *p = data;

	(void)err;
	(void)note(cfg, "file %s %o ", guest_path, mode);
	for (size_t i = 0; i < len; i++)
		(void)note(cfg, p[i] ? p[i] == '\n' ? "$" : "%c" : "|", p[i]);
	return note(cfg, "\r\n");
}

int microvm_config_set_cmdline(microvm_config *cfg, const char *cmdline,
			       microvm_error *err)
{
	(void)err;
	return note(cfg, "cmdline %s\r\n", cmdline);
}

int microvm_config_append_cmdline(microvm_config *cfg, const char *words,
				  microvm_error *err)
{
	(void)err;
	return note(cfg, "append %s\r\n", words);
}

int microvm_config_set_clock(microvm_config *cfg, enum microvm_clock clock,
			     microvm_error *err)
{
	(void)err;
	return note(cfg, "clock %d\r\n", (int)clock);
}

int microvm_config_enable_console(microvm_config *cfg, microvm_error *err)
{
	(void)err;
	cfg->console = true;
	return 0;
}

int microvm_config_set_events(microvm_config *cfg, microvm_event_fn *fn,
			      void *ctx, microvm_error *err)
{
	(void)err;
	cfg->fn = fn;
	cfg->ctx = ctx;
	return 0;
}

int microvm_config_set_vsock(microvm_config *cfg, uint32_t cid,
			     microvm_error *err)
{
	if (cid == 1 || cid == 2)
		return fails(err, MICROVM_EINVAL, "no such context ID",
			     "take another");
	return note(cfg, "cid %u\r\n", (unsigned)cid);
}

int microvm_config_set_vsock_socket(microvm_config *cfg, const char *path,
				    microvm_error *err)
{
	(void)err;
	return note(cfg, "socket %s\r\n", path);
}

int microvm_config_map_port(microvm_config *cfg, uint32_t port,
			    const char *endpoint,
			    enum microvm_direction direction,
			    microvm_error *err)
{
	if (!strcmp(endpoint, "bad"))
		return fails(err, MICROVM_EINVAL, "'bad' is no endpoint",
			     "mend it");
	return note(cfg, "map %u %s %s\r\n", (unsigned)port,
		    direction == MICROVM_TO_GUEST ? "to guest" : "from guest",
		    endpoint);
}

int microvm_config_forward(microvm_config *cfg, const char *spec,
			   microvm_error *err)
{
	if (!strcmp(spec, "bad"))
		return fails(err, MICROVM_EINVAL, "'bad' is no forward",
			     "mend it");
	return note(cfg, "forward %s\r\n", spec);
}

int microvm_config_set_vsock_hold(microvm_config *cfg, uint32_t ms,
				  microvm_error *err)
{
	(void)err;
	return note(cfg, "hold %u\r\n", (unsigned)ms);
}

int microvm_config_set_net(microvm_config *cfg, enum microvm_net net,
			   microvm_error *err)
{
	(void)err;
	return note(cfg, "net %d\r\n", (int)net);
}

int microvm_config_add_rule(microvm_config *cfg, const char *rule,
			    microvm_error *err)
{
	if (strstr(rule, " bad") || rule[strlen(rule) - 1] == ' ')
		return fails(err, MICROVM_EINVAL, "'bad' is nobody", "mend it");
	return note(cfg, "rule %s\r\n", rule);
}

int microvm_config_set_proxy_login(microvm_config *cfg, const char *user,
				   const char *password, microvm_error *err)
{
	(void)err;
	return note(cfg, "login %s %s\r\n", user, password);
}

int microvm_config_set_upstream(microvm_config *cfg, const char *url,
				microvm_error *err)
{
	if (!strcmp(url, "bad"))
		return fails(err, MICROVM_EINVAL, "'bad' is no URL", "mend it");
	return note(cfg, "upstream %s\r\n", url);
}

int microvm_config_set_flow_events(microvm_config *cfg, microvm_flow_fn *fn,
				   void *ctx, microvm_error *err)
{
	(void)err;
	cfg->flow = fn;
	cfg->flow_ctx = ctx;
	return note(cfg, "flows\r\n");
}

/* ---- rings ------------------------------------------------------------- */

static size_t ring_put(struct ring *r, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && r->len < RING; i++)
		r->data[(r->head + r->len++) % RING] = p[i];
	return i;
}

static size_t ring_get(struct ring *r, unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && r->len; i++, r->len--) {
		p[i] = r->data[r->head];
		r->head = (r->head + 1) % RING;
	}
	return i;
}

static void event(microvm_vm *vm, enum microvm_event e)
{
	if (vm->cfg.fn)
		vm->cfg.fn(vm->cfg.ctx, e);
}

size_t microvm_console_read(microvm_vm *vm, void *buf, size_t len)
{
	size_t n;

	(void)pthread_mutex_lock(&vm->mu);
	n = ring_get(&vm->out, buf, len);
	(void)pthread_cond_broadcast(&vm->cond);
	(void)pthread_mutex_unlock(&vm->mu);
	return n;
}

size_t microvm_console_write(microvm_vm *vm, const void *buf, size_t len)
{
	size_t n;

	(void)pthread_mutex_lock(&vm->mu);
	n = ring_put(&vm->in, buf, len);
	vm->starved = vm->starved || n < len;
	(void)pthread_cond_broadcast(&vm->cond);
	(void)pthread_mutex_unlock(&vm->mu);
	return n;
}

/* ---- what guests do ---------------------------------------------------- */

/* Take some input; 0 when the guest was killed. */
static size_t guest_read(microvm_vm *vm, unsigned char *p, size_t len)
{
	bool tell;
	size_t n = 0;

	(void)pthread_mutex_lock(&vm->mu);
	while (!vm->killed && !vm->in.len)
		(void)pthread_cond_wait(&vm->cond, &vm->mu);
	if (!vm->killed)
		n = ring_get(&vm->in, p, len);
	tell = n && vm->starved;
	vm->starved = vm->starved && !tell;
	(void)pthread_mutex_unlock(&vm->mu);
	if (tell)
		event(vm, MICROVM_EVENT_CONSOLE_WRITABLE);
	return n;
}

/* Print it all; false when the guest was killed. */
static bool guest_print(microvm_vm *vm, const void *text, size_t len)
{
	const unsigned char *p = text;

	while (len) {
		bool was_empty, killed;
		size_t n;

		(void)pthread_mutex_lock(&vm->mu);
		while (!vm->killed && vm->out.len == RING)
			(void)pthread_cond_wait(&vm->cond, &vm->mu);
		was_empty = !vm->out.len;
		killed = vm->killed;
		n = killed ? 0 : ring_put(&vm->out, p, len);
		(void)pthread_mutex_unlock(&vm->mu);
		if (killed)
			return false;
		if (was_empty)
			event(vm, MICROVM_EVENT_CONSOLE_READABLE);
		p += n;
		len -= n;
	}
	return true;
}

static enum microvm_reason guest_echo(microvm_vm *vm)
{
	unsigned char buf[256];
	size_t n;

	(void)guest_print(vm, "up\r\n", 4);
	while ((n = guest_read(vm, buf, sizeof(buf))))
		for (size_t i = 0; i < n; i++) {
			if (buf[i] == CTRL_D)
				return MICROVM_EXIT_POWEROFF;
			if (buf[i] == CTRL_R)
				return MICROVM_EXIT_RESET;
			if (!guest_print(vm, buf + i, 1))
				break;
		}
	return MICROVM_EXIT_KILLED;
}

static enum microvm_reason wait_killed(microvm_vm *vm)
{
	(void)pthread_mutex_lock(&vm->mu);
	while (!vm->killed)
		(void)pthread_cond_wait(&vm->cond, &vm->mu);
	(void)pthread_mutex_unlock(&vm->mu);
	return MICROVM_EXIT_KILLED;
}

static enum microvm_reason guest_deaf(microvm_vm *vm)
{
	(void)guest_print(vm, "up\r\n", 4);
	return wait_killed(vm);
}

static enum microvm_reason guest_flood(microvm_vm *vm)
{
	char line[FLOOD];

	memset(line, 'f', sizeof(line));
	while (guest_print(vm, line, sizeof(line)))
		;
	return MICROVM_EXIT_KILLED;
}

/* BIG bytes that a reader can check: the low byte of offset / 7. */
static enum microvm_reason guest_big(microvm_vm *vm)
{
	for (size_t at = 0; at < BIG;) {
		unsigned char block[1024];

		for (size_t i = 0; i < sizeof(block); i++, at++)
			block[i] = (unsigned char)(at / 7);
		if (!guest_print(vm, block, sizeof(block)))
			return MICROVM_EXIT_KILLED;
	}
	return MICROVM_EXIT_POWEROFF;
}

static enum microvm_reason guest_panic(microvm_vm *vm)
{
	static const char text[] =
		"[    1.0] Kernel panic - not syncing: VFS: Unable to mount "
		"root fs on unknown-block(0,0)\r\n";

	(void)guest_print(vm, text, sizeof(text) - 1);
	return MICROVM_EXIT_RESET;
}

static enum microvm_reason guest_hang(microvm_vm *vm)
{
	(void)guest_panic(vm);
	return guest_deaf(vm);
}

/* Says that it was killed and lives on, as only a broken host would do. */
static enum microvm_reason guest_immortal(microvm_vm *vm)
{
	static const unsigned char text[] = "killed\r\n";

	(void)guest_deaf(vm);
	(void)pthread_mutex_lock(&vm->mu);
	(void)ring_put(&vm->out, text, sizeof(text) - 1);
	(void)pthread_mutex_unlock(&vm->mu);
	event(vm, MICROVM_EVENT_CONSOLE_READABLE);
	while (pause() < 0) /* for ever: signals are blocked */
		;
	return MICROVM_EXIT_NONE;
}

static enum microvm_reason guest_crash(microvm_vm *vm)
{
	(void)vm;
	return MICROVM_EXIT_RESET;
}

static enum microvm_reason guest_fail(microvm_vm *vm)
{
	(void)guest_print(vm, "up\r\n", 4);
	(void)fails(&vm->exit.error, MICROVM_EHYPERVISOR,
		    "cpu 0: the host lost it", "look for it");
	return MICROVM_EXIT_FAILED;
}

static enum microvm_reason guest_config(microvm_vm *vm)
{
	vm->exit.has_status = 1; /* of a command, if there is one */
	(void)guest_print(vm, vm->cfg.text, vm->cfg.len);
	return MICROVM_EXIT_POWEROFF;
}

/* Runs its command; FAKE_STATUS is what that ends with. */
static enum microvm_reason guest_command(microvm_vm *vm)
{
	const char *status = getenv("FAKE_STATUS");

	event(vm, MICROVM_EVENT_VSOCK_UP);
	event(vm, MICROVM_EVENT_AGENT);
	vm->exit.has_status = status != NULL;
	vm->exit.status = status ? (int)strtol(status, NULL, 10) : 0;
	return MICROVM_EXIT_POWEROFF;
}

/* Until it is asked to end, or killed; true: it was asked. */
static bool wait_asked(microvm_vm *vm)
{
	bool asked;

	(void)pthread_mutex_lock(&vm->mu);
	while (!vm->killed && !vm->asked)
		(void)pthread_cond_wait(&vm->cond, &vm->mu);
	asked = !vm->killed;
	(void)pthread_mutex_unlock(&vm->mu);
	return asked;
}

static enum microvm_reason guest_polite(microvm_vm *vm)
{
	event(vm, MICROVM_EVENT_VSOCK_UP);
	event(vm, MICROVM_EVENT_AGENT);
	(void)guest_print(vm, "up\r\n", 4);
	if (!wait_asked(vm))
		return MICROVM_EXIT_KILLED;
	(void)guest_print(vm, "bye\r\n", 5);
	vm->exit.has_status = 1;
	vm->exit.status = 143;
	return MICROVM_EXIT_POWEROFF;
}

static enum microvm_reason guest_stubborn(microvm_vm *vm)
{
	event(vm, MICROVM_EVENT_VSOCK_UP);
	event(vm, MICROVM_EVENT_AGENT);
	(void)guest_print(vm, "up\r\n", 4);
	if (wait_asked(vm))
		(void)guest_print(vm, "no\r\n", 4);
	return wait_killed(vm);
}

/* Its driver goes, and with it the line to init. */
static enum microvm_reason guest_unplugged(microvm_vm *vm)
{
	event(vm, MICROVM_EVENT_VSOCK_UP);
	event(vm, MICROVM_EVENT_AGENT);
	event(vm, MICROVM_EVENT_VSOCK_DOWN);
	return guest_deaf(vm);
}

static void flow(microvm_vm *vm, microvm_flow f)
{
	f.size = sizeof(f);
	if (vm->cfg.flow)
		vm->cfg.flow(vm->cfg.flow_ctx, &f);
}

static enum microvm_reason guest_flows(microvm_vm *vm)
{
	microvm_flow f = { .id = 1,
			   .name = "example.com",
			   .address = "192.0.2.1",
			   .port = 443,
			   .phase = MICROVM_FLOW_OPENED };

	flow(vm, f);
	f.phase = MICROVM_FLOW_ENDED;
	f.bytes_out = 12;
	f.bytes_in = 345;
	flow(vm, f);
	flow(vm, (microvm_flow){ .id = 2,
				 .kind = MICROVM_FLOW_UDP,
				 .address = "10.0.0.1",
				 .port = 53,
				 .phase = MICROVM_FLOW_DENIED,
				 .why = "not a public address" });
	return MICROVM_EXIT_POWEROFF;
}

/* More lines than a pipe holds. */
static enum microvm_reason guest_many_flows(microvm_vm *vm)
{
	for (unsigned i = 0; i < FLOWS; i++)
		flow(vm, (microvm_flow){ .id = i,
					 .name = "example.com",
					 .phase = MICROVM_FLOW_DENIED });
	return MICROVM_EXIT_POWEROFF;
}

static enum microvm_reason guest_files(microvm_vm *vm)
{
	struct rlimit files;
	char line[64];
	int n;

	(void)getrlimit(RLIMIT_NOFILE, &files);
	n = snprintf(line, sizeof(line), "%d\r\n",
		     files.rlim_cur == files.rlim_max);
	(void)guest_print(vm, line, (size_t)n);
	return MICROVM_EXIT_POWEROFF;
}

static const struct {
	const char *name;
	enum microvm_reason (*run)(microvm_vm *vm);
} guests[] = {
	{ "big", guest_big },           { "command", guest_command },
	{ "config", guest_config },     { "crash", guest_crash },
	{ "deaf", guest_deaf },         { "echo", guest_echo },
	{ "fail", guest_fail },         { "files", guest_files },
	{ "flood", guest_flood },       { "flows", guest_flows },
	{ "hang", guest_hang },         { "immortal", guest_immortal },
	{ "kernel", guest_config },     { "many_flows", guest_many_flows },
	{ "panic", guest_panic },       { "polite", guest_polite },
	{ "stubborn", guest_stubborn }, { "unplugged", guest_unplugged },
};

/* ---- the machine ------------------------------------------------------- */

static void *live(void *arg)
{
	microvm_vm *vm = arg;
	const char *slash = strrchr(vm->cfg.kernel, '/');
	const char *name = slash ? slash + 1 : vm->cfg.kernel;
	enum microvm_reason why = MICROVM_EXIT_FAILED;

	for (size_t i = 0; i < sizeof(guests) / sizeof(*guests); i++)
		if (!strcmp(guests[i].name, name))
			why = guests[i].run(vm);
	(void)pthread_mutex_lock(&vm->mu);
	vm->exit.reason = why;
	vm->ended = true;
	(void)pthread_cond_broadcast(&vm->cond);
	(void)pthread_mutex_unlock(&vm->mu);
	event(vm, MICROVM_EVENT_EXITED);
	return NULL;
}

int microvm_vm_create(const microvm_config *cfg, microvm_vm **vm,
		      microvm_error *err)
{
	*vm = NULL;
	if (!strcmp(cfg->kernel, "bad"))
		return fails(err, MICROVM_EBADIMAGE, "kernel bad: not a kernel",
			     "give another");
	if (getenv("FAKE_REFUSE"))
		return fails(err, MICROVM_ENOTSUP, "no /dev/fake here",
			     "plug it in");
	*vm = calloc(1, sizeof(**vm));
	if (!*vm)
		return fails(err, MICROVM_ENOMEM, "no memory", "");
	(*vm)->cfg = *cfg;
	(void)pthread_mutex_init(&(*vm)->mu, NULL);
	(void)pthread_cond_init(&(*vm)->cond, NULL);
	return 0;
}

int microvm_vm_start(microvm_vm *vm, microvm_error *err)
{
	if (!strcmp(vm->cfg.kernel, "unable"))
		return fails(err, MICROVM_EIO, "cannot start it", "");
	vm->started = !pthread_create(&vm->thread, NULL, live, vm);
	return vm->started ? 0 : fails(err, MICROVM_EIO, "no thread", "");
}

void microvm_vm_kill(microvm_vm *vm)
{
	(void)pthread_mutex_lock(&vm->mu);
	vm->killed = true;
	(void)pthread_cond_broadcast(&vm->cond);
	(void)pthread_mutex_unlock(&vm->mu);
}

int microvm_vm_stop(microvm_vm *vm, microvm_error *err)
{
	(void)err;
	(void)pthread_mutex_lock(&vm->mu);
	vm->asked = true;
	(void)pthread_cond_broadcast(&vm->cond);
	(void)pthread_mutex_unlock(&vm->mu);
	return 0;
}

int microvm_vm_wait(microvm_vm *vm, uint32_t ms, microvm_exit *ex)
{
	(void)ms;
	(void)pthread_mutex_lock(&vm->mu);
	while (!vm->ended)
		(void)pthread_cond_wait(&vm->cond, &vm->mu);
	*ex = vm->exit;
	(void)pthread_mutex_unlock(&vm->mu);
	return 0;
}

void microvm_vm_free(microvm_vm *vm)
{
	if (!vm)
		return;
	microvm_vm_kill(vm);
	if (vm->started)
		(void)pthread_join(vm->thread, NULL);
	(void)pthread_cond_destroy(&vm->cond);
	(void)pthread_mutex_destroy(&vm->mu);
	free(vm);
}

int microvm_vm_describe(const microvm_config *cfg, microvm_vm **vm,
			microvm_error *err)
{
	return microvm_vm_create(cfg, vm, err);
}

/* An arm64 machine, unless its kernel is called "x86_64". */
int microvm_vm_artifact(const microvm_vm *vm, enum microvm_artifact which,
			const void **data, size_t *len, microvm_error *err)
{
	static const char *const fixed[] = {
		[MICROVM_ARTIFACT_DTB] = "\xd0\x0d\xfe\xed",
		[MICROVM_ARTIFACT_ACPI] = "RSD PTR ",
		[MICROVM_ARTIFACT_E820] = "one\ntwo\n",
	};
	bool x86 = !strcmp(vm->cfg.kernel, "x86_64");

	if (which == MICROVM_ARTIFACT_CMDLINE) {
		*data = vm->cfg.text;
		*len = vm->cfg.len;
		return 0;
	}
	if (x86 == (which == MICROVM_ARTIFACT_DTB))
		return fails(err, MICROVM_ENOTSUP, "this machine has none", "");
	*data = fixed[which];
	*len = strlen(fixed[which]);
	return 0;
}

int microvm_vm_stats(const microvm_vm *vm, microvm_stats *stats)
{
	(void)vm;
	*stats = (microvm_stats){ .size = sizeof(*stats), .backend = "fake" };
	stats->mark_ns[MICROVM_MARK_LOADED] = 1500000;
	stats->mark_ns[MICROVM_MARK_EXITED] = 3000000;
	if (!getenv("FAKE_KVM")) {
		stats->mark_insns[MICROVM_MARK_EXITED] = 123456;
		stats->insns = 123456;
	}
	stats->exits[MICROVM_XK_CALL] = 7;
	stats->exits[MICROVM_XK_PIO] = 9;
	stats->ram_bytes = 512ULL << 20;
	stats->streams[0] = 3;
	stats->streams[1] = 4;
	stats->stream_bytes[0] = 5;
	stats->stream_bytes[1] = 6;
	stats->flows = 7;
	stats->flows_denied = 2;
	stats->flow_bytes[0] = 8;
	stats->flow_bytes[1] = 9;
	return 0;
}

/* The command that builds images has tests of its own. */
int image_main(int argc, char **argv)
{
	(void)printf("%s with %d\n", argv[0], argc - 1);
	return 0;
}
