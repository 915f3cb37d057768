/* SPDX-License-Identifier: MIT */
/* guest_file.c - a file of the host for the guest: "HOST:GUEST[:MODE]". */
#include "guest_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image_blob.h"
#include "say.h"

enum {
	PERMISSIONS = 07777,
	MODE_DIGITS = 4,
	PIPE_MODE = 0644, /* of what is no file and has no mode worth having */
};

/* Octal digits to the end. */
static int parse_mode(const char *text, int *mode, microvm_error *err)
{
	size_t len = strspn(text, "01234567");

	if (!len || text[len] || len > MODE_DIGITS) {
		(void)refuse(err, "'%.80s' is not a mode", text);
		return refuse_hint(err, "a mode is octal, like 644 or 0755; "
					"a guest path has no colon");
	}
	*mode = (int)strtol(text, NULL, 8);
	return 0;
}

int guest_file_parse(struct guest_file *f, const char *text, microvm_error *err)
{
	const char *at = strstr(text, ":/");
	char *colon;
	int rc = 0;

	*f = (struct guest_file){ .mode = -1 };
	if (!at || at == text) {
		(void)refuse(err, "'%.120s' is not HOST:GUEST[:MODE]", text);
		return refuse_hint(err, "the path in the guest begins with /: "
					"--file notes.txt:/etc/notes.txt");
	}
	f->host = strdup(text);
	if (!f->host)
		return refuse_os(err, ENOMEM, "%.120s", text);
	f->host[at - text] = 0;
	f->guest = f->host + (at - text) + 1;
	colon = strchr(f->guest, ':');
	if (colon) {
		*colon = 0;
		rc = parse_mode(colon + 1, &f->mode, err);
	}
	if (rc)
		guest_file_free(f);
	return rc;
}

void guest_file_free(struct guest_file *f)
{
	free(f->host);
	*f = (struct guest_file){ .mode = -1 };
}

static int find_mode(struct guest_file *f, microvm_error *err)
{
	struct stat st;

	if (stat(f->host, &st))
		return refuse_os(err, errno, "%.160s", f->host);
	if (S_ISDIR(st.st_mode)) {
		(void)refuse(err, "%.160s: is a directory", f->host);
		return refuse_hint(err, "give its files one by one, or all of "
					"it as an archive with -i");
	}
	if (f->mode < 0)
		f->mode = S_ISREG(st.st_mode) ? (int)(st.st_mode & PERMISSIONS)
					      : PIPE_MODE;
	return 0;
}

int guest_file_add(microvm_config *cfg, const char *text, size_t max,
		   microvm_error *err)
{
	struct blob blob = { 0 };
	struct guest_file f;
	int rc = guest_file_parse(&f, text, err);

	if (rc)
		return rc;
	rc = find_mode(&f, err);
	if (!rc)
		rc = blob_read_file(&blob, f.host, max, err);
	if (!rc)
		rc = microvm_config_add_file(cfg, f.guest, (unsigned)f.mode,
					     blob.p, blob.len, err);
	blob_free(&blob);
	guest_file_free(&f);
	return rc;
}
