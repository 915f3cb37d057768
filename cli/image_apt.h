/* SPDX-License-Identifier: MIT */
/*
 * image_apt.h - packages out of the Debian archive.
 *
 * Uses apt-get on a system of its own inside a folder: of any architecture,
 * with nothing installed, and without touching the host's.  Needs no root.
 */
#ifndef CLI_IMAGE_APT_H
#define CLI_IMAGE_APT_H

#include <microvm.h>
#include <stdbool.h>

/* The folder exists and outlives the rest; it is removed by who made it. */
struct apt {
	const char *dir;
	const char *arch;  /* as Debian calls it */
	const char *suite; /* NULL: those the host uses */
	char trouble[160]; /* with the lists: why a package may be missing */
};

/* Can that be the name of a package (Debian policy 5.6.7)? */
bool apt_is_package(const char *name);

/* Read the lists of packages; the first three members are set. */
int apt_begin(struct apt *apt, microvm_error *err);

/* Fetch a package of a proper name; *path is its .deb, from malloc. */
int apt_fetch(const struct apt *apt, const char *package, char **path,
	      microvm_error *err);

/*
 * Private sources, from the lines that `apt-get indextargets` gave in our
 * format (image_apt.c) and perhaps a further suite; from malloc, "" when no
 * line is Debian's, NULL when memory is out.
 */
char *apt_make_sources(const char *targets, const char *suite);

/*
 * Why apt-get failed, out of what it printed: the first error, or else the
 * first list it could not fetch; "" when neither.
 */
void apt_first_error(const char *output, char *line, size_t size);

#endif
