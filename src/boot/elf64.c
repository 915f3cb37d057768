/* SPDX-License-Identifier: MIT */
/* elf64.c - an x86_64 kernel as an ELF file. */
#include "boot/elf64.h"

#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "boot/kind.h"
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

/* Linux has 5. */
enum { MAX_SEGMENTS = 64 };

struct segment {
	uint32_t type;
	uint64_t off, filesz;
	uint64_t paddr, memsz;
};

bool elf64_is_x86(const uint8_t *p, size_t len)
{
	return kind_of(p, len) == KIND_ELF && len >= E_MACHINE + 2 &&
	       p[E_DATA] == DATA_LE && le16(p + E_MACHINE) == MACHINE_X86_64;
}

static struct segment segment_at(const struct elf64 *e, unsigned i)
{
	const uint8_t *h = e->p + le64(e->p + E_PHOFF) + i * P_HEADER_LEN;

	return (struct segment){
		.type = le32(h + P_TYPE),
		.off = le64(h + P_OFFSET),
		.paddr = le64(h + P_PADDR),
		.filesz = le64(h + P_FILESZ),
		.memsz = le64(h + P_MEMSZ),
	};
}

static unsigned segments(const struct elf64 *e)
{
	return le16(e->p + E_PHNUM);
}

static int again(mv_error *err, int rc)
{
	return fail_hint(err, rc, "fetch or build the file again");
}

static int check_header(const uint8_t *p, size_t len, mv_error *err)
{
	int rc;

	if (!elf64_is_x86(p, len))
		return fail(err, MICROVM_EBADIMAGE, "not an x86_64 ELF file");
	if (p[E_CLASS] != CLASS_64) {
		rc = fail(err, MICROVM_ENOTSUP, "a 32-bit ELF file");
		return fail_hint(err, rc, "take a 64-bit kernel");
	}
	if (len < E_HEADER_LEN)
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

	if (n == 0 || n > MAX_SEGMENTS || le16(p + E_PHENTSIZE) != P_HEADER_LEN)
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

static bool holds(const struct segment *s, uint64_t addr)
{
	return addr >= s->paddr && addr - s->paddr < s->memsz;
}

static int add_load(struct elf64 *e, const struct segment *s, mv_error *err)
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

static void look_at_notes(struct elf64 *e, const struct segment *s)
{
	const uint8_t *p = e->p + s->off;
	uint64_t left = s->filesz, n;

	for (n = note_len(p, left); n; n = note_len(p, left)) {
		look_at_note(e, p);
		p += n;
		left -= n;
	}
}

static int look_at_segment(struct elf64 *e, const struct segment *s,
			   mv_error *err)
{
	if (s->type != SEGMENT_LOAD && s->type != SEGMENT_NOTE)
		return 0;
	if (!fits(s->off, s->filesz, e->len))
		return again(err, fail(err, MICROVM_EBADIMAGE,
				       "truncated: a segment of the ELF file "
				       "(%llu bytes at %llu) ends behind its "
				       "%zu bytes",
				       (unsigned long long)s->filesz,
				       (unsigned long long)s->off, e->len));
	if (s->type == SEGMENT_LOAD)
		return add_load(e, s, err);
	look_at_notes(e, s);
	return 0;
}

int elf64_parse(const uint8_t *p, size_t len, struct elf64 *out, mv_error *err)
{
	struct elf64 e = { .p = p, .len = len };
	unsigned i;
	int rc = check_header(p, len, err);

	*out = (struct elf64){ 0 };
	if (!rc)
		rc = check_table(p, len, err);
	if (rc)
		return rc;
	e.entry = le64(p + E_ENTRY);
	for (i = 0; i < segments(&e); i++) {
		struct segment s = segment_at(&e, i);

		rc = look_at_segment(&e, &s, err);
		if (rc)
			return rc;
	}
	if (!e.end)
		return again(err, fail(err, MICROVM_EBADIMAGE,
				       "an ELF file with nothing to load"));
	*out = e;
	return 0;
}

int elf64_load(const struct elf64 *e, const struct gmem *mem, mv_error *err)
{
	unsigned i;

	for (i = 0; i < segments(e); i++) {
		struct segment s = segment_at(e, i);

		if (s.type != SEGMENT_LOAD || !s.filesz)
			continue;
		if (!gmem_write(mem, s.paddr, e->p + s.off, (size_t)s.filesz))
			return fail(err, MICROVM_EINVAL,
				    "no RAM for %s of kernel at address 0x%llx",
				    size_text(s.filesz).s,
				    (unsigned long long)s.paddr);
	}
	return 0;
}
