/* SPDX-License-Identifier: MIT */
#include "aml_read.h"

#include <stdlib.h>
#include <string.h>

static bool take(struct aml_bytes *b, size_t n, struct aml_bytes *out)
{
	if (n > b->len)
		return false;
	*out = (struct aml_bytes){ b->p, n };
	b->p += n;
	b->len -= n;
	return true;
}

static bool take_number(struct aml_bytes *b, size_t n, uint64_t *v)
{
	struct aml_bytes raw;
	size_t i;

	if (!take(b, n, &raw))
		return false;
	*v = 0;
	for (i = 0; i < n; i++)
		*v |= (uint64_t)raw.p[i] << (8 * i);
	return true;
}

/* 20.2.4.  Only the shortest form is taken. */
static bool take_block(struct aml_bytes *b, struct aml_bytes *out)
{
	static const size_t longest[] = { 0, 0x3f, 0xfff, 0xfffff };
	struct aml_bytes at = *b;
	uint64_t lead, rest = 0, len;
	size_t more;

	if (!take_number(&at, 1, &lead))
		return false;
	more = (size_t)(lead >> 6);
	if (more && (lead & 0x30 || !take_number(&at, more, &rest)))
		return false;
	len = more ? rest << 4 | (lead & 0xf) : lead;
	if (len < 1 + more || len <= longest[more])
		return false;
	if (!take(b, 1 + more, &at))
		return false;
	return take(b, (size_t)len - 1 - more, out);
}

static bool lead_char(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

static bool take_segment(struct aml_bytes *b, char out[4])
{
	struct aml_bytes seg;
	int i;

	if (!take(b, 4, &seg) || !lead_char(seg.p[0]))
		return false;
	for (i = 1; i < 4; i++) {
		if (!lead_char(seg.p[i]) && (seg.p[i] < '0' || seg.p[i] > '9'))
			return false;
	}
	memcpy(out, seg.p, 4);
	return true;
}

/* 20.2.2: how many segments follow; 0 if that cannot be. */
static uint64_t take_segment_count(struct aml_bytes *b)
{
	uint64_t n = 1;

	if (!b->len || (*b->p != 0x2e && *b->p != 0x2f))
		return 1;
	if (*b->p == 0x2e) {
		(void)take_number(b, 1, &n);
		return 2;
	}
	return take_number(b, 2, &n) && n >> 8 > 2 ? n >> 8 : 0;
}

static bool take_name(struct aml_bytes *b, char out[AML_PATH])
{
	uint64_t i, n, c;
	size_t at = 0;

	while (b->len && (*b->p == '\\' || *b->p == '^') && at < 8) {
		(void)take_number(b, 1, &c);
		out[at++] = (char)c;
		if (c == '\\')
			break;
	}
	n = take_segment_count(b);
	if (!n || n * 5 + at > AML_PATH)
		return false;
	for (i = 0; i < n; i++) {
		if (i)
			out[at++] = '.';
		if (!take_segment(b, out + at))
			return false;
		at += 4;
	}
	out[at] = '\0';
	return true;
}

/* 20.2.3; of numbers only the shortest form is taken. */
static bool read_number(struct aml_bytes *b, uint64_t op, uint64_t *v)
{
	switch (op) {
	case 0x00:
	case 0x01: *v = op; return true;
	case 0x0a: return take_number(b, 1, v) && *v > 1;
	case 0x0b: return take_number(b, 2, v) && *v > 0xff;
	case 0x0c: return take_number(b, 4, v) && *v > 0xffff;
	case 0x0e: return take_number(b, 8, v) && *v > 0xffffffff;
	default: return false;
	}
}

static bool read_text(struct aml_bytes *b, struct aml_item *out)
{
	const uint8_t *end = b->len ? memchr(b->p, '\0', b->len) : NULL;
	struct aml_bytes nul;
	size_t i;

	if (!end || !take(b, (size_t)(end - b->p), &out->body))
		return false;
	for (i = 0; i < out->body.len; i++) {
		if (out->body.p[i] > 0x7f)
			return false;
	}
	out->what = AML_TEXT;
	return take(b, 1, &nul);
}

/* Its size must be that of the bytes there are. */
static bool read_buffer(struct aml_bytes *b, struct aml_item *out)
{
	uint64_t op, size;

	out->what = AML_BUFFER;
	return take_block(b, &out->body) && take_number(&out->body, 1, &op) &&
	       read_number(&out->body, op, &size) && size == out->body.len;
}

static bool read_package(struct aml_bytes *b, struct aml_item *out)
{
	uint64_t count;

	out->what = AML_PACKAGE;
	if (!take_block(b, &out->body) || !take_number(&out->body, 1, &count))
		return false;
	out->count = (unsigned)count;
	return true;
}

static bool read_object(struct aml_bytes *b, uint64_t op, struct aml_item *out)
{
	switch (op) {
	case 0x0d: return read_text(b, out);
	case 0x11: return read_buffer(b, out);
	case 0x12: return read_package(b, out);
	default: out->what = AML_INT; return read_number(b, op, &out->value);
	}
}

static bool read_scope(struct aml_bytes *b, enum aml_what what,
		       struct aml_item *out)
{
	out->what = what;
	return take_block(b, &out->body) && take_name(&out->body, out->name);
}

bool aml_read(struct aml_bytes *b, struct aml_item *out)
{
	uint64_t op;

	memset(out, 0, sizeof(*out));
	if (!take_number(b, 1, &op))
		return false;
	if (op == 0x10)
		return read_scope(b, AML_SCOPE, out);
	if (op == 0x5b)
		return take_number(b, 1, &op) && op == 0x82 &&
		       read_scope(b, AML_DEVICE, out);
	if (op == 0x08 && (!take_name(b, out->name) || !take_number(b, 1, &op)))
		return false;
	return read_object(b, op, out);
}

static bool is_block(const struct aml_item *i)
{
	return i->what == AML_SCOPE || i->what == AML_DEVICE ||
	       i->what == AML_PACKAGE;
}

/* The item called so, or the one with that number. */
static bool find_here(struct aml_bytes *b, const char *name, size_t len,
		      struct aml_item *out)
{
	bool by_number = name[0] >= '0' && name[0] <= '9';
	unsigned skip = by_number ? (unsigned)strtoul(name, NULL, 10) : 0;

	while (b->len && aml_read(b, out)) {
		if (by_number ? skip-- == 0
			      : strlen(out->name) == len &&
					strncmp(out->name, name, len) == 0)
			return true;
	}
	return false;
}

bool aml_find(struct aml_bytes b, const char *path, struct aml_item *out)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (!find_here(&b, path, len, out))
			return false;
		if (!path[len])
			return true;
		if (!is_block(out))
			return false;
		b = out->body;
		path += len + 1;
	}
}

/* What is left of each block we are in. */
enum { DEPTH = 16 };

bool aml_read_all(struct aml_bytes b, unsigned *items)
{
	struct aml_bytes left[DEPTH] = { b };
	unsigned expect[DEPTH] = { 0 }, depth = 1;
	bool package[DEPTH] = { false };

	for (*items = 0; depth; ++*items) {
		struct aml_item i;

		while (depth && !left[depth - 1].len) {
			if (package[depth - 1] && expect[depth - 1])
				return false;
			depth--;
		}
		if (!depth)
			break;
		if (!aml_read(&left[depth - 1], &i) ||
		    package[depth - 1] == (i.name[0] != '\0'))
			return false;
		if (package[depth - 1] && !expect[depth - 1]--)
			return false;
		if (!is_block(&i))
			continue;
		if (depth == DEPTH)
			return false;
		left[depth] = i.body;
		expect[depth] = i.count;
		package[depth++] = i.what == AML_PACKAGE;
	}
	return true;
}

static bool read_io(const uint8_t *p, size_t len, struct aml_res *out)
{
	unsigned min, max;

	if (len != 7 || p[0] != 1)
		return false;
	min = p[1] | (unsigned)p[2] << 8;
	max = p[3] | (unsigned)p[4] << 8;
	*out = (struct aml_res){ AML_RES_IO, min, p[6], 0 };
	return min == max && p[5] == 1;
}

static bool read_memory(struct aml_bytes b, struct aml_res *out)
{
	uint64_t writable;

	out->what = AML_RES_MEMORY;
	return b.len == 9 && take_number(&b, 1, &writable) && writable == 1 &&
	       take_number(&b, 4, &out->base) && take_number(&b, 4, &out->len);
}

static bool read_irq(struct aml_bytes b, struct aml_res *out)
{
	uint64_t flags, count;

	out->what = AML_RES_IRQ;
	if (b.len != 6 || !take_number(&b, 1, &flags) ||
	    !take_number(&b, 1, &count) || count != 1)
		return false;
	out->flags = (unsigned)flags;
	return take_number(&b, 4, &out->base);
}

static bool read_large(struct aml_bytes *b, uint64_t tag, struct aml_res *out)
{
	struct aml_bytes body;
	uint64_t len;

	if (!take_number(b, 2, &len) || !take(b, (size_t)len, &body))
		return false;
	if (tag == 0x86)
		return read_memory(body, out);
	return tag == 0x89 && read_irq(body, out);
}

bool aml_read_res(struct aml_bytes *b, struct aml_res *out)
{
	struct aml_bytes body;
	uint64_t tag;

	memset(out, 0, sizeof(*out));
	if (!take_number(b, 1, &tag))
		return false;
	if (tag & 0x80)
		return read_large(b, tag, out);
	if (!take(b, (size_t)(tag & 7), &body))
		return false;
	if (tag >> 3 == 8)
		return read_io(body.p, body.len, out);
	out->what = AML_RES_END;
	return tag == 0x79 && body.p[0] == 0 && !b->len;
}
