/* SPDX-License-Identifier: MIT */
/*
 * names.h - the resolver of the tests, in place of the C library's, so that no
 * question leaves the host and every answer is known.
 *
 *	one.test	127.0.0.1
 *	six.test	::1
 *	both.test	::1, 127.0.0.1
 *	mixed.test	10.1.2.3, 127.0.0.1 (so may a name change its mind)
 *	meta.test	169.254.169.254
 *	empty.test	there is such a name, without addresses
 *	broken.test	the resolver does not work
 *	slow.test	127.0.0.1, once names_release() was called
 *	hosts4.test	127.0.0.1; of IPv6 there is no such name, as the C
 *			library says of what is in a hosts file
 *	hosts6.test	::1, likewise
 *
 * No other name exists.  127.0.0.1 is called one.test.
 */
#ifndef TESTS_PROXY_NAMES_H
#define TESTS_PROXY_NAMES_H

/* Let slow.test be slow from now on, until it is released. */
void names_hold(void);
void names_release(void);

/* How many questions there were for a name, of whatever family. */
unsigned names_asked(const char *name);

#endif
