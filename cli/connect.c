/* SPDX-License-Identifier: MIT */
/*
 * connect.c - `microvm connect`: standard input and output joined to a port
 * of a running guest.
 *
 * Speaks to the guest's socket as several VMMs have it: "CONNECT <port>\n",
 * answered by "OK <n>\n", and from then on the socket is the connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "command.h"
#include "name.h"
#include "opts.h"
#include "relay.h"
#include "say.h"
#include "vsock_opt.h"

enum { ANSWER_MAX = 64 };

struct connection {
	const char *vm; /* as it was given */
	uint32_t port;
	int fd;
};

static const char usage[] = "connect VM PORT";
static const char about[] =
	"Join standard input and output to vsock port PORT of a guest: VM is\n"
	"the name it was given (run --name), or the path of its socket, with "
	"a\n"
	"slash in it.  Each direction ends by itself.  Exit status: 0 when\n"
	"the connection has ended, 125 when there was none.";

static int parse(struct connection *c, int argc, char **argv, bool *help,
		 microvm_error *err)
{
	struct opt_spec spec = { usage, about, NULL, 0 };
	struct opt_args args;
	int rc = opts_parse(&spec, argc, argv, &args, err);

	*help = !rc && args.help;
	if (*help)
		opts_help(&spec, stdout);
	if (rc || *help)
		return rc;
	if (args.words != 2 || args.dashes) {
		(void)refuse(err, "connect takes a guest and a port");
		return refuse_hint(err, "microvm connect NAME 1234");
	}
	c->vm = args.word[0];
	return vsock_port_parse(args.word[1], strlen(args.word[1]), &c->port,
				err);
}

static int find_socket(const struct connection *c, char path[static NAME_PATH],
		       microvm_error *err)
{
	if (!strchr(c->vm, '/'))
		return name_socket(path, c->vm, err);
	if (snprintf(path, NAME_PATH, "%s", c->vm) >= NAME_PATH)
		return refuse(err, "%.80s...: too long a path", c->vm);
	return 0;
}

static int explain_connect(const struct connection *c, const char *path, int os,
			   microvm_error *err)
{
	if (os != ENOENT && os != ECONNREFUSED)
		return refuse_os(err, os, "cannot connect to %.160s", path);
	if (strchr(c->vm, '/'))
		(void)refuse_os(err, os, "no guest listens at %.160s", path);
	else
		(void)refuse(err, "no guest named '%s' runs", c->vm);
	return refuse_hint(err, "start it with microvm run --name NAME, or "
				"--vsock cid=3,socket=PATH");
}

static int reach(struct connection *c, microvm_error *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char path[NAME_PATH];
	int rc = find_socket(c, path, err);

	if (rc)
		return rc;
	if (strlen(path) >= sizeof(to.sun_path))
		return refuse(err,
			      "%.80s...: a socket's path has at most %zu "
			      "bytes",
			      path, sizeof(to.sun_path) - 1);
	memcpy(to.sun_path, path, strlen(path)); /* it ends in zeroes */
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (c->fd < 0)
		return refuse_os(err, errno, "cannot make a socket");
	(void)fcntl(c->fd, F_SETFD, FD_CLOEXEC); /* we start nobody anyway */
	if (!connect(c->fd, (const struct sockaddr *)&to, sizeof(to)))
		return 0;
	rc = explain_connect(c, path, errno, err);
	(void)close(c->fd);
	return rc;
}

/* A byte at a time: what is behind the line is not ours to take. */
static int read_answer(int fd, char text[static ANSWER_MAX], size_t *len)
{
	ssize_t n = 1;

	*len = 0;
	while (*len < ANSWER_MAX - 1 && n > 0) {
		n = recv(fd, text + *len, 1, 0);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0 && text[(*len)++] == '\n')
			break;
	}
	text[*len] = 0;
	return n < 0 ? errno : 0;
}

static int nobody(const struct connection *c, microvm_error *err)
{
	(void)refuse(err, "%s: nobody in the guest listens on port %lu", c->vm,
		     (unsigned long)c->port);
	return refuse_hint(err, "start a program there that does; run "
				"--vsock-hold SEC has connections wait longer "
				"for one");
}

static int greet(const struct connection *c, microvm_error *err)
{
	char text[ANSWER_MAX];
	size_t len;
	int os, n;

	n = snprintf(text, sizeof(text), "CONNECT %lu\n",
		     (unsigned long)c->port);
	if (send(c->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		return nobody(c, err); /* it hung up at once */
	os = read_answer(c->fd, text, &len);
	if (!len && (!os || os == ECONNRESET))
		return nobody(c, err);
	if (os)
		return refuse_os(err, os, "%s", c->vm);
	if (!strncmp(text, "OK ", 3) && text[len - 1] == '\n')
		return 0;
	(void)refuse(err, "%s: what listens there is no guest of ours", c->vm);
	return refuse_hint(err, "VM is a name given by run --name, or the "
				"path given by --vsock socket=");
}

static int talk(const struct connection *c, microvm_error *err)
{
	int os = 0, flags = fcntl(c->fd, F_GETFL);

	if (flags < 0 || fcntl(c->fd, F_SETFL, flags | O_NONBLOCK)) {
		(void)refuse_os(err, errno, "%s", c->vm);
		return say_error(err);
	}
	switch (relay_run(c->fd, STDIN_FILENO, STDOUT_FILENO, &os)) {
	case RELAY_DONE: return STATUS_OK;
	case RELAY_RESET:
		(void)refuse(err, "%s: the guest broke the connection off",
			     c->vm);
		break;
	case RELAY_INPUT:
		(void)refuse_os(err, os, "cannot read standard input");
		break;
	case RELAY_OUTPUT:
		if (os == EPIPE)
			return STATUS_SIGNAL + SIGPIPE; /* as in a pipeline */
		(void)refuse_os(err, os, "cannot write to standard output");
		break;
	case RELAY_SOCKET: (void)refuse_os(err, os, "%s", c->vm); break;
	}
	return say_error(err);
}

int connect_main(int argc, char **argv)
{
	struct connection c = { .fd = -1 };
	microvm_error err = { 0 };
	int status;
	bool help;

	if (parse(&c, argc, argv, &help, &err))
		return say_error(&err);
	if (help)
		return say_flush();
	if (reach(&c, &err))
		return say_error(&err);
	status = greet(&c, &err) ? say_error(&err) : talk(&c, &err);
	(void)close(c.fd);
	return status;
}
