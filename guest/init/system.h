/* SPDX-License-Identifier: MIT */
/* system.h - what a fresh kernel needs before a program can run on it. */
#ifndef GUEST_INIT_SYSTEM_H
#define GUEST_INIT_SYSTEM_H

#include <stdbool.h>

/* Each goes on after a failure, with a line on the console. */
void system_mount(void);        /* /proc, /sys, /dev, /dev/pts, /run, /tmp */
void system_load_modules(void); /* those of /lib/modules/list, in order */
void system_set_hostname(void); /* from /etc/hostname, or "microvm" */
void system_raise_loopback(void);

/* End every process, write everything out, switch off or start anew. */
void system_end(bool restart) __attribute__((noreturn));

#endif
