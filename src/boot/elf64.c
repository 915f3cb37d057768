/* SPDX-License-Identifier: MIT */
/* elf64.c - an x86_64 kernel as an ELF file. */
#include "boot/elf64.h"

#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "boot/blob.h"
#include "boot/size.h"

/* ELF header, gABI 4 "ELF Header", 64-bit */
enum {
	E_CLASS = 4,
	E_DATA = 5,
	E_TYPE = 16,
	E_MACHINE = 18,
	E_ENTRY = 24,
	E_PHOFF = 32,
	E_PHENTSIZE = 54,
	E_PHNUM = 56,
	E_HEADER_LEN = 64,
};

enum {
	CLASS_64 = 2,
	DATA_LE = 1,
	TYPE_EXEC = 2,
	MACHINE_X86_64 = 62,
};

/* Program header, gABI 5 "Program Header", 64-bit */
enum {
	P_TYPE = 0,
	P_OFFSET = 8,
	P_PADDR = 24,
	P_FILESZ = 32,
	P_MEMSZ = 40,
	P_HEADER_LEN = 56,
};

enum { SEGMENT_LOAD = 1, SEGMENT_NOTE = 4 };

/* Note, gABI 5 "Note Section": three words, the name, the contents. */
enum {
	NOTE_NAMESZ = 0,
	NOTE_DESCSZ = 4,
	NOTE_TYPE = 8,
	NOTE_HEADER_LEN = 12,
};

/* Xen's elfnote.h: the physical address of the 32-bit entry */
enum { XEN_PHYS32_ENTRY = 18 };

/* Of a segment with notes: Linux's has 512 bytes. */
enum { NOTES_MAX = 4096 };

bool elf64_is_x86(const uint8_t *p, size_t len)
{
	return kind_of(p, len) == KIND_ELF && len >= E_MACHINE + 2 &&
	       p[E_DATA] == DATA_LE && le16(p + E_MACHINE) == MACHINE_X86_64;
}

static int again(mv_error *err, int rc)
{
	return fail_hint(err, rc, "fetch or build the file again");
}

/* `here` of the file's `len` bytes are at p. */
static int check_header(const uint8_t *p, size_t here, size_t len,
			mv_error *err)
{
	int rc;

	if (!elf64_is_x86(p, here))
		return fail(err, MICROVM_EBADIMAGE, "not an x86_64 ELF file");
	if (p[E_CLASS] != CLASS_64) {
		rc = fail(err, MICROVM_ENOTSUP, "a 32-bit ELF file");
		return fail_hint(err, rc, "take a 64-bit kernel");
	}
	if (here < E_HEADER_LEN)
		return again(err, fail(err, MICROVM_EBADIMAGE,
				       "truncated: an ELF header takes %d "
				       "bytes, the file has %zu",
				       E_HEADER_LEN, len));
	if (le16(p + E_TYPE) == TYPE_EXEC)
		return 0;
	rc = fail(err, MICROVM_EBADIMAGE,
		  "an ELF file of type %u, not a linked kernel",
		  le16(p + E_TYPE));
	return fail_hint(err, rc,
			 "take the vmlinux in the root of the "
			 "kernel's build tree, or a bzImage");
}

static int check_table(const uint8_t *p, size_t len, mv_error *err)
{
	uint64_t off = le64(p + E_PHOFF);
	unsigned n = le16(p + E_PHNUM);

	if (n == 0 || n > ELF64_SEGMENTS ||
	    le16(p + E_PHENTSIZE) != P_HEADER_LEN)
		return again(err, fail(err, MICROVM_EBADIMAGE,
				       "corrupt: an ELF file with %u program "
				       "headers of %u bytes",
				       n, le16(p + E_PHENTSIZE)));
	if (fits(off, (uint64_t)n * P_HEADER_LEN, len))
		return 0;
	return again(err, fail(err, MICROVM_EBADIMAGE,
			       "truncated: the ELF file's program headers end "
			       "behind its %zu bytes",
			       len));
}

static struct elf64_segment segment_at(const uint8_t *h)
{
	return (struct elf64_segment){
		.type = le32(h + P_TYPE),
		.off = le64(h + P_OFFSET),
		.paddr = le64(h + P_PADDR),
		.filesz = le64(h + P_FILESZ),
		.memsz = le64(h + P_MEMSZ),
	};
}

/* The header, and the program headers, of which each is read once. */
static int read_headers(const struct boot_blob *f, struct elf64 *e,
			mv_error *err)
{
	uint8_t table[ELF64_SEGMENTS * P_HEADER_LEN];
	unsigned i;
	int rc = check_header(f->p, blob_here(f), f->len, err);

	if (!rc)
		rc = check_table(f->p, f->len, err);
	if (rc)
		return rc;
	e->entry = le64(f->p + E_ENTRY);
	e->segments = le16(f->p + E_PHNUM);
	rc = blob_read(f, le64(f->p + E_PHOFF), table,
		       e->segments * (size_t)P_HEADER_LEN, err);
	if (rc)
		return rc;
	for (i = 0; i < e->segments; i++)
		e->segment[i] = segment_at(table + i * (size_t)P_HEADER_LEN);
	return 0;
}

static bool holds(const struct elf64_segment *s, uint64_t addr)
{
	return addr >= s->paddr && addr - s->paddr < s->memsz;
}

static int add_load(struct elf64 *e, const struct elf64_segment *s,
		    mv_error *err)
{
	uint64_t end;

	if (s->filesz > s->memsz || !add_ok(&end, s->paddr, s->memsz))
		return again(err, fail(err, MICROVM_EBADIMAGE,
				       "corrupt: the ELF file has a segment of "
				       "%llu bytes, in memory %llu, for "
				       "address 0x%llx",
				       (unsigned long long)s->filesz,
				       (unsigned long long)s->memsz,
				       (unsigned long long)s->paddr));
	if (!s->memsz)
		return 0;
	e->start = e->end ? min_u64(e->start, s->paddr) : s->paddr;
	e->end = max_u64(e->end, end);
	e->entry_loaded = e->entry_loaded || holds(s, e->entry);
	return 0;
}

/* The note at the start of p[0..len-1]; 0: none, or not all of it. */
static uint64_t note_len(const uint8_t *p, uint64_t len)
{
	uint64_t n;

	if (len < NOTE_HEADER_LEN)
		return 0;
	n = NOTE_HEADER_LEN + align_up(le32(p + NOTE_NAMESZ), 4);
	if (!fits(n, le32(p + NOTE_DESCSZ), len))
		return 0;
	return min_u64(align_up(n + le32(p + NOTE_DESCSZ), 4), len);
}

static void look_at_note(struct elf64 *e, const uint8_t *p)
{
	uint32_t descsz = le32(p + NOTE_DESCSZ);
	const uint8_t *desc;

	if (le32(p + NOTE_TYPE) != XEN_PHYS32_ENTRY ||
	    le32(p + NOTE_NAMESZ) != 4 ||
	    memcmp(p + NOTE_HEADER_LEN, "Xen", 4) != 0)
		return;
	desc = p + NOTE_HEADER_LEN + 4;
	if (descsz != 4 && !(descsz == 8 && le32(desc + 4) == 0))
		return;
	e->has_pvh = true;
	e->pvh_entry = le32(desc);
}

static int look_at_notes(struct elf64 *e, const struct elf64_segment *s,
			 mv_error *err)
{
	uint8_t notes[NOTES_MAX], *p = notes;
	uint64_t left = min_u64(s->filesz, NOTES_MAX), n;
	int rc = blob_read(e->file, s->off, notes, (size_t)left, err);

	if (rc)
		return rc;
	for (n = note_len(p, left); n; n = note_len(p, left)) {
		look_at_note(e, p);
		p += n;
		left -= n;
	}
	return 0;
}

static int look_at_segment(struct elf64 *e, const struct elf64_segment *s,
			   mv_error *err)
{
	if (s->type != SEGMENT_LOAD && s->type != SEGMENT_NOTE)
		return 0;
	if (!fits(s->off, s->filesz, e->file->len))
		return again(err,
			     fail(err, MICROVM_EBADIMAGE,
				  "truncated: a segment of the ELF file "
				  "(%llu bytes at %llu) ends behind its "
				  "%zu bytes",
				  (unsigned long long)s->filesz,
				  (unsigned long long)s->off, e->file->len));
	if (s->type == SEGMENT_LOAD)
		return add_load(e, s, err);
	return look_at_notes(e, s, err);
}

int elf64_parse(const struct boot_blob *file, struct elf64 *out, mv_error *err)
{
	struct elf64 e = { .file = file };
	unsigned i;
	int rc = read_headers(file, &e, err);

	*out = (struct elf64){ 0 };
	for (i = 0; !rc && i < e.segments; i++)
		rc = look_at_segment(&e, &e.segment[i], err);
	if (rc)
		return rc;
	if (!e.end)
		return again(err, fail(err, MICROVM_EBADIMAGE,
				       "an ELF file with nothing to load"));
	*out = e;
	return 0;
}

/* Are there bytes of the file to be put into memory? */
static bool has_bytes(const struct elf64_segment *s)
{
	return s->type == SEGMENT_LOAD && s->filesz;
}

static int load_segment(const struct elf64 *e, const struct elf64_segment *s,
			const struct gmem *mem, mv_error *err)
{
	struct span to = { 0 };

	if (s->filesz <= SIZE_MAX)
		to = gmem_span(mem, s->paddr, (size_t)s->filesz);
	if (to.p)
		return blob_read(e->file, s->off, to.p, to.len, err);
	return fail(err, MICROVM_EINVAL,
		    "no RAM for %s of kernel at address 0x%llx",
		    size_text(s->filesz).s, (unsigned long long)s->paddr);
}

int elf64_load(const struct elf64 *e, const struct gmem *mem, mv_error *err)
{
	unsigned i;
	int rc = 0;

	for (i = 0; !rc && i < e->segments; i++) {
		if (has_bytes(&e->segment[i]))
			rc = load_segment(e, &e->segment[i], mem, err);
	}
	return rc;
}

/* ---- unpacked to where it belongs -------------------------------------- */

/*
 * If segments are in ascending order in the file and in memory, and each is to
 * go down, or stay, then none is moved over bytes of one behind it.  *gpa is
 * the file's address.
 */
static bool settles(const struct elf64 *e, uint64_t *gpa)
{
	uint64_t src = 0, dst = 0; /* the ends of the one before */
	bool first = true;
	unsigned i;

	for (i = 0; i < e->segments; i++) {
		const struct elf64_segment *s = &e->segment[i];
		uint64_t at;

		if (!has_bytes(s))
			continue;
		if (first && s->paddr < s->off)
			return false;
		if (first)
			*gpa = s->paddr - s->off;
		first = false;
		if (!add_ok(&at, *gpa, s->off) || s->paddr > at ||
		    s->off < src || s->paddr < dst ||
		    !add_ok(&src, s->off, s->filesz) ||
		    !add_ok(&dst, s->paddr, s->filesz))
			return false;
	}
	return !first;
}

bool elf64_unpack_gpa(const uint8_t *p, size_t len, uint64_t *gpa)
{
	const struct boot_blob head = { .p = p, .len = len };
	struct elf64 e = { 0 };

	return read_headers(&head, &e, NULL) == 0 && settles(&e, gpa);
}

int elf64_settle(const struct elf64 *e, uint64_t gpa, const struct gmem *mem,
		 mv_error *err)
{
	struct span file = gmem_span(mem, gpa, e->file->len);
	uint64_t wanted, done = 0;
	unsigned i;

	if (!settles(e, &wanted) || wanted != gpa || !file.p)
		return fail(err, MICROVM_EINVAL,
			    "an ELF file that cannot be at 0x%llx",
			    (unsigned long long)gpa);
	for (i = 0; i < e->segments; i++) {
		const struct elf64_segment *s = &e->segment[i];
		uint64_t to = s->paddr - gpa;

		if (!has_bytes(s))
			continue;
		memset(file.p + done, 0, (size_t)(to - done));
		if (to != s->off)
			memmove(file.p + to, file.p + s->off,
				(size_t)s->filesz);
		done = to + s->filesz;
	}
	memset(file.p + done, 0, (size_t)(file.len - done));
	return 0;
}
