/* SPDX-License-Identifier: MIT */
/* kvm_host.c - looking at the host's KVM, and judging it. */
#include "backend/kvm/kvm_host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/container.h"

enum { KVM_API = 12 }; /* the only one there ever was */

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Does a line "flags : ..." of /proc/cpuinfo have this word? */
static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);
	const char *at = line;

	while ((at = strstr(at, word)) != NULL) {
		bool begins = at == line || at[-1] == ' ' || at[-1] == '\t';
		char end = at[n];

		if (begins && (end == ' ' || end == '\n' || end == '\0'))
			return true;
		at += n;
	}
	return false;
}

/* All CPUs have the features of the first. */
static void look_at_cpu(struct kvm_host *h)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[8192];

	if (!f)
		return;
	while (!h->flags && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "flags", 5) != 0)
			continue;
		h->flags = true;
		h->extensions = has_word(line, "vmx") || has_word(line, "svm");
		h->virtual_cpu = has_word(line, "hypervisor");
	}
	(void)fclose(f); /* only read from */
}

void kvm_host_look(struct kvm_host *h)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	*h = (struct kvm_host){ 0 };
	if (fd < 0) {
		h->open_errno = errno;
	} else {
		h->api = ioctl(fd, KVM_GET_API_VERSION, 0);
		(void)close(fd);
	}
	h->pvm = exists("/sys/module/kvm_pvm");
	look_at_cpu(h);
}

enum kvm_kind kvm_host_kind(const struct kvm_host *h)
{
	switch (h->open_errno) {
	case 0: break;
	case ENOENT:
	case ENODEV:
	case ENXIO: return KVM_ABSENT;
	case EACCES:
	case EPERM: return KVM_DENIED;
	case EBUSY: return KVM_BUSY;
	default: return KVM_UNKNOWN;
	}
	if (h->api != KVM_API)
		return KVM_UNKNOWN;
	if (h->pvm)
		return KVM_PVM;
	if (h->flags && !h->extensions)
		return KVM_ODD;
	return h->virtual_cpu ? KVM_NESTED : KVM_NATIVE;
}

static int explain_absent(const struct kvm_host *h, mv_error *err)
{
	int rc = fail(err, MICROVM_ENOTSUP, "there is no /dev/kvm");

	if (h->extensions)
		return fail_hint(err, rc,
				 "load the module: modprobe kvm_intel, or "
				 "kvm_amd; in a container pass the device in");
	if (h->virtual_cpu)
		return fail_hint(err, rc,
				 "this host is a virtual machine: have nested "
				 "virtualization enabled for it");
	return fail_hint(err, rc,
			 "enable virtualization in the firmware's setup; in "
			 "a container pass the device in");
}

static int explain_refused(const struct kvm_host *h, mv_error *err)
{
	if (!h->open_errno)
		return fail(err, MICROVM_ENOTSUP,
			    "/dev/kvm speaks API version %d, not %d", h->api,
			    KVM_API);
	return fail_os(err, MICROVM_EIO, h->open_errno, "/dev/kvm");
}

static int explain_denied(const struct kvm_host *h, mv_error *err)
{
	return fail_hint(err, explain_refused(h, err),
			 "sudo usermod -aG kvm $USER, then log out and in "
			 "again");
}

static int explain_busy(const struct kvm_host *h, mv_error *err)
{
	return fail_hint(
		err, fail_os(err, MICROVM_EBUSY, h->open_errno, "/dev/kvm"),
		"end the other hypervisor that holds the CPU, VirtualBox "
		"perhaps");
}

static int usable(struct hv_found *found, bool poor, const char *detail)
{
	*found = (struct hv_found){ .poor = poor };
	(void)snprintf(found->detail, sizeof(found->detail), "%s", detail);
	return 0;
}

int kvm_host_explain(const struct kvm_host *h, struct hv_found *found,
		     mv_error *err)
{
	switch (kvm_host_kind(h)) {
	case KVM_ABSENT: return explain_absent(h, err);
	case KVM_DENIED: return explain_denied(h, err);
	case KVM_BUSY: return explain_busy(h, err);
	case KVM_UNKNOWN: return explain_refused(h, err);
	case KVM_PVM:
		return usable(found, true,
			      "the KVM here is kvm_pvm: it emulates a guest's "
			      "kernel instruction by instruction, and not all "
			      "of them; a stock kernel does not boot on it");
	case KVM_ODD:
		return usable(found, true,
			      "there is a KVM, but the CPU has neither VMX nor "
			      "SVM: it must emulate a guest's kernel, and a "
			      "stock one may not boot on it");
	case KVM_NESTED:
		return usable(found, false,
			      "KVM, nested under another hypervisor: each exit "
			      "costs tens of microseconds");
	case KVM_NATIVE: return usable(found, false, "KVM");
	}
	return fail(err, MICROVM_ENOTSUP, "unknown kind of KVM");
}
