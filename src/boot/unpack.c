/* SPDX-License-Identifier: MIT */
/* unpack.c - gzip and zstd data, into bytes of our own. */
#define ZLIB_CONST /* next_in is a pointer to const */

#include "boot/unpack.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/num.h"
#include "boot/kind.h"
#include "boot/size.h"

/* Packed bytes, and the buffer that grows with what comes out of them. */
struct job {
	const char *codec; /* for messages */
	const uint8_t *p;
	size_t len, pos;
	struct unpacked out;
	size_t cap, limit;
	mv_error *err;
};

enum { FIRST_CAP = 64 * 1024 };

static int too_large(const struct job *j)
{
	int rc = fail(j->err, MICROVM_EBADIMAGE,
		      "%s of packed %s unpack to more than %s, the limit",
		      size_text(j->len).s, j->codec, size_text(j->limit).s);

	return fail_hint(j->err, rc,
			 "the limit is the guest's memory: "
			 "give it more if the file is sound");
}

static int truncated(const struct job *j)
{
	int rc = fail(j->err, MICROVM_EBADIMAGE,
		      "truncated: the %s data end too early, after %s",
		      j->codec, size_text(j->len).s);

	return fail_hint(j->err, rc, "fetch or build the file again");
}

static int corrupt(const struct job *j, const char *why)
{
	int rc = fail(j->err, MICROVM_EBADIMAGE, "corrupt %s data: %s",
		      j->codec, why);

	return fail_hint(j->err, rc, "fetch or build the file again");
}

static int no_memory(const struct job *j)
{
	return fail(j->err, MICROVM_ENOMEM, "no memory to unpack %s of %s data",
		    size_text(j->len).s, j->codec);
}

/*
 * Room behind out.p[out.len]: at least one byte.  One byte beyond the limit
 * is allowed in the buffer, as only a decoder that fills it has passed it.
 */
static int make_room(struct job *j)
{
	size_t cap = j->cap ? j->cap : FIRST_CAP;
	uint8_t *p;

	if (j->out.len < j->cap)
		return 0;
	if (j->cap > j->limit)
		return too_large(j);
	if (j->cap)
		cap = j->cap > SIZE_MAX / 2 ? SIZE_MAX : j->cap * 2;
	if (cap > j->limit)
		cap = j->limit + 1;
	p = realloc(j->out.p, cap);
	if (!p)
		return no_memory(j);
	j->out.p = p;
	j->cap = cap;
	return 0;
}

/* The end of all: an empty result is nobody's kernel. */
static int finish(struct job *j, int rc, struct unpacked *out)
{
	if (!rc && j->out.len > j->limit)
		rc = too_large(j);
	if (!rc && !j->out.len)
		rc = fail(j->err, MICROVM_EBADIMAGE, "%s data of no bytes",
			  j->codec);
	if (rc)
		free(j->out.p);
	else
		*out = j->out;
	return rc;
}

static bool more(const struct job *j, enum kind kind)
{
	return kind_of(j->p + j->pos, j->len - j->pos) == kind;
}

static uInt chunk(size_t n)
{
	return (uInt)min_u64(n, UINT_MAX / 2);
}

static int inflate_some(struct job *j, z_stream *z, int *status)
{
	uInt in = chunk(j->len - j->pos), room;
	int rc = make_room(j);

	if (rc)
		return rc;
	room = chunk(j->cap - j->out.len);
	z->next_in = j->p + j->pos;
	z->avail_in = in;
	z->next_out = j->out.p + j->out.len;
	z->avail_out = room;
	*status = inflate(z, Z_NO_FLUSH);
	j->pos += in - z->avail_in;
	j->out.len += room - z->avail_out;
	switch (*status) {
	case Z_OK:
	case Z_STREAM_END: return 0;
	case Z_BUF_ERROR: /* no progress: there was room, so no input */
		return truncated(j);
	case Z_MEM_ERROR: return no_memory(j);
	default: return corrupt(j, z->msg ? z->msg : "not a deflate stream");
	}
}

static int inflate_member(struct job *j)
{
	z_stream z = { 0 };
	int status = Z_OK;
	int rc = 0;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) /* 16: gzip headers */
		return no_memory(j);
	while (!rc && status != Z_STREAM_END)
		rc = inflate_some(j, &z, &status);
	(void)inflateEnd(&z); /* fails only for a bad handle */
	return rc;
}

int unpack_gzip(const uint8_t *p, size_t len, size_t limit,
		struct unpacked *out, mv_error *err)
{
	struct job j = {
		.codec = "gzip", .p = p, .len = len, .limit = limit, .err = err
	};
	int rc;

	do
		rc = inflate_member(&j);
	while (!rc && more(&j, KIND_GZIP));
	return finish(&j, rc, out);
}

/*
 * Linux packs its kernels with the largest window, 128 MiB, which is also
 * where the decoder's own limit stands: what it allocates is bounded.
 */
static int zstd_frame(struct job *j, ZSTD_DCtx *d)
{
	ZSTD_inBuffer in = { j->p, j->len, j->pos };
	size_t left;

	do {
		ZSTD_outBuffer out;
		bool full;
		int rc = make_room(j);

		if (rc)
			return rc;
		out = (ZSTD_outBuffer){ j->out.p, j->cap, j->out.len };
		left = ZSTD_decompressStream(d, &out, &in);
		if (ZSTD_isError(left))
			return corrupt(j, ZSTD_getErrorName(left));
		full = out.pos == out.size;
		j->out.len = out.pos;
		j->pos = in.pos;
		if (left && !full && in.pos == in.size)
			return truncated(j);
	} while (left);
	return 0;
}

int unpack_zstd(const uint8_t *p, size_t len, size_t limit,
		struct unpacked *out, mv_error *err)
{
	struct job j = {
		.codec = "zstd", .p = p, .len = len, .limit = limit, .err = err
	};
	ZSTD_DCtx *d = ZSTD_createDCtx();
	int rc;

	if (!d)
		return no_memory(&j);
	do
		rc = zstd_frame(&j, d);
	while (!rc && more(&j, KIND_ZSTD));
	(void)ZSTD_freeDCtx(d); /* cannot fail */
	return finish(&j, rc, out);
}
