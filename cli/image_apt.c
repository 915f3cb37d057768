/* SPDX-License-Identifier: MIT */
/*
 * image_apt.c - packages out of the Debian archive.
 *
 * apt-get reads the host's configuration first, for its proxies and keys, and
 * then ours, which moves its whole state into our folder and clears what the
 * host hooked onto updates.  Of the host's sources only Debian's own are
 * taken: others have no kernels, and cost time.
 */
#include "image_apt.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image_child.h"
#include "image_work.h"
#include "say.h"

#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

/* Paths are relative to the folder apt-get is started in. */
static const char settings[] =
	"Dir::State \"./state\";\n"
	"Dir::State::status \"./status\";\n"
	"Dir::Cache \"./cache\";\n"
	"APT::Architecture \"%s\";\n"
	"#clear APT::Architectures;\n"
	"APT::Architectures { \"%s\"; };\n"
	"%s%s%s" /* APT::Default-Release */
	"#clear APT::Update;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11-icons;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11-icons-small;\n"
	"#clear Acquire::IndexTargets::deb::CNF;\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::Retries \"3\";\n"
	/* root would hand downloads to a user that cannot enter our folder */
	"APT::Sandbox::User \"root\";\n";

static const char own_sources[] = "Dir::Etc::sourcelist \"./sources.list\";\n"
				  "Dir::Etc::sourceparts \"-\";\n";

static int put_file(const struct apt *apt, const char *name, const char *text,
		    microvm_error *err)
{
	struct blob b = { (uint8_t *)strdup(text), strlen(text) };
	char *path = work_path(apt->dir, name);
	int rc;

	if (!path || !b.p)
		rc = refuse_os(err, ENOMEM, "%s", name);
	else
		rc = blob_write_file(&b, path, err);
	free(path);
	blob_free(&b);
	return rc;
}

static int make_folder(const struct apt *apt, const char *name,
		       microvm_error *err)
{
	char *path = work_path(apt->dir, name);
	int rc = 0;

	if (!path)
		rc = refuse_os(err, ENOMEM, "%s", name);
	else if (mkdir(path, 0755))
		rc = refuse_os(err, errno, "cannot make %s", path);
	free(path);
	return rc;
}

/* The rest of the first line that begins with `mark`. */
static bool find_line(const char *text, const char *mark, char *line,
		      size_t size)
{
	const char *p = text;

	for (; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : p)
		if (strncmp(p, mark, strlen(mark)) == 0) {
			p += strlen(mark);
			(void)snprintf(line, size, "%.*s",
				       (int)strcspn(p, "\n"), p);
			return true;
		}
	return false;
}

void apt_first_error(const char *output, char *line, size_t size)
{
	if (!find_line(output, "E: ", line, size) &&
	    !find_line(output, "W: Failed to fetch ", line, size))
		*line = '\0';
}

/* Run apt-get; output for the caller to free also when it failed. */
static int apt_get(const struct apt *apt, const char *const argv[],
		   struct blob *output, int *status, microvm_error *err)
{
	int rc = child_run(argv, apt->dir, status, output, err);

	if (rc && err->os == ENOENT) {
		(void)refuse(err, "no apt-get here: this is no Debian");
		return refuse_hint(err, "fetch the packages elsewhere, then "
					"use --kernel FILE.deb and --busybox "
					"FILE.deb");
	}
	return rc;
}

/* The fields of one line of targets, split at '|'. */
struct target {
	char uri[512], release[64], component[64], origin[64];
};

static bool parse_target(const char *line, struct target *t)
{
	return sscanf(line, "%511[^|\n]|%63[^|\n]|%63[^|\n]|%63[^|\n]", t->uri,
		      t->release, t->component, t->origin) == 4;
}

/* Does the last folder of the URI have that name? */
static bool uri_ends(const char *uri, const char *name)
{
	size_t n = strlen(uri), len = strlen(name);

	while (n && uri[n - 1] == '/')
		n--;
	return n > len && uri[n - len - 1] == '/' &&
	       strncmp(uri + n - len, name, len) == 0;
}

/*
 * The origin is known once the host read the archive's Release file; before
 * that the usual names of Debian's folders have to do.
 */
static bool is_debian(const struct target *t)
{
	return strcmp(t->component, "main") == 0 &&
	       (strcmp(t->origin, "Debian") == 0 ||
		uri_ends(t->uri, "debian") ||
		uri_ends(t->uri, "debian-security"));
}

static bool is_security(const struct target *t)
{
	return strstr(t->release, "security") ||
	       uri_ends(t->uri, "debian-security");
}

static void put_source(FILE *f, const char *uri, const char *release)
{
	struct stat st;

	(void)fprintf(f, "deb %s%s %s main\n",
		      stat(KEYRING, &st) ? "" : "[signed-by=" KEYRING "] ", uri,
		      release);
}

char *apt_make_sources(const char *targets, const char *suite)
{
	char *text = NULL, base[512] = "";
	struct target t;
	const char *p;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	bool failed;

	if (!f)
		return NULL;
	for (p = targets; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : p) {
		t = (struct target){ 0 };
		if (!parse_target(p, &t) || !is_debian(&t))
			continue;
		put_source(f, t.uri, t.release);
		if (!base[0] && !is_security(&t))
			(void)snprintf(base, sizeof(base), "%s", t.uri);
	}
	if (suite && base[0])
		put_source(f, base, suite);
	failed = ferror(f);
	if (fclose(f) || failed) {
		free(text);
		return NULL;
	}
	return text;
}

static int make_settings(const struct apt *apt, const char *sources,
			 microvm_error *err)
{
	char text[2048];
	bool suite = apt->suite != NULL;
	int rc, n;

	n = snprintf(text, sizeof(text), settings, apt->arch, apt->arch,
		     suite ? "APT::Default-Release \"" : "",
		     suite ? apt->suite : "", suite ? "\";\n" : "");
	if (n < 0 || (size_t)n >= sizeof(text) - sizeof(own_sources))
		return refuse(err, "the suite's name is too long");
	if (sources[0]) {
		memcpy(text + n, own_sources, sizeof(own_sources));
		rc = put_file(apt, "sources.list", sources, err);
		if (rc)
			return rc;
	}
	return put_file(apt, "apt.conf", text, err);
}

static int read_sources(const struct apt *apt, char **sources,
			microvm_error *err)
{
	const char *argv[] = { "apt-get",
			       "indextargets",
			       "--format",
			       "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)",
			       "Created-By: Packages",
			       NULL };
	struct blob out;
	int status, rc;

	rc = apt_get(apt, argv, &out, &status, err);
	if (rc)
		return rc;
	*sources = apt_make_sources((const char *)out.p, apt->suite);
	blob_free(&out);
	if (!*sources)
		return refuse_os(err, ENOMEM, "sources");
	if (!**sources && apt->suite) {
		free(*sources);
		(void)refuse(err,
			     "apt's sources have no Debian archive to "
			     "take the suite %s from",
			     apt->suite);
		return refuse_hint(err, "add one to /etc/apt/sources.list.d");
	}
	return 0; /* "": nothing known as Debian's, so all the host has */
}

/* A suite becomes part of a file and of an URI. */
static bool suite_ok(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-_.", s[i]))
			return false;
	return i > 0;
}

/*
 * It also exits 0 when it could reach none of its sources; and one that fails
 * need not be the one we want.  So trouble is kept until a package is missing.
 */
static int update(struct apt *apt, microvm_error *err)
{
	const char *argv[] = {
		"apt-get", "-q", "-c", "apt.conf", "update", NULL
	};
	struct blob out;
	int status, rc;

	rc = apt_get(apt, argv, &out, &status, err);
	if (rc)
		return rc;
	apt_first_error((const char *)out.p, apt->trouble,
			sizeof(apt->trouble));
	blob_free(&out);
	return 0;
}

int apt_begin(struct apt *apt, microvm_error *err)
{
	static const char *const folders[] = {
		"state", "state/lists",    "state/lists/partial",
		"cache", "cache/archives", "cache/archives/partial"
	};
	char *sources;
	size_t i;
	int rc = 0;

	if (apt->suite && !suite_ok(apt->suite))
		return refuse(err, "'%s' is no name of a suite", apt->suite);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && !rc; i++)
		rc = make_folder(apt, folders[i], err);
	if (!rc)
		rc = put_file(apt, "status", "", err);
	if (!rc)
		rc = read_sources(apt, &sources, err);
	if (rc)
		return rc;
	rc = make_settings(apt, sources, err);
	free(sources);
	return rc ? rc : update(apt, err);
}

/* The .deb that apt-get put into the folder: its name has the version. */
static char *find_deb(const struct apt *apt, const char *package)
{
	size_t n = strlen(package);
	DIR *d = opendir(apt->dir);
	char *path = NULL;
	struct dirent *e;

	while (d && !path && (e = readdir(d)))
		if (strncmp(e->d_name, package, n) == 0 &&
		    e->d_name[n] == '_' && strstr(e->d_name, ".deb"))
			path = work_path(apt->dir, e->d_name);
	if (d)
		(void)closedir(d);
	return path;
}

/* So apt-get cannot take it for an option or a path. */
bool apt_is_package(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++)
		if (!islower((unsigned char)s[i]) &&
		    !isdigit((unsigned char)s[i]) &&
		    !(i > 0 && strchr("+-.", s[i])))
			return false;
	return i > 1;
}

int apt_fetch(const struct apt *apt, const char *package, char **path,
	      microvm_error *err)
{
	const char *argv[] = { "apt-get",  "-q", "-c", "apt.conf",
			       "download", NULL, NULL };
	char line[sizeof(apt->trouble)];
	struct blob out;
	int status, rc;

	if (!apt_is_package(package))
		return refuse(err, "'%s' is no name of a package", package);
	argv[5] = package;
	rc = apt_get(apt, argv, &out, &status, err);
	if (rc)
		return rc;
	*path = status ? NULL : find_deb(apt, package);
	if (!*path) {
		apt_first_error((const char *)out.p, line, sizeof(line));
		if (apt->trouble[0])
			memcpy(line, apt->trouble, sizeof(line));
		(void)refuse(err, "cannot fetch %s (%s): %s", package,
			     apt->arch, line[0] ? line : "apt-get failed");
		rc = refuse_hint(err, "check the network, the name and apt's "
				      "sources; or use --kernel FILE.deb");
	}
	blob_free(&out);
	return rc;
}
