/* SPDX-License-Identifier: MIT */
/* vsock_opt.c - the value of --vsock: "cid=N[,socket=PATH]". */
#include "vsock_opt.h"

#include <string.h>

#include "number.h"
#include "say.h"

enum { CID_DEFAULT = 3, DIGITS_MAX = 10 };

static int number(const char *what, const char *text, size_t len, uint32_t *out,
		  microvm_error *err)
{
	char word[DIGITS_MAX + 1] = "";
	unsigned value;

	if (len <= DIGITS_MAX)
		memcpy(word, text, len);
	if (count_parse(word, &value, err))
		return refuse(err, "'%.*s' is not a %s", (int)len, text, what);
	*out = value;
	return 0;
}

int vsock_port_parse(const char *text, size_t len, uint32_t *port,
		     microvm_error *err)
{
	int rc = number("vsock port", text, len, port, err);

	return rc ? refuse_hint(err, "a port is a number below 2^32 - 1") : 0;
}

int vsock_opt_parse(const char *text, struct vsock_opt *v, microvm_error *err)
{
	static const char cid[] = "cid=", path[] = "socket=";

	*v = (struct vsock_opt){ .cid = CID_DEFAULT };
	while (!v->socket) {
		size_t len = strcspn(text, ",");
		int rc = 0;

		if (!strncmp(text, cid, sizeof(cid) - 1))
			rc = number("context ID", text + sizeof(cid) - 1,
				    len - (sizeof(cid) - 1), &v->cid, err);
		else if (!strncmp(text, path, sizeof(path) - 1))
			v->socket = text + sizeof(path) - 1;
		else
			rc = refuse(err,
				    "'%.*s' is neither cid=N nor "
				    "socket=PATH",
				    (int)len, text);
		if (rc)
			return refuse_hint(err, "write cid=3,socket=PATH; each "
						"part may be left out");
		if (!text[len])
			break;
		text += len + 1;
	}
	if (v->cid)
		return 0;
	(void)refuse(err, "a device has no context ID 0");
	return refuse_hint(err, "for no device give --no-vsock");
}
