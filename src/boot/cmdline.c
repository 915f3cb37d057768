/* SPDX-License-Identifier: MIT */
/* cmdline.c - the kernel command line. */
#include "boot/cmdline.h"

#include <string.h>

#include "base/container.h"

#define COMMON "panic=-1 cryptomgr.notests quiet"

/*
 * x86_64: reboot=t: by triple fault, without asking a keyboard controller
 * first.  pci=off: there is none, and looking for it takes 230 of the 580
 * accesses to ports in a boot of Debian's 6.1.  Not here, because they saved
 * not one access in that boot: i8042.*, since ACPI says that there is none;
 * no_timer_check, for the sake of a PIT; tsc=reliable, which would also hide
 * from Linux a host whose TSC is not.
 */
static const char *const defaults[] = {
	[ARCH_ARM64] = "console=ttyAMA0 " COMMON,
	[ARCH_X86_64] = "console=ttyS0 reboot=t pci=off " COMMON,
};

_Static_assert(LEN(defaults) == ARCH_COUNT, "every guest has a line");

const char *cmdline_default(enum arch arch)
{
	return defaults[arch];
}

static int check_len(size_t len, mv_error *err)
{
	int rc;

	if (len <= CMDLINE_MAX)
		return 0;
	rc = fail(err, MICROVM_EINVAL,
		  "kernel command line: %zu bytes, Linux takes %d", len,
		  CMDLINE_MAX);
	return fail_hint(err, rc, "put what is long into a file instead");
}

static int check_text(const char *s, mv_error *err)
{
	size_t i;

	for (i = 0; s[i]; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < ' ' || c == 0x7f)
			return fail(err, MICROVM_EINVAL,
				    "kernel command line: control character "
				    "0x%02x at byte %zu",
				    c, i);
	}
	return 0;
}

int cmdline_check(const char *line, mv_error *err)
{
	int rc = check_len(strlen(line), err);

	return rc ? rc : check_text(line, err);
}

int cmdline_init(struct cmdline *c, const char *base, mv_error *err)
{
	*c = (struct cmdline){ 0 };
	return cmdline_append(c, base, err);
}

int cmdline_append(struct cmdline *c, const char *words, mv_error *err)
{
	size_t n = strlen(words);
	size_t blank = c->len && n ? 1 : 0;
	int rc = check_len(c->len + blank + n, err);

	if (!rc)
		rc = check_text(words, err);
	if (rc)
		return rc;
	if (blank)
		c->text[c->len++] = ' ';
	memcpy(c->text + c->len, words, n + 1);
	c->len += n;
	return 0;
}
