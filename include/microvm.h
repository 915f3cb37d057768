/* SPDX-License-Identifier: MIT */
/*
 * microvm.h - the public interface of libmicrovm, and its manual.
 *
 * A program describes a machine in a microvm_config, creates a microvm_vm
 * from it, starts it and talks to it.  Every VM runs on threads of its own;
 * every call below returns.  The library never exits, never installs a signal
 * handler, never prints, and keeps no state outside the handles, so that any
 * number of VMs may live in one process.
 *
 * Errors: a fallible call returns 0 (or a count) on success, or a negative
 * MICROVM_E... code.  When its last argument is a microvm_error, that tells
 * the cause in one line and, where we know one, the fix.  It may be NULL.
 *
 * Threads: different handles may be used from different threads at will.  One
 * microvm_config must not be used by two threads at once.  The calls on a
 * microvm_vm are safe from any thread; which of them are safe inside an event
 * callback is said at each.
 */
#ifndef MICROVM_H
#define MICROVM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32) && defined(MICROVM_SHARED)
#define MICROVM_API __declspec(dllexport)
#elif defined(__GNUC__)
#define MICROVM_API __attribute__((visibility("default")))
#else
#define MICROVM_API
#endif

/* ---- errors ----------------------------------------------------------- */

/* Every fallible call returns 0 or one of these, negated. */
enum microvm_code {
	MICROVM_OK,
	MICROVM_EINVAL,         /* an argument or a combination of them */
	MICROVM_ENOMEM,         /* memory, or a table of fixed size, is full */
	MICROVM_EIO,            /* the host's OS refused; see os */
	MICROVM_ENOTSUP,        /* not in this build or on this host */
	MICROVM_EBUSY,          /* somebody else holds it */
	MICROVM_EBADIMAGE,      /* a kernel, initrd or saved state is no good */
	MICROVM_EHYPERVISOR,    /* the hypervisor refused; see os */
	MICROVM_ESTATE,         /* not in this state of the VM */
	MICROVM_ETIMEDOUT,      /* the time given has passed */
	MICROVM_EREFUSED,       /* nobody listens there */
	MICROVM_ERESET,         /* the other end broke the connection */
	MICROVM_EAGAIN,         /* nothing can be moved without waiting */
	MICROVM_ECODES,         /* how many codes there are */
};

/* Filled on failure; owned by the caller. */
typedef struct microvm_error {
	int  code;              /* enum microvm_code */
	long os;                /* errno, HRESULT or hv_return_t; 0 if none */
	char msg[256];          /* one line: what failed, on what, and why */
	char hint[256];         /* what to do about it; "" if we do not know */
} microvm_error;

/* The name of a code ("invalid argument"); takes it with either sign. */
MICROVM_API const char *microvm_strerror(int code);

/* ---- version ---------------------------------------------------------- */

#define MICROVM_ABI 1

/* "0.1.0"; and MICROVM_ABI as the library was built, to compare with ours. */
MICROVM_API const char *microvm_version(void);
MICROVM_API int microvm_abi(void);

/* ---- what works on this host ------------------------------------------ */

enum microvm_arch { MICROVM_ARCH_ARM64, MICROVM_ARCH_X86_64 };

/* One backend, tried by doing: made a VM and ran a tiny guest on it. */
typedef struct microvm_report {
	uint32_t      size;     /* sizeof(microvm_report), set by the caller */
	const char   *name;     /* "soft", "kvm", ...: static */
	unsigned      arches;   /* 1 << enum microvm_arch, of guests it runs */
	int           usable;   /* the tiny guest ran to its end */
	int           preferred; /* "auto" would choose it for its guests */
	char          detail[256]; /* what it is, when it is usable */
	microvm_error error;    /* why not, when it is not */
} microvm_report;

/*
 * Report on backend number `index` (0, 1, ...), best first.  Returns 0,
 * or -MICROVM_EINVAL past the last one.  Takes some milliseconds each.
 */
MICROVM_API int microvm_probe(unsigned index, microvm_report *report);

/* ---- configuration ---------------------------------------------------- */

typedef struct microvm_config microvm_config;

/*
 * A new machine: best backend, 1 CPU, 512 MiB, wall clock, no console, a
 * vsock device with CID 3, and no way out to any network.  NULL when memory
 * is out.  Freed by microvm_config_free (NULL is fine), at any time after
 * microvm_vm_create.
 */
MICROVM_API microvm_config *microvm_config_new(void);
MICROVM_API void microvm_config_free(microvm_config *cfg);

/* The guest's architecture; default: what the kernel image says it is. */
MICROVM_API int microvm_config_set_arch(microvm_config *cfg,
					enum microvm_arch arch,
					microvm_error *err);

/* "auto" (default), or the name of a backend as microvm_probe gives it. */
MICROVM_API int microvm_config_set_backend(microvm_config *cfg,
					   const char *name,
					   microvm_error *err);

/* 1 to 4 with soft. */
MICROVM_API int microvm_config_set_cpus(microvm_config *cfg, unsigned cpus,
					microvm_error *err);

/* Guest RAM in bytes: a multiple of 1 MiB, from 16 MiB to 64 GiB. */
MICROVM_API int microvm_config_set_memory(microvm_config *cfg, uint64_t bytes,
					  microvm_error *err);

/* A kernel image in a file (the path is copied, the file read at create). */
MICROVM_API int microvm_config_set_kernel_path(microvm_config *cfg,
					       const char *path,
					       microvm_error *err);

/* Append an initramfs archive; each is loaded behind the one before. */
MICROVM_API int microvm_config_add_initrd_path(microvm_config *cfg,
					       const char *path,
					       microvm_error *err);

/*
 * Append one file to the initramfs: absolute guest path, permission bits,
 * content (copied).  Leading directories are made.  Files added so lie
 * behind every archive and so win over theirs.
 */
MICROVM_API int microvm_config_add_file(microvm_config *cfg,
					const char *guest_path, unsigned mode,
					const void *data, size_t len,
					microvm_error *err);

/* Replace the default kernel command line, or add words to its end. */
MICROVM_API int microvm_config_set_cmdline(microvm_config *cfg,
					   const char *cmdline,
					   microvm_error *err);
MICROVM_API int microvm_config_append_cmdline(microvm_config *cfg,
					      const char *words,
					      microvm_error *err);

enum microvm_clock {
	MICROVM_CLOCK_WALL,     /* guest time is the host's */
	MICROVM_CLOCK_VIRTUAL,  /* guest time is instructions retired (soft) */
};

/*
 * Virtual time makes two runs equal to the instruction: 1 ns an instruction,
 * idle time skipped, random seeds fixed.  Only the soft backend has it.
 */
MICROVM_API int microvm_config_set_clock(microvm_config *cfg,
					 enum microvm_clock clock,
					 microvm_error *err);

/*
 * Give the guest's console to the caller (microvm_console_read and _write).
 * Without this call what the guest prints is thrown away.  With it, a guest
 * whose output nobody reads is held up when 64 KiB are waiting.
 */
MICROVM_API int microvm_config_enable_console(microvm_config *cfg,
					      microvm_error *err);

/* ---- configuration: vsock --------------------------------------------- */

/*
 * The guest's context ID: 3 (default) to 2^32 - 2; the host's is 2.  0 leaves
 * the device out.  On virtual time it is left out unless it is asked for here,
 * because what comes from the host cannot be the same in two runs.
 */
MICROVM_API int microvm_config_set_vsock(microvm_config *cfg, uint32_t cid,
					 microvm_error *err);

/*
 * A Unix socket, made when the VM is created, on which host programs say
 * "CONNECT <port>\n" and get "OK <n>\n" and the connection; and connections
 * of the guest to host port N go to the socket "<path>_N", unless that port is
 * listened on otherwise.  `path` has at most 96 bytes, so that this one fits.
 */
MICROVM_API int microvm_config_set_vsock_socket(microvm_config *cfg,
						const char *path,
						microvm_error *err);

enum microvm_direction {
	MICROVM_FROM_GUEST, /* the guest connects, we connect to the endpoint */
	MICROVM_TO_GUEST,   /* we listen on the endpoint and connect to it */
};

/*
 * Join vsock port `port` to a socket of the host, "unix:PATH" or
 * "tcp:IP:PORT".  From the guest it is a port of the host, which one endpoint
 * can have; to the guest, a port of the guest.  Up to 64 times.
 */
MICROVM_API int microvm_config_map_port(microvm_config *cfg, uint32_t port,
					const char *endpoint,
					enum microvm_direction direction,
					microvm_error *err);

/*
 * "[ip:]HOST:GUEST": TCP port HOST of the host (on 127.0.0.1 unless `ip` says
 * else) leads to TCP port GUEST on the guest's loopback.  It needs the
 * outbound-proxy program of microvm in the guest.  Up to 64 times.
 */
MICROVM_API int microvm_config_forward(microvm_config *cfg, const char *spec,
				       microvm_error *err);

/*
 * How long a connection the host opens by one of the three calls above waits
 * for somebody in the guest to listen; 0: not at all.  Default: 10000 ms.
 */
MICROVM_API int microvm_config_set_vsock_hold(microvm_config *cfg, uint32_t ms,
					      microvm_error *err);

/* ---- configuration: the way out --------------------------------------- */

/*
 * A SOCKS5 proxy listens on vsock port 7601 of the host, and is the guest's
 * only way to a network.  It resolves names itself, judges each address by
 * these rules, and connects to exactly what it judged.
 */
enum microvm_net {
	MICROVM_NET_NONE,   /* nothing but what a rule allows */
	MICROVM_NET_PUBLIC, /* public addresses; not the host, its loopback,
			       its LAN, link-local or metadata addresses */
	MICROVM_NET_ALL,    /* everything the host can reach, itself too */
};

/* Default: MICROVM_NET_NONE. */
MICROVM_API int microvm_config_set_net(microvm_config *cfg,
				       enum microvm_net net,
				       microvm_error *err);

/*
 * "allow WHO[:PORTS]" or "deny WHO[:PORTS]".  The first rule that fits decides;
 * microvm_config_set_net what happens when none does.  WHO: a name,
 * "*.example.com", an address, "10.0.0.0/8", "[fd00::]/8", or one of any,
 * public, private, loopback, linklocal, multicast, host.  PORTS: "443",
 * "80,443", "8000-8999".  Up to 1024 rules.
 */
MICROVM_API int microvm_config_add_rule(microvm_config *cfg, const char *rule,
					microvm_error *err);

/*
 * Have the guest log in to the proxy (RFC 1929): 1 to 255 bytes each.  NULL,
 * NULL: no longer.
 */
MICROVM_API int microvm_config_set_proxy_login(microvm_config *cfg,
					       const char *user,
					       const char *password,
					       microvm_error *err);

/*
 * Connect by another SOCKS5 server: "socks5h://[user:password@]host:port".
 * It resolves the names then, so rules about addresses can only judge guests
 * that ask for addresses.  NULL: no longer.
 */
MICROVM_API int microvm_config_set_upstream(microvm_config *cfg,
					    const char *url,
					    microvm_error *err);

enum microvm_flow_kind {
	MICROVM_FLOW_TCP,
	MICROVM_FLOW_UDP,     /* one peer of a UDP association */
	MICROVM_FLOW_RESOLVE, /* a name or an address looked up */
};

enum microvm_flow_phase {
	MICROVM_FLOW_ASKED,  /* in a question of microvm_policy_fn */
	MICROVM_FLOW_DENIED, /* by a rule, the base, or an answer; the last */
	MICROVM_FLOW_FAILED, /* no such name, refused, ...: see why; the last */
	MICROVM_FLOW_OPENED, /* allowed and connected */
	MICROVM_FLOW_ENDED,  /* with all its bytes; the last */
};

/* What the guest wants of the network; valid during the call it is given to. */
typedef struct microvm_flow {
	uint32_t    size;     /* sizeof(microvm_flow), as the library has it */
	uint64_t    id;       /* of this flow, in this VM */
	enum microvm_flow_kind kind;
	enum microvm_flow_phase phase;
	const char *name;     /* as the guest asked for it; "": an address */
	const char *address;  /* the one judged, without port; "": none yet */
	uint16_t    port;
	uint64_t    bytes_out; /* from the guest */
	uint64_t    bytes_in; /* to the guest */
	const char *why;      /* why it was denied, failed or ended */
} microvm_flow;

/* Told of each verdict and each end.  Loop thread. */
typedef void microvm_flow_fn(void *ctx, const microvm_flow *flow);
MICROVM_API int microvm_config_set_flow_events(microvm_config *cfg,
					       microvm_flow_fn *fn, void *ctx,
					       microvm_error *err);

enum microvm_verdict {
	MICROVM_DENY,
	MICROVM_ALLOW,
	MICROVM_ASK_LATER, /* microvm_policy_answer() follows; 2 minutes */
};

/*
 * Asked for each address that no rule decides, in place of the base.  Loop
 * thread: who wants to ask a person says MICROVM_ASK_LATER.
 */
typedef enum microvm_verdict microvm_policy_fn(void *ctx,
					       const microvm_flow *flow);
MICROVM_API int microvm_config_set_policy(microvm_config *cfg,
					  microvm_policy_fn *fn, void *ctx,
					  microvm_error *err);

/*
 * Called with each socket the proxy makes, before it connects: to bind it to
 * an interface or mark it, as a VPN must protect its own.  Non-zero: give up.
 */
typedef int microvm_socket_fn(void *ctx, intptr_t fd);
MICROVM_API int microvm_config_set_socket_hook(microvm_config *cfg,
					       microvm_socket_fn *fn,
					       void *ctx, microvm_error *err);

#define MICROVM_DIAL_DEFAULT (-1) /* let the library connect */
#define MICROVM_DIAL_FAIL    (-2) /* the guest is told: unreachable */

/*
 * Asked for a connected stream socket to what was allowed, in place of
 * connecting.  The library owns what is returned.  A far end that takes time
 * can be one end of a socketpair.
 */
typedef intptr_t microvm_dial_fn(void *ctx, const microvm_flow *flow);
MICROVM_API int microvm_config_set_dialer(microvm_config *cfg,
					  microvm_dial_fn *fn, void *ctx,
					  microvm_error *err);

/* ---- events ----------------------------------------------------------- */

enum microvm_event {
	MICROVM_EVENT_CONSOLE_READABLE, /* output waits, and none did before */
	MICROVM_EVENT_CONSOLE_WRITABLE, /* there is room, and none was before */
	MICROVM_EVENT_EXITED,           /* the VM has ended; the last event */
	MICROVM_EVENT_VSOCK_UP,         /* the guest's vsock driver works */
	MICROVM_EVENT_VSOCK_DOWN,       /* it is gone, with all its streams */
	MICROVM_EVENT_AGENT,            /* init has reported to us */
};

/*
 * Called on the VM's own loop thread, one call at a time.  It must not block
 * for long and must not call microvm_vm_wait or microvm_vm_free.
 */
typedef void microvm_event_fn(void *ctx, enum microvm_event event);

MICROVM_API int microvm_config_set_events(microvm_config *cfg,
					  microvm_event_fn *fn, void *ctx,
					  microvm_error *err);

/* ---- the machine ------------------------------------------------------ */

typedef struct microvm_vm microvm_vm;

/*
 * Make the machine: allocate its RAM, load and check everything.  Nothing
 * runs yet.  On failure *vm is NULL and nothing is held.
 */
MICROVM_API int microvm_vm_create(const microvm_config *cfg, microvm_vm **vm,
				  microvm_error *err);

/*
 * The same machine, only to look at with microvm_vm_artifact: on a host where
 * no backend can run it, too, unless one was asked for by name.  It opens no
 * sockets, and is not to be started.
 */
MICROVM_API int microvm_vm_describe(const microvm_config *cfg, microvm_vm **vm,
				    microvm_error *err);

/* Let it run.  Once per VM. */
MICROVM_API int microvm_vm_start(microvm_vm *vm, microvm_error *err);

/* End it now, as by pulling the plug.  Any thread, callbacks too. */
MICROVM_API void microvm_vm_kill(microvm_vm *vm);

/*
 * Ask the guest's init to end its program and switch the machine off.  Comes
 * back at once; it needs microvm's init, or one that listens as it does.  Who
 * does not want to wait for ever waits for some time and kills.
 */
MICROVM_API int microvm_vm_stop(microvm_vm *vm, microvm_error *err);

/*
 * Have init set the guest's clock to the host's again: after the host slept.
 * At its start it does so by itself.
 */
MICROVM_API int microvm_vm_set_time(microvm_vm *vm, microvm_error *err);

enum microvm_reason {
	MICROVM_EXIT_NONE,      /* still running */
	MICROVM_EXIT_POWEROFF,  /* the guest switched itself off */
	MICROVM_EXIT_RESET,     /* the guest rebooted, or panicked */
	MICROVM_EXIT_KILLED,    /* microvm_vm_kill */
	MICROVM_EXIT_FAILED,    /* the host failed it: see error */
};

typedef struct microvm_exit {
	enum microvm_reason reason;
	microvm_error       error;
	int                 has_status; /* init told how its program ended */
	int                 status; /* 0 to 255; 128 + n: by signal n */
} microvm_exit;

#define MICROVM_FOREVER UINT32_MAX

/*
 * Wait for the end, at most `ms` milliseconds.  Returns 0 and fills `exit`
 * (also when the VM ended long ago), or -MICROVM_ETIMEDOUT.  Not from a
 * callback.
 */
MICROVM_API int microvm_vm_wait(microvm_vm *vm, uint32_t ms,
				microvm_exit *exit);

/*
 * Kill it if it runs, join its threads, free everything.  Afterwards no
 * callback runs.  NULL is fine.  Not from a callback.
 *
 * Bytes the guest sent on streams that it closed before its end go on to their
 * readers until this call, which cuts them off: who cares waits until
 * microvm_vm_stats says that no stream is open.  If the proxy is just looking a
 * name up, this waits for the host's resolver, which cannot be interrupted.
 */
MICROVM_API void microvm_vm_free(microvm_vm *vm);

/* ---- console ---------------------------------------------------------- */

/*
 * Take up to `len` bytes of what the guest printed.  Never blocks: 0 means
 * nothing waits now.  Any thread, callbacks too.  Works after the end, until
 * microvm_vm_free, so that the last words are not lost.
 */
MICROVM_API size_t microvm_console_read(microvm_vm *vm, void *buf,
					size_t len);

/*
 * Type up to `len` bytes to the guest.  Never blocks: returns how many were
 * taken; after fewer than `len`, MICROVM_EVENT_CONSOLE_WRITABLE follows.  May
 * be called before microvm_vm_start, to have the input wait for the guest.
 * Nothing is taken without a console, or after the end.
 */
MICROVM_API size_t microvm_console_write(microvm_vm *vm, const void *buf,
					 size_t len);

/* ---- vsock: streams between the embedder and the guest ---------------- */

/*
 * A microvm_stream is one connection.  Each direction ends by itself, as with
 * a socket; nothing is lost when one side closes early and the other reads
 * late.  Streams outlive their VM until they are closed; then they are reset.
 * Every call on a stream is for any thread, callbacks too with ms = 0.
 */
typedef struct microvm_stream microvm_stream;
typedef struct microvm_listener microvm_listener;

/*
 * Open a connection to a port of the guest and wait, at most `ms`, until
 * somebody there accepts it: as long, it is tried again when nobody listens
 * yet.  0: one try.  Not from a callback.  -MICROVM_EREFUSED: nobody listened;
 * -MICROVM_ETIMEDOUT: the guest did not come up, or did not answer.
 */
MICROVM_API int microvm_vsock_connect(microvm_vm *vm, uint32_t port,
				      uint32_t ms, microvm_stream **stream,
				      microvm_error *err);

enum microvm_stream_event {
	MICROVM_STREAM_OPENED = 1 << 0,   /* the guest accepted */
	MICROVM_STREAM_READABLE = 1 << 1, /* bytes, or the end */
	MICROVM_STREAM_WRITABLE = 1 << 2, /* a write would not wait any more */
	MICROVM_STREAM_CLOSED = 1 << 3,   /* over: read tells how; the last */
};

/* On the loop thread, with a sum of enum microvm_stream_event. */
typedef void microvm_stream_fn(void *ctx, microvm_stream *stream,
			       unsigned events);

/*
 * The same without waiting: OPENED or CLOSED follows.  Any thread, callbacks
 * too.  `fn` may be NULL for who only reads and writes with a time limit.
 * What is written before it opened goes to the guest when it does.
 */
MICROVM_API int microvm_vsock_open(microvm_vm *vm, uint32_t port, uint32_t ms,
				   microvm_stream_fn *fn, void *ctx,
				   microvm_stream **stream,
				   microvm_error *err);

/*
 * The guest connected to a port we listen on.  0: we take the stream, and
 * close it some day; else the guest is refused and the stream is gone.  Loop
 * thread.
 */
typedef int microvm_accept_fn(void *ctx, microvm_stream *stream,
			      uint32_t guest_port);

/*
 * Accept the guest's connections to the host's `port`; before or after the
 * start.  -MICROVM_EBUSY: somebody has that port.
 */
MICROVM_API int microvm_vsock_listen(microvm_vm *vm, uint32_t port,
				     microvm_accept_fn *fn, void *ctx,
				     microvm_listener **listener,
				     microvm_error *err);

/*
 * Accept no more: no callback after this.  The streams stay.  Before
 * microvm_vm_free; from a callback or any other thread.  NULL is fine.
 */
MICROVM_API void microvm_listener_close(microvm_listener *listener);

/*
 * Who is told about a stream from now on; at once when it is readable,
 * writable or closed already.  After it came back from a thread that is not
 * the loop's, or from a callback, the function before is not called any more.
 */
MICROVM_API void microvm_stream_set_events(microvm_stream *stream,
					   microvm_stream_fn *fn, void *ctx);

/*
 * Read up to `len` bytes, waiting at most `ms` for the first.  How many; 0:
 * the guest will send no more; -MICROVM_EAGAIN with ms = 0, else
 * -MICROVM_ETIMEDOUT; -MICROVM_ERESET: it broke off (so did the VM).
 */
MICROVM_API ptrdiff_t microvm_stream_read(microvm_stream *stream, void *buf,
					  size_t len, uint32_t ms);

/*
 * Write up to `len` bytes, waiting at most `ms` for room for the first.  How
 * many were taken, which go to the guest even if the stream is closed next.
 */
MICROVM_API ptrdiff_t microvm_stream_write(microvm_stream *stream,
					   const void *buf, size_t len,
					   uint32_t ms);

/* Write no more: the guest reads to the end, and may go on sending. */
MICROVM_API int microvm_stream_shutdown(microvm_stream *stream);

/*
 * Let go of it.  What was written still goes to the guest; what the guest
 * sends from then on is refused by a reset.  NULL is fine.
 */
MICROVM_API void microvm_stream_close(microvm_stream *stream);

/*
 * Turn the stream into a plain socket, non-blocking, that is the caller's; the
 * handle is gone.  Bytes not read yet come out of the socket.  Not from a
 * callback.  While its VM lives; when that is freed, the socket ends.
 */
MICROVM_API int microvm_stream_detach(microvm_stream *stream, intptr_t *fd,
				      microvm_error *err);

/* The answer to a MICROVM_ASK_LATER.  -MICROVM_ESTATE: nobody waits for it. */
MICROVM_API int microvm_policy_answer(microvm_vm *vm, uint64_t flow,
				      enum microvm_verdict verdict,
				      microvm_error *err);

/* ---- looking at image files ------------------------------------------- */

typedef struct microvm_image_info {
	uint32_t    size;       /* sizeof(microvm_image_info), by the caller */
	char        format[96]; /* "an arm64 Linux kernel, packed by gzip" */
	uint64_t    file_bytes;
	uint64_t    content_bytes; /* unpacked; as the file, when it is not */
	int         is_kernel;  /* then arch and the next three count */
	enum microvm_arch arch;
	uint64_t    memory_bytes; /* of RAM it reserves; 0: not told */
	uint32_t    page_bytes; /* its page size; 0: not told */
	char        version[256]; /* "6.1.0 (...) #1 SMP ..."; "": not told */
	int         is_archive; /* an initramfs; then the next three count */
	int         is_whole;   /* it was read to its end */
	int         has_init;   /* it has an /init */
	uint64_t    files;      /* entries in it */
} microvm_image_info;

/*
 * Tell what the bytes of a file are.  Anything is told something about;
 * whether a kernel can be booted is for microvm_vm_create to say.  Fails
 * only when an argument is wrong.
 */
MICROVM_API int microvm_image_inspect(const void *data, size_t len,
				      microvm_image_info *info,
				      microvm_error *err);

/* ---- looking inside --------------------------------------------------- */

/* What the guest would be given, as bytes owned by the VM. */
enum microvm_artifact {
	MICROVM_ARTIFACT_CMDLINE, /* text, without the final NUL */
	MICROVM_ARTIFACT_DTB,   /* flattened device tree; arm64 only */
	MICROVM_ARTIFACT_ACPI,  /* the tables, RSDP first; x86_64 only */
	MICROVM_ARTIFACT_E820,  /* the memory map, as text: a line for each
				   range, as Linux prints it; x86_64 only */
	MICROVM_ARTIFACTS,
};

MICROVM_API int microvm_vm_artifact(const microvm_vm *vm,
				    enum microvm_artifact which,
				    const void **data, size_t *len,
				    microvm_error *err);

/* Moments of a boot, in host nanoseconds since microvm_vm_create began. */
enum microvm_mark {
	MICROVM_MARK_LOADED,    /* everything is in guest memory */
	MICROVM_MARK_ENTERED,   /* the first guest instruction */
	MICROVM_MARK_CONSOLE,   /* the first byte on the console */
	MICROVM_MARK_USER,      /* the first user-mode instruction: init */
	MICROVM_MARK_EXITED,    /* the VM ended */
	MICROVM_MARKS,
};

/* Why the CPUs left guest code, or what they asked of the machine. */
enum microvm_exit_kind {
	MICROVM_XK_MMIO,        /* a device register was read or written */
	MICROVM_XK_PIO,         /* the same by an x86 I/O port */
	MICROVM_XK_SYSREG,      /* a system register handled above the CPU */
	MICROVM_XK_CALL,        /* a hypercall: PSCI */
	MICROVM_XK_IDLE,        /* WFI or HLT */
	MICROVM_XK_SLICE,       /* a time slice ended, or somebody kicked */
	MICROVM_XK_TIMER,       /* a timer's line changed */
	MICROVM_XK_KINDS,
};

typedef struct microvm_stats {
	uint32_t    size;       /* sizeof(microvm_stats), set by the caller */
	const char *backend;    /* the one chosen: static */
	uint64_t    mark_ns[MICROVM_MARKS];     /* 0: not yet */
	uint64_t    mark_insns[MICROVM_MARKS];  /* instructions until then */
	uint64_t    exits[MICROVM_XK_KINDS];
	uint64_t    insns;      /* guest instructions retired; 0: not counted */
	uint64_t    ram_bytes;  /* the guest's RAM */
	uint64_t    streams[2]; /* opened by the guest, by the host */
	uint64_t    stream_bytes[2]; /* from the guest, to the guest */
	uint64_t    streams_open; /* now */
	uint64_t    flows, flows_denied; /* sessions of the proxy */
	uint64_t    flow_bytes[2]; /* from the guest, to the guest */
} microvm_stats;

MICROVM_API int microvm_vm_stats(const microvm_vm *vm, microvm_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
