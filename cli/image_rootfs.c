/* SPDX-License-Identifier: MIT */
/*
 * image_rootfs.c - what our initramfs has in it.
 *
 * Only real folders: a link like /sbin -> bin would be thrown away by Linux
 * as soon as an archive behind this one brings a folder of that name.
 */
#include "image_rootfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guest/programs.h"
#include "image_applets.h"
#include "say.h"

enum { ADDED_MAX = 1 << 30 };

static const struct {
	const char *path;
	unsigned mode;
} folders[] = {
	{ "/bin", 0755 },         { "/dev", 0755 },      { "/etc", 0755 },
	{ "/lib/modules", 0755 }, { "/mnt", 0755 },      { "/proc", 0555 },
	{ "/root", 0700 },        { "/run", 0755 },      { "/sbin", 0755 },
	{ "/sys", 0555 },         { "/tmp", 01777 },     { "/usr/bin", 0755 },
	{ "/usr/sbin", 0755 },    { "/var/tmp", 01777 },
};

static const struct {
	const char *path, *text;
} texts[] = {
	{ "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
			 "nobody:x:65534:65534:nobody:/:/bin/false\n" },
	{ "/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n" },
	{ "/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n" },
	{ "/etc/hostname", "microvm\n" },
	/* outbound-proxy answers there. */
	{ "/etc/resolv.conf", "nameserver 127.0.0.1\n" },
};

/* Guest programs of ours, and where they are in the image. */
static const struct {
	const char *name, *path;
} programs[] = {
	{ "init", "/init" },
	{ "outbound-proxy", "/usr/bin/outbound-proxy" },
	{ "vsock-client", "/usr/bin/vsock-client" },
};

static int add_program(struct tree *t, const char *name, const char *path,
		       enum microvm_arch arch, microvm_error *err)
{
	const struct guest_program *p = guest_program_find(name, arch);

	if (!p)
		return refuse(err, "this microvm was built without guest "
				   "programs for that architecture");
	return tree_add_file(t, path, 0755, p->data, p->len, err);
}

int rootfs_add_base(struct tree *t, enum microvm_arch arch, microvm_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && !rc; i++)
		rc = tree_add_dir(t, folders[i].path, folders[i].mode, err);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && !rc; i++)
		rc = tree_add_file(t, texts[i].path, 0644, texts[i].text,
				   strlen(texts[i].text), err);
	/* Linux Documentation/admin-guide/devices.txt */
	if (!rc)
		rc = tree_add_device(t, "/dev/console", 0600, 5, 1, err);
	if (!rc)
		rc = tree_add_device(t, "/dev/null", 0666, 1, 3, err);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]) && !rc; i++)
		rc = add_program(t, programs[i].name, programs[i].path, arch,
				 err);
	return rc;
}

int rootfs_add_busybox(struct tree *t, const struct blob *busybox,
		       microvm_error *err)
{
	char path[64];
	const char *name;
	size_t count;
	int rc;

	count = applets_find(busybox->p, busybox->len, &name);
	if (!count)
		return refuse(err, "the busybox has no table of commands: is "
				   "it busybox?");
	rc = tree_add_file(t, "/bin/busybox", 0755, busybox->p, busybox->len,
			   err);
	for (; count && !rc; count--, name += strlen(name) + 1) {
		if (strcmp(name, "busybox") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "/bin/%s", name);
		rc = tree_add_link(t, path, "busybox", err);
	}
	if (!rc) /* scripts begin with #!/usr/bin/env */
		rc = tree_add_link(t, "/usr/bin/env", "../../bin/busybox", err);
	return rc;
}

int rootfs_add_modules(struct tree *t, const struct modules *m,
		       microvm_error *err)
{
	char path[MODULE_NAME_MAX + 32], *list = NULL;
	size_t size, i;
	FILE *f = open_memstream(&list, &size);
	int rc = 0;

	if (!f)
		return refuse_os(err, errno, "/lib/modules/list");
	for (i = 0; i < m->orders && !rc; i++) {
		(void)snprintf(path, sizeof(path), "/lib/modules/%s.ko",
			       m->order[i]->name);
		(void)fprintf(f, "%s.ko\n", m->order[i]->name);
		rc = tree_add_file(t, path, 0644, m->order[i]->data.p,
				   m->order[i]->data.len, err);
	}
	if (fclose(f) && !rc)
		rc = refuse_os(err, ENOMEM, "/lib/modules/list");
	if (!rc && m->orders)
		rc = tree_add_file(t, "/lib/modules/list", 0644, list, size,
				   err);
	free(list);
	return rc;
}

static int add_file(struct tree *t, const char *file, const char *guest,
		    microvm_error *err)
{
	struct stat st;
	struct blob data;
	int rc;

	if (stat(file, &st))
		return refuse_os(err, errno, "cannot add %s", file);
	if (!S_ISREG(st.st_mode)) {
		(void)refuse(err, "cannot add %s: not a regular file", file);
		return refuse_hint(err, "add the files in it one by one, or "
					"boot with a second --initrd");
	}
	rc = blob_read_file(&data, file, ADDED_MAX, err);
	if (rc)
		return rc;
	rc = tree_add_file(t, guest, (unsigned)st.st_mode & 0777, data.p,
			   data.len, err);
	blob_free(&data);
	return rc;
}

int rootfs_add_host_file(struct tree *t, const char *spec, microvm_error *err)
{
	const char *colon = strrchr(spec, ':');
	char *file;
	int rc;

	if (!colon || colon == spec || colon[1] != '/') {
		(void)refuse(err, "--add %s: not FILE:/PATH/IN/GUEST", spec);
		return refuse_hint(err, "for example --add hello:/bin/hello");
	}
	file = strndup(spec, (size_t)(colon - spec));
	if (!file)
		return refuse_os(err, ENOMEM, "--add %s", spec);
	rc = add_file(t, file, colon + 1, err);
	free(file);
	return rc;
}
