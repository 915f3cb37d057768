/* SPDX-License-Identifier: MIT */
/* panic.c - finding the words of a Linux panic in what a guest prints. */
#include "panic.h"

#include <string.h>

/* kernel/panic.c of Linux; what follows on the line is the reason. */
static const char words[] = "Kernel panic - not syncing";

enum { WORDS = sizeof(words) - 1 };

static void collect(struct panic *p, char c)
{
	if (c == '\r' || c == '\n' || p->len == PANIC_WHY - 1) {
		p->complete = true;
		return;
	}
	if (!p->len && (c == ':' || c == ' '))
		return;
	if (c < ' ' || c > '~')
		c = '?';
	p->why[p->len++] = c;
}

void panic_feed(struct panic *p, const void *data, size_t len)
{
	const char *s = data;

	for (size_t i = 0; i < len && !p->complete; i++) {
		if (p->seen) {
			collect(p, s[i]);
			continue;
		}
		/* The first letter is found nowhere else in the words, so
		 * that a mismatch can only begin anew. */
		if (s[i] != words[p->matched])
			p->matched = 0;
		if (s[i] == words[p->matched])
			p->seen = ++p->matched == WORDS;
	}
}

const char *panic_hint(const struct panic *p)
{
	static const struct {
		const char *part, *hint;
	} known[] = {
		{ "Unable to mount root fs",
		  "the kernel found no initramfs with an /init in it: give "
		  "one with -i INITRD (a cpio archive in newc format)" },
		{ "No working init found",
		  "the initramfs holds no program the kernel can start as "
		  "/init: is there one, executable and for this CPU?" },
		{ "No init found",
		  "the initramfs holds no program the kernel can start as "
		  "/init: is there one, executable and for this CPU?" },
		{ "Requested init",
		  "rdinit= or init= names a program that is not in the "
		  "initramfs" },
		{ "Attempted to kill init",
		  "the guest's first program (/init) ended or was killed; it "
		  "has to switch the guest off instead" },
		{ "System is deadlocked on memory",
		  "give the guest more memory: -m SIZE" },
		{ "Out of memory", "give the guest more memory: -m SIZE" },
	};

	for (size_t i = 0; p->seen && i < sizeof(known) / sizeof(*known); i++)
		if (strstr(p->why, known[i].part))
			return known[i].hint;
	return NULL;
}
