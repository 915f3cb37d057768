/* SPDX-License-Identifier: MIT */
/* check.h - cmocka with the headers it needs before it. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

/* clang-format off: cmocka.h wants these first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* base/error.h has the name; and fail_msg() goes with it */
/* clang-format on */

#endif
