/* SPDX-License-Identifier: MIT */
/* netlog.c - what the guest asked of the network, a line each. */
#include "netlog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

int netlog_init(struct netlog *n, const char *path, bool mute,
		const struct tty *tty, microvm_error *err)
{
	*n = (struct netlog){ .fd = mute ? -1 : STDERR_FILENO, .tty = tty };
	if (!path)
		return 0;
	n->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (n->fd < 0)
		return refuse_os(err, errno, "--log-net: %.160s", path);
	n->ours = true;
	return 0;
}

void netlog_fini(struct netlog *n)
{
	if (n->ours)
		(void)close(n->fd); /* what was written is written */
}

static const char *text_of(const char *s)
{
	return s ? s : "";
}

struct line {
	char *text; /* of NETLOG_LINE bytes */
	size_t len;
};

static void add(struct line *l, const char *fmt, ...) SAY_FORMAT(2, 3);

static void add(struct line *l, const char *fmt, ...)
{
	size_t room = NETLOG_LINE - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* "tcp example.com:443 (192.0.2.1)" */
static void add_target(struct line *l, const microvm_flow *f)
{
	static const char *const kinds[] = {
		[MICROVM_FLOW_TCP] = "tcp",
		[MICROVM_FLOW_UDP] = "udp",
		[MICROVM_FLOW_RESOLVE] = "resolve",
	};
	const char *name = text_of(f->name), *address = text_of(f->address);
	bool v6 = !*name && strchr(address, ':');

	add(l, "%s %s%s%s", kinds[f->kind], v6 ? "[" : "",
	    *name ? name : address, v6 ? "]" : "");
	if (f->kind != MICROVM_FLOW_RESOLVE)
		add(l, ":%u", (unsigned)f->port);
	if (*name && *address)
		add(l, " (%s)", address);
}

static void add_why(struct line *l, const microvm_flow *f)
{
	if (*text_of(f->why))
		add(l, ": %s", f->why);
}

size_t netlog_line(char buf[static NETLOG_LINE], const microvm_flow *f)
{
	struct line l = { buf, 0 };

	add(&l, "net: #%" PRIu64 " ", f->id);
	add_target(&l, f);
	switch (f->phase) {
	case MICROVM_FLOW_ASKED: return 0;
	case MICROVM_FLOW_DENIED: add(&l, " denied"); break;
	case MICROVM_FLOW_FAILED: add(&l, " failed"); break;
	case MICROVM_FLOW_OPENED: add(&l, " opened"); break;
	case MICROVM_FLOW_ENDED:
		add(&l, " ended, %" PRIu64 " bytes out, %" PRIu64 " in",
		    f->bytes_out, f->bytes_in);
		break;
	}
	add_why(&l, f);
	for (size_t i = 0; i < l.len; i++)
		if (buf[i] < ' ' || buf[i] > '~')
			buf[i] = '?';
	return l.len;
}

/* A short line goes into a pipe whole when poll(2) says there is room. */
static bool put(const struct netlog *n, char *line, size_t len)
{
	struct pollfd pfd = { .fd = n->fd, .events = POLLOUT };

	if (!n->ours && n->tty && atomic_load(&n->tty->raw))
		line[len++] = '\r';
	line[len++] = '\n';
	if (poll(&pfd, 1, 0) != 1 || !(pfd.revents & POLLOUT))
		return false;
	return write(n->fd, line, len) == (ssize_t)len;
}

void netlog_flow(void *ctx, const microvm_flow *flow)
{
	char line[NETLOG_LINE + 2];
	struct netlog *n = ctx;
	size_t len;

	if (n->fd < 0)
		return;
	if (n->lost) {
		int told = snprintf(line, NETLOG_LINE,
				    "net: %" PRIu64 " lines lost, nobody read "
				    "them",
				    n->lost);

		if (!put(n, line, (size_t)told)) {
			n->lost++;
			return;
		}
		n->lost = 0;
	}
	len = netlog_line(line, flow);
	if (len && !put(n, line, len))
		n->lost++;
}
