/* SPDX-License-Identifier: MIT */
/* image_samples.h - packages and modules for tests, made as they run. */
#ifndef TESTS_CLI_IMAGE_SAMPLES_H
#define TESTS_CLI_IMAGE_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* A file of a package. */
struct sample {
	const char *name;
	const void *data;
	size_t len;
};

/* A folder of its own for this test; removed by sample_rmdir. */
void sample_mkdir(char dir[static 64]);
void sample_rmdir(const char *dir);

/* dir/name with these bytes; the path is put together in `path`. */
void sample_write(char path[static 256], const char *dir, const char *name,
		  const void *data, size_t len);

/* A .deb with this control file; tars packed by xz, as Debian's are. */
void sample_deb(char path[static 256], const char *dir, const char *control,
		const struct sample *files, size_t count);

/* A module (ELF) whose .modinfo has these bytes; from malloc. */
uint8_t *sample_module(const char *modinfo, size_t n, size_t *len);

/* The same bytes packed by xz; from malloc. */
uint8_t *sample_xz(const void *p, size_t n, size_t *len);

#endif
