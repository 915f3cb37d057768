/* SPDX-License-Identifier: MIT */
/* json.c - what the command's JSON reports have in common. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

void json_put(json_t *object, const char *name, json_t *value, bool *ok)
{
	/* Takes NULL for a failure, and frees the value when it fails. */
	if (json_object_set_new(object, name, value))
		*ok = false;
}

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *ascii;

	if (value)
		return value;
	ascii = strdup(text);
	for (char *p = ascii; p && *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = json_string(ascii);
	free(ascii);
	return value;
}

json_t *json_of_u64(uint64_t v)
{
	return json_integer((json_int_t)(v <= INT64_MAX ? v : INT64_MAX));
}

json_t *json_of_error(const microvm_error *err, bool *ok)
{
	json_t *o = json_object();

	json_put(o, "code", json_string(microvm_strerror(err->code)), ok);
	json_put(o, "os", json_integer(err->os), ok);
	json_put(o, "message", json_text(err->msg), ok);
	if (err->hint[0])
		json_put(o, "fix", json_text(err->hint), ok);
	return o;
}

bool json_print(json_t *root, bool ok, FILE *to)
{
	ok = ok && !json_dumpf(root, to, JSON_REAL_PRECISION(9)) &&
	     fputc('\n', to) != EOF && !fflush(to);
	json_decref(root);
	return ok;
}
