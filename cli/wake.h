/* SPDX-License-Identifier: MIT */
/* wake.h - a pipe by which other threads wake one that sits in poll(2). */
#ifndef CLI_WAKE_H
#define CLI_WAKE_H

#include <microvm.h>

struct wake {
	int rd, wr;
};

int wake_init(struct wake *w, microvm_error *err);
void wake_fini(struct wake *w);

/* Make rd readable.  Any thread; never blocks. */
void wake_poke(const struct wake *w);

/* Forget all pokes so far; look for what they meant after it. */
void wake_clear(const struct wake *w);

#endif
