/* SPDX-License-Identifier: MIT */
/* unpack.c - gzip, zstd, xz and lz4 data, into bytes. */
#define ZLIB_CONST /* next_in is a pointer to const */

#include "boot/unpack.h"

#include <limits.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/num.h"
#include "boot/size.h"

/* Packed bytes, and the buffer for what comes out of them. */
struct job {
	const char *codec; /* for messages */
	const uint8_t *p;
	size_t len, pos;
	struct unpacked out; /* grows, unless it is fixed */
	size_t cap, limit;
	bool fixed; /* cap is limit + 1 from the beginning */
	bool all;   /* the caller wants all, or nothing */
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
static int finish(struct job *j, int rc)
{
	if (!rc && j->out.len > j->limit)
		rc = too_large(j);
	if (!rc && !j->out.len)
		rc = fail(j->err, MICROVM_EBADIMAGE, "%s data of no bytes",
			  j->codec);
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

static int run_gzip(struct job *j)
{
	int rc;

	do
		rc = inflate_member(j);
	while (!rc && more(j, KIND_GZIP));
	return rc;
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

/*
 * Into a buffer that has all of what came out before, a decoder needs no
 * window of its own, and copies nothing out of it.
 */
static int zstd_whole_frame(struct job *j, ZSTD_DCtx *d)
{
	const uint8_t *p = j->p + j->pos;
	size_t len = ZSTD_findFrameCompressedSize(p, j->len - j->pos);
	unsigned long long told;
	size_t n;

	if (ZSTD_isError(len))
		return zstd_frame(j, d); /* which knows what is wrong */
	told = ZSTD_getFrameContentSize(p, len);
	if (told <= SIZE_MAX / 2 && told > j->cap - j->out.len)
		return too_large(j);
	n = ZSTD_decompressDCtx(d, j->out.p + j->out.len, j->cap - j->out.len,
				p, len);
	if (ZSTD_isError(n))
		return corrupt(j, ZSTD_getErrorName(n));
	j->pos += len;
	j->out.len += n;
	return 0;
}

static int run_zstd(struct job *j)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	int rc;

	if (!d)
		return no_memory(j);
	do
		rc = j->all ? zstd_whole_frame(j, d) : zstd_frame(j, d);
	while (!rc && more(j, KIND_ZSTD));
	(void)ZSTD_freeDCtx(d); /* cannot fail */
	return rc;
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

static int run_xz(struct job *j)
{
	int rc;

	do
		rc = xz_stream(j);
	while (!rc && more(j, KIND_XZ));
	return rc;
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
	if (j->fixed || j->cap - j->out.len >= LZ4_BLOCK)
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

/* How many bytes came out, or less than 0.  A fixed buffer may be filled. */
static int lz4_unpack(const struct job *j, uint32_t packed)
{
	const char *src = (const char *)j->p + j->pos;
	char *dst = (char *)j->out.p + j->out.len;
	size_t room = j->cap - j->out.len;

	if (room >= LZ4_BLOCK)
		return LZ4_decompress_safe(src, dst, (int)packed, LZ4_BLOCK);
	return LZ4_decompress_safe_partial(src, dst, (int)packed, (int)room,
					   (int)room);
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
	n = lz4_unpack(j, packed);
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

static int run_lz4(struct job *j)
{
	bool more_to_come = true;
	int rc = lz4_begin(j);

	while (!rc && more_to_come) {
		rc = lz4_step(j, &more_to_come);
		more_to_come = more_to_come && j->pos < j->len;
	}
	return rc;
}

static const struct codec {
	const char *name;
	int (*run)(struct job *j);
} codecs[KIND_COUNT] = {
	[KIND_GZIP] = { "gzip", run_gzip },
	[KIND_ZSTD] = { "zstd", run_zstd },
	[KIND_XZ] = { "xz", run_xz },
	[KIND_LZ4_LEGACY] = { "lz4", run_lz4 },
};

bool unpack_knows(enum kind kind)
{
	return codecs[kind].run != NULL;
}

static int unknown(enum kind kind, mv_error *err)
{
	return fail(err, MICROVM_EINVAL, "%s: not packed in a way we unpack",
		    kind_name(kind));
}

int unpack(enum kind kind, const uint8_t *p, size_t len, size_t limit,
	   struct unpacked *out, mv_error *err)
{
	struct job j = { .codec = codecs[kind].name,
			 .p = p,
			 .len = len,
			 .limit = limit,
			 .err = err };
	int rc;

	if (!unpack_knows(kind))
		return unknown(kind, err);
	rc = finish(&j, codecs[kind].run(&j));
	if (rc)
		free(j.out.p);
	else
		*out = j.out;
	return rc;
}

static struct job fixed_job(enum kind kind, const uint8_t *p, size_t len,
			    struct span room)
{
	return (struct job){ .codec = codecs[kind].name,
			     .p = p,
			     .len = len,
			     .out.p = room.p,
			     .cap = room.len,
			     .limit = room.len - 1,
			     .fixed = true };
}

int unpack_to(enum kind kind, const uint8_t *p, size_t len, struct span room,
	      size_t *n, mv_error *err)
{
	struct job j = fixed_job(kind, p, len, room);
	int rc;

	if (!unpack_knows(kind))
		return unknown(kind, err);
	if (!room.len)
		return fail(err, MICROVM_EINVAL, "no room to unpack to");
	j.all = true;
	j.err = err;
	rc = finish(&j, codecs[kind].run(&j));
	if (!rc)
		memset(room.p + j.out.len, 0, room.len - j.out.len);
	*n = j.out.len;
	return rc;
}

size_t unpack_head(enum kind kind, const uint8_t *p, size_t len,
		   struct span room)
{
	struct job j = fixed_job(kind, p, len, room);

	if (unpack_knows(kind) && room.len)
		(void)codecs[kind].run(&j); /* is to end in too_large() */
	return j.out.len;
}
