/* SPDX-License-Identifier: MIT */
/* image_samples.c - packages and modules for tests, made as they run. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "image_samples.h"

#include <archive.h>
#include <archive_entry.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../check.h"

enum { ROOM = 1 << 20 };

void sample_mkdir(char dir[static 64])
{
	(void)strcpy(dir, "/tmp/microvm-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void sample_rmdir(const char *dir)
{
	assert_int_equal(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void sample_write(char path[static 256], const char *dir, const char *name,
		  const void *data, size_t len)
{
	FILE *f;

	(void)snprintf(path, 256, "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void put(struct archive *a, const char *name, const void *p, size_t n)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (la_int64_t)n);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, p, n), n);
	archive_entry_free(e);
}

static uint8_t *tar_xz(const struct sample *files, size_t count, size_t *len)
{
	struct archive *a = archive_write_new();
	uint8_t *p = malloc(ROOM);
	size_t i;

	assert_non_null(p);
	assert_int_equal(archive_write_add_filter_xz(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_gnutar(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, p, ROOM, len),
			 ARCHIVE_OK);
	for (i = 0; i < count; i++)
		put(a, files[i].name, files[i].data, files[i].len);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
	return p;
}

void sample_deb(char path[static 256], const char *dir, const char *control,
		const struct sample *files, size_t count)
{
	const struct sample c = { "./control", control, strlen(control) };
	struct archive *a = archive_write_new();
	uint8_t *p;
	size_t len;

	(void)snprintf(path, 256, "%s/sample.deb", dir);
	assert_int_equal(archive_write_set_format_ar_bsd(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
	put(a, "debian-binary", "2.0\n", 4);
	p = tar_xz(&c, 1, &len);
	put(a, "control.tar.xz", p, len);
	free(p);
	p = tar_xz(files, count, &len);
	put(a, "data.tar.xz", p, len);
	free(p);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
}

static void put_le(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (; bytes; bytes--, v >>= 8)
		*p++ = (uint8_t)v;
}

static void put_section(uint8_t *sh, uint32_t name, uint64_t off, uint64_t size)
{
	put_le(sh, name, 4);
	put_le(sh + 0x18, off, 8);
	put_le(sh + 0x20, size, 8);
}

/* Header, three section headers (none, .modinfo, .shstrtab), their bytes. */
uint8_t *sample_module(const char *modinfo, size_t n, size_t *len)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	const size_t at = 0x40 + 3 * 0x40;
	uint8_t *p;

	*len = at + n + sizeof(names);
	p = calloc(1, *len);
	assert_non_null(p);
	memcpy(p, "\177ELF\2\1\1", 7);
	put_le(p + 0x28, 0x40, 8); /* e_shoff */
	put_le(p + 0x3a, 0x40, 2); /* e_shentsize */
	put_le(p + 0x3c, 3, 2);    /* e_shnum */
	put_le(p + 0x3e, 2, 2);    /* e_shstrndx */
	put_section(p + 0x80, 1, at, n);
	put_section(p + 0xc0, 10, at + n, sizeof(names));
	memcpy(p + at, modinfo, n);
	memcpy(p + at + n, names, sizeof(names));
	return p;
}

uint8_t *sample_xz(const void *p, size_t n, size_t *len)
{
	struct archive *a = archive_write_new();
	uint8_t *out = malloc(ROOM);

	assert_non_null(out);
	assert_int_equal(archive_write_add_filter_xz(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, out, ROOM, len),
			 ARCHIVE_OK);
	put(a, "x", p, n);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
	return out;
}
