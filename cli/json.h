/* SPDX-License-Identifier: MIT */
/* json.h - what the command's JSON reports have in common. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>
#include <microvm.h>
#include <stdbool.h>
#include <stdio.h>

/* Add a new value; *ok becomes false when it is NULL or memory is out. */
void json_put(json_t *object, const char *name, json_t *value, bool *ok);

/* Text of unknown encoding: when it is not UTF-8, with '?' for what is not
 * ASCII, for paths may hold anything. */
json_t *json_text(const char *text);

json_t *json_of_u64(uint64_t v);
json_t *json_of_error(const microvm_error *err, bool *ok);

/* Write it with a newline and free it.  False when not all went out. */
bool json_print(json_t *root, bool ok, FILE *to);

#endif
