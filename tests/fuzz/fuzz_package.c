/* SPDX-License-Identifier: MIT */
/*
 * fuzz_package.c - what `microvm image` reads out of strangers' files: control
 * fields, dependencies, modules, busybox's table, apt's sources.  The first
 * byte says as what the rest is read.
 */
#include <string.h>

#include "feed.h"
#include "image_applets.h"
#include "image_apt.h"
#include "image_deb.h"
#include "image_modinfo.h"
#include "image_modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const char *s, size_t size)
{
	CHECK(memchr(s, '\0', size));
	for (; *s; s++)
		CHECK(*s >= ' ' && *s < 0x7f);
}

static void as_control(const char *p, size_t len)
{
	struct deb_control c;
	char name[40];

	deb_parse_control(p, len, &c);
	check_text(c.package, sizeof(c.package));
	check_text(c.version, sizeof(c.version));
	check_text(c.architecture, sizeof(c.architecture));
	check_text(c.depends, sizeof(c.depends));
	if (deb_depends_on(c.depends, "linux-", name, sizeof(name))) {
		CHECK(strncmp(name, "linux-", 6) == 0);
		CHECK(strstr(c.depends, name));
	}
}

static void as_module(const uint8_t *p, size_t len)
{
	struct modinfo info;
	const char *value;

	if (!modinfo_find(p, len, &info))
		return;
	CHECK(info.len <= len);
	value = modinfo_get(&info, "depends");
	if (value)
		CHECK(value > info.p &&
		      value + strlen(value) < info.p + info.len);
}

static void as_applets(const uint8_t *p, size_t len)
{
	const char *name;
	size_t n = applets_find(p, len, &name);

	for (; n; n--, name += strlen(name) + 1)
		CHECK(*name && name + strlen(name) < (const char *)p + len);
}

/* Names separated by NUL: some wanted, some offered as a built-in one. */
static void as_names(const char *p, size_t len)
{
	struct modules *m = modules_new();
	microvm_error err;
	size_t n;

	CHECK(m);
	while (len && m->count < MODULES_MAX) {
		n = strnlen(p, len);
		if (n == len)
			break;
		(void)modules_wants_file(m, p);
		(void)modules_want(m, p, true, &err);
		modules_offer_builtin(m, p, n);
		p += n + 1;
		len -= n + 1;
	}
	CHECK(modules_order(m, &err) == 0 && m->orders == 0);
	modules_free(m);
}

static void as_sources(char *p, size_t len)
{
	char line[60], *text;

	if (len)
		p[len - 1] = '\0';
	else
		p = (char[]){ "" };
	text = apt_make_sources(p, "suite");
	CHECK(text && (!*text || strncmp(text, "deb ", 4) == 0));
	free(text);
	apt_first_error(p, line, sizeof(line));
	CHECK(memchr(line, '\0', sizeof(line)) && !strchr(line, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *p;

	if (!len)
		return 0;
	p = malloc(len > 1 ? len - 1 : 1); /* ends where the bytes end */
	CHECK(p);
	memcpy(p, data + 1, len - 1);
	switch (data[0] % 5) {
	case 0: as_control((const char *)p, len - 1); break;
	case 1: as_module(p, len - 1); break;
	case 2: as_applets(p, len - 1); break;
	case 3: as_names((const char *)p, len - 1); break;
	case 4: as_sources((char *)p, len - 1); break;
	}
	free(p);
	return 0;
}
