/* SPDX-License-Identifier: MIT */
/*
 * aml.c - ACPI Machine Language, written front to back.
 *
 * A block says its length before its content, in one to four bytes.  So the
 * content is written first and moved up when the block ends: the encoding is
 * always the shortest, the one that compilers choose.
 */
#include "boot/aml.h"

#include <string.h>

#include "base/bytes.h"
#include "base/container.h"

/* ACPI 6.4, 20.3: opcodes */
enum {
	OP_ZERO = 0x00,
	OP_ONE = 0x01,
	OP_NAME = 0x08,
	OP_BYTE = 0x0a,
	OP_WORD = 0x0b,
	OP_DWORD = 0x0c,
	OP_TEXT = 0x0d,
	OP_QWORD = 0x0e,
	OP_SCOPE = 0x10,
	OP_BUFFER = 0x11,
	OP_PACKAGE = 0x12,
	OP_DUAL_NAME = 0x2e,
	OP_MULTI_NAME = 0x2f,
	OP_EXT = 0x5b,
	OP_EXT_DEVICE = 0x82,
};

/* 6.4.2, 6.4.3: resource descriptors; a small one's length is in its tag */
enum {
	RES_IO = 0x47,
	RES_END = 0x79,
	RES_MEMORY = 0x86,
	RES_IRQ = 0x89,
	IO_DECODE_16 = 1 << 0,
	MEMORY_WRITABLE = 1 << 0,
	IRQ_CONSUMER = 1 << 0,
	IRQ_EDGE = 1 << 1, /* active high and not shared: zero bits */
};

enum {
	SEGMENT = 4,
	SEGMENTS_MAX = 255,
	OBJECTS_MAX = 255,
	EISA_ID_LEN = 7,
	NUMBER_ROOM = 9,
	LENGTH_ROOM = 4,
	ROOM_MAX = (1 << 28) - LENGTH_ROOM, /* 20.2.4: a length has 28 bits */
};

enum kind { SCOPE, PACKAGE, BUFFER, RESOURCES };

static void wrong(struct aml *a, enum microvm_code code, const char *what)
{
	if (a->rc)
		return;
	a->rc = -(int)code;
	a->wrong = what;
}

static void misused(struct aml *a, const char *what)
{
	wrong(a, MICROVM_EINVAL, what);
}

static void insert(struct aml *a, size_t at, const void *p, size_t n)
{
	if (n > a->room - a->len)
		wrong(a, MICROVM_ENOMEM, "it does not fit");
	if (a->rc || !n)
		return;
	memmove(a->buf + at + n, a->buf + at, a->len - at);
	memcpy(a->buf + at, p, n);
	a->len += n;
}

static void put(struct aml *a, const void *p, size_t n)
{
	insert(a, a->len, p, n);
}

static void put_byte(struct aml *a, uint8_t b)
{
	put(a, &b, 1);
}

void aml_init(struct aml *a, void *buf, size_t room)
{
	*a = (struct aml){ .buf = buf,
			   .room = room < ROOM_MAX ? room : ROOM_MAX };
}

int aml_fini(struct aml *a, size_t *len, mv_error *err)
{
	if (a->depth)
		misused(a, "a block has no end");
	if (a->named)
		misused(a, "a name has no object");
	if (a->rc)
		return fail(err, (enum microvm_code) - a->rc, "AML: %s",
			    a->wrong);
	*len = a->len;
	return 0;
}

static bool within(const struct aml *a, enum kind k)
{
	return a->depth && a->open[a->depth - 1].kind == k;
}

/* A scope, a device or a name comes: where may it? */
static void term(struct aml *a)
{
	if (a->named)
		misused(a, "a name has no object");
	if (a->depth && !within(a, SCOPE))
		misused(a, "a term where only objects may be");
}

static void object(struct aml *a)
{
	if (within(a, PACKAGE))
		a->open[a->depth - 1].count++;
	else if (!a->named)
		misused(a, "an object has no name");
	a->named = false;
}

static void begin(struct aml *a, enum kind k)
{
	if (a->depth == AML_DEPTH)
		misused(a, "blocks are too deep");
	if (a->rc)
		return;
	a->open[a->depth++] = (struct aml_block){ .at = a->len, .kind = k };
}

/* 20.2.2: LeadNameChar, NameChar */
static bool name_char(char c, bool lead)
{
	return c == '_' || (c >= 'A' && c <= 'Z') ||
	       (!lead && c >= '0' && c <= '9');
}

/* How long the segment at s is, 0 if it is none. */
static size_t segment_len(const char *s)
{
	size_t n;

	for (n = 0; name_char(s[n], n == 0); n++) {
	}
	return n <= SEGMENT && (s[n] == '\0' || s[n] == '.') ? n : 0;
}

/* How many segments the path has; 0 if it is none. */
static unsigned count_segments(struct aml *a, const char *s)
{
	unsigned n;

	for (n = 1; !a->rc; n++) {
		size_t len = segment_len(s);

		if (!len || n > SEGMENTS_MAX)
			misused(a, "that is not a name");
		if (!s[len])
			return n;
		s += len + 1;
	}
	return 0;
}

static void put_segment(struct aml *a, const char *s)
{
	char seg[SEGMENT] = { '_', '_', '_', '_' };

	memcpy(seg, s, segment_len(s));
	put(a, seg, sizeof(seg));
}

/* 20.2.2: NameString */
static void put_path(struct aml *a, const char *s)
{
	unsigned i, n;

	if (*s == '\\')
		put_byte(a, (uint8_t)*s++);
	else
		while (*s == '^')
			put_byte(a, (uint8_t)*s++);
	n = count_segments(a, s);
	if (n == 2)
		put_byte(a, OP_DUAL_NAME);
	if (n > 2) {
		put_byte(a, OP_MULTI_NAME);
		put_byte(a, (uint8_t)n);
	}
	for (i = 0; i < n; i++) {
		put_segment(a, s);
		s += segment_len(s) + 1;
	}
}

void aml_scope(struct aml *a, const char *path)
{
	term(a);
	put_byte(a, OP_SCOPE);
	begin(a, SCOPE);
	put_path(a, path);
}

void aml_device(struct aml *a, const char *path)
{
	term(a);
	put_byte(a, OP_EXT);
	put_byte(a, OP_EXT_DEVICE);
	begin(a, SCOPE);
	put_path(a, path);
}

void aml_package(struct aml *a)
{
	object(a);
	put_byte(a, OP_PACKAGE);
	begin(a, PACKAGE);
}

void aml_resources(struct aml *a)
{
	object(a);
	put_byte(a, OP_BUFFER);
	begin(a, RESOURCES);
}

void aml_name(struct aml *a, const char *path)
{
	term(a);
	put_byte(a, OP_NAME);
	put_path(a, path);
	a->named = true;
}

/* 20.2.3: the shortest form, how many bytes of `out` it takes. */
static size_t encode_number(uint8_t out[static NUMBER_ROOM], uint64_t v)
{
	if (v <= 1) {
		out[0] = v ? OP_ONE : OP_ZERO;
		return 1;
	}
	put_le64(out + 1, v);
	if (v <= UINT8_MAX) {
		out[0] = OP_BYTE;
		return 2;
	}
	if (v <= UINT16_MAX) {
		out[0] = OP_WORD;
		return 3;
	}
	if (v <= UINT32_MAX) {
		out[0] = OP_DWORD;
		return 5;
	}
	out[0] = OP_QWORD;
	return 9;
}

/*
 * 20.2.4: PkgLength counts itself.  Six bits in a lone byte; with n more,
 * four in the first and eight in each of those.
 */
static size_t encode_length(uint8_t out[static LENGTH_ROOM], size_t len)
{
	size_t more, i;

	if (len + 1 < 1 << 6) {
		out[0] = (uint8_t)(len + 1);
		return 1;
	}
	for (more = 1; (len + 1 + more) >> (4 + 8 * more); more++) {
	}
	len += 1 + more;
	out[0] = (uint8_t)(more << 6 | (len & 0xf));
	for (i = 0; i < more; i++)
		out[1 + i] = (uint8_t)(len >> (4 + 8 * i));
	return 1 + more;
}

/* A buffer says the number of its bytes, a package that of its objects. */
static void put_counts(struct aml *a, const struct aml_block *b)
{
	uint8_t number[NUMBER_ROOM], count = (uint8_t)b->count;

	if (b->kind == BUFFER || b->kind == RESOURCES)
		insert(a, b->at, number, encode_number(number, a->len - b->at));
	if (b->kind == PACKAGE)
		insert(a, b->at, &count, 1);
	if (b->count > OBJECTS_MAX)
		misused(a, "a package of too many objects");
}

void aml_end(struct aml *a)
{
	static const uint8_t end_tag[] = { RES_END, 0 }; /* 0: no checksum */
	uint8_t length[LENGTH_ROOM];
	struct aml_block b;

	if (a->named)
		misused(a, "a name has no object");
	if (!a->depth)
		misused(a, "an end without a block");
	if (a->rc)
		return;
	if (within(a, RESOURCES))
		put(a, end_tag, sizeof(end_tag));
	b = a->open[--a->depth];
	put_counts(a, &b);
	insert(a, b.at, length, encode_length(length, a->len - b.at));
}

void aml_int(struct aml *a, uint64_t v)
{
	uint8_t number[NUMBER_ROOM];

	object(a);
	put(a, number, encode_number(number, v));
}

/* 20.2.3: AsciiCharList */
void aml_text(struct aml *a, const char *s)
{
	size_t len = strlen(s), i;

	object(a);
	for (i = 0; i < len; i++) {
		if ((unsigned char)s[i] > 0x7f)
			misused(a, "text that is not ASCII");
	}
	put_byte(a, OP_TEXT);
	put(a, s, len + 1);
}

void aml_buffer(struct aml *a, const void *p, size_t len)
{
	object(a);
	put_byte(a, OP_BUFFER);
	begin(a, BUFFER);
	put(a, p, len);
	aml_end(a);
}

/* The value of an upper case hexadecimal digit, -1 if it is none. */
static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 19.3.4: three letters of five bits, four digits; the high byte first. */
void aml_eisa_id(struct aml *a, const char *id)
{
	uint32_t v = 0;
	unsigned i;

	if (strlen(id) != EISA_ID_LEN) {
		misused(a, "that is not an EISA ID");
		return;
	}
	for (i = 0; i < EISA_ID_LEN; i++) {
		int c = i < 3 ? id[i] - '@' : hex(id[i]);

		if (i < 3 ? c < 1 || c > 26 : c < 0)
			misused(a, "that is not an EISA ID");
		v = v << (i < 3 ? 5 : 4) | (uint32_t)(c & 0x1f);
	}
	v = v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
	aml_int(a, v);
}

static void put_resource(struct aml *a, const uint8_t *p, size_t n)
{
	if (!within(a, RESOURCES))
		misused(a, "a resource outside of resources");
	put(a, p, n);
}

/* 6.4.2.5: I/O Port Descriptor; the one place it can be at */
void aml_io(struct aml *a, uint16_t port, uint8_t len)
{
	uint8_t d[8] = { RES_IO, IO_DECODE_16, [6] = 1, [7] = len };

	put_le16(d + 2, port);
	put_le16(d + 4, port);
	put_resource(a, d, sizeof(d));
}

/* 6.4.3.4: 32-Bit Fixed Memory Range Descriptor */
void aml_memory(struct aml *a, uint32_t base, uint32_t len)
{
	uint8_t d[12] = { RES_MEMORY, sizeof(d) - 3, 0, MEMORY_WRITABLE };

	put_le32(d + 4, base);
	put_le32(d + 8, len);
	put_resource(a, d, sizeof(d));
}

/* 6.4.3.6: Extended Interrupt Descriptor, one interrupt */
void aml_edge(struct aml *a, uint32_t gsi)
{
	uint8_t d[9] = { RES_IRQ, sizeof(d) - 3, 0, IRQ_CONSUMER | IRQ_EDGE,
			 1 };

	put_le32(d + 5, gsi);
	put_resource(a, d, sizeof(d));
}
