/* SPDX-License-Identifier: MIT */
/* unpack.c - gzip, zstd, xz and lz4 data, into bytes of our own. */
#define ZLIB_CONST /* next_in is a pointer to const */

#include "boot/unpack.h"

#include <limits.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/num.h"
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

/*
 * An xz header names the window its decoder is to have.  The kernel's build
 * takes 32 MiB, "xz -9" 64; a hostile one is not to fill the host's memory.
 */
#define XZ_MEMORY (UINT64_C(160) << 20)

static int xz_failure(struct job *j, lzma_ret status)
{
	switch (status) {
	case LZMA_MEM_ERROR: return no_memory(j);
	case LZMA_BUF_ERROR: /* no progress: there was room, so no input */
		return truncated(j);
	case LZMA_MEMLIMIT_ERROR:
		return corrupt(j, "the window is larger than any kernel's");
	case LZMA_OPTIONS_ERROR:
		return corrupt(j, "packed by filters we do not know");
	case LZMA_FORMAT_ERROR: return corrupt(j, "not an xz stream");
	default: return corrupt(j, "what comes out is not what went in");
	}
}

static int xz_some(struct job *j, lzma_stream *z, lzma_ret *status)
{
	int rc = make_room(j);

	if (rc)
		return rc;
	z->next_in = j->p + j->pos;
	z->avail_in = j->len - j->pos;
	z->next_out = j->out.p + j->out.len;
	z->avail_out = j->cap - j->out.len;
	*status = lzma_code(z, LZMA_RUN);
	j->pos = j->len - z->avail_in;
	j->out.len = j->cap - z->avail_out;
	if (*status == LZMA_OK || *status == LZMA_STREAM_END)
		return 0;
	return xz_failure(j, *status);
}

static int xz_stream(struct job *j)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_ret status = LZMA_OK;
	int rc = 0;

	if (lzma_stream_decoder(&z, XZ_MEMORY, 0) != LZMA_OK)
		return no_memory(j);
	while (!rc && status != LZMA_STREAM_END)
		rc = xz_some(j, &z, &status);
	lzma_end(&z);
	return rc;
}

int unpack_xz(const uint8_t *p, size_t len, size_t limit, struct unpacked *out,
	      mv_error *err)
{
	struct job j = {
		.codec = "xz", .p = p, .len = len, .limit = limit, .err = err
	};
	int rc;

	do
		rc = xz_stream(&j);
	while (!rc && more(&j, KIND_XZ));
	return finish(&j, rc, out);
}

/* lz4_Frame_format.md, "Legacy frame": blocks of at most 8 MiB, unpacked. */
enum { LZ4_MAGIC = 0x184c2102, LZ4_BLOCK = 8 << 20 };

/* Room for any block: a decoder that passes the limit is told afterwards. */
static int make_block_room(struct job *j)
{
	size_t cap = max_u64(j->cap, FIRST_CAP);
	uint8_t *p;

	if (j->out.len > j->limit)
		return too_large(j);
	if (j->cap - j->out.len >= LZ4_BLOCK)
		return 0;
	if (cap <= SIZE_MAX / 2)
		cap *= 2;
	cap = min_u64(cap, j->limit);
	cap = max_u64(cap, j->out.len + LZ4_BLOCK);
	p = realloc(j->out.p, cap);
	if (!p)
		return no_memory(j);
	j->out.p = p;
	j->cap = cap;
	return 0;
}

static int lz4_block(struct job *j, uint32_t packed)
{
	int n, rc;

	if (packed > LZ4_COMPRESSBOUND(LZ4_BLOCK))
		return corrupt(j, "a block longer than any can be");
	if (packed > j->len - j->pos)
		return truncated(j);
	rc = make_block_room(j);
	if (rc)
		return rc;
	n = LZ4_decompress_safe((const char *)j->p + j->pos,
				(char *)j->out.p + j->out.len, (int)packed,
				LZ4_BLOCK);
	if (n < 0)
		return corrupt(j, "a block that cannot be unpacked");
	j->pos += packed;
	j->out.len += (size_t)n;
	return 0;
}

static int lz4_begin(struct job *j)
{
	if (j->len < 4)
		return truncated(j);
	if (le32(j->p) != LZ4_MAGIC)
		return corrupt(j, "not the legacy format");
	j->pos = 4;
	return 0;
}

/* `more_to_come` is false behind the end mark, which few have. */
static int lz4_step(struct job *j, bool *more_to_come)
{
	uint32_t word;

	if (j->len - j->pos < 4)
		return truncated(j);
	word = le32(j->p + j->pos);
	j->pos += 4;
	*more_to_come = word != 0;
	if (word == 0 || word == LZ4_MAGIC) /* archives in a row */
		return 0;
	return lz4_block(j, word);
}

int unpack_lz4(const uint8_t *p, size_t len, size_t limit, struct unpacked *out,
	       mv_error *err)
{
	struct job j = {
		.codec = "lz4", .p = p, .len = len, .limit = limit, .err = err
	};
	bool more_to_come = true;
	int rc = lz4_begin(&j);

	while (!rc && more_to_come) {
		rc = lz4_step(&j, &more_to_come);
		more_to_come = more_to_come && j.pos < len;
	}
	return finish(&j, rc, out);
}

typedef int unpack_fn(const uint8_t *p, size_t len, size_t limit,
		      struct unpacked *out, mv_error *err);

static unpack_fn *decoder(enum kind kind)
{
	static unpack_fn *const known[KIND_COUNT] = {
		[KIND_GZIP] = unpack_gzip,
		[KIND_ZSTD] = unpack_zstd,
		[KIND_XZ] = unpack_xz,
		[KIND_LZ4_LEGACY] = unpack_lz4,
	};

	return known[kind];
}

bool unpack_knows(enum kind kind)
{
	return decoder(kind) != NULL;
}

int unpack(enum kind kind, const uint8_t *p, size_t len, size_t limit,
	   struct unpacked *out, mv_error *err)
{
	unpack_fn *fn = decoder(kind);

	if (!fn)
		return fail(err, MICROVM_EINVAL,
			    "%s: not packed in a way "
			    "we unpack",
			    kind_name(kind));
	return fn(p, len, limit, out, err);
}
