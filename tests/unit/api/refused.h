/* SPDX-License-Identifier: MIT */
/* refused.h - what tests of the public interface say of calls that failed. */
#ifndef TESTS_API_REFUSED_H
#define TESTS_API_REFUSED_H

#include <microvm.h>
#include <string.h>

#include "../check.h"

/* The call returned rc: this code, and a message that has `msg` in it. */
static inline void refused_with(int rc, int code, const microvm_error *e,
				const char *msg)
{
	assert_int_equal(rc, -code);
	assert_int_equal(e->code, code);
	if (!strstr(e->msg, msg))
		print_error("message: %s\n", e->msg);
	assert_non_null(strstr(e->msg, msg));
}

#endif
