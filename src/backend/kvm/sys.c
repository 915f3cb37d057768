/* SPDX-License-Identifier: MIT */
/* sys.c - calls to KVM, and what is asked of it before it is used. */
#include "backend/kvm/sys.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

int kvm_call(int fd, unsigned long request, void *arg)
{
	int rc;

	do {
		rc = ioctl(fd, request, arg);
	} while (rc < 0 && errno == EINTR);
	return rc;
}

int kvm_call_n(int fd, unsigned long request, unsigned long n)
{
	int rc;

	do {
		rc = ioctl(fd, request, n);
	} while (rc < 0 && errno == EINTR);
	return rc;
}

int kvm_has(int fd, int cap)
{
	int rc = kvm_call_n(fd, KVM_CHECK_EXTENSION, (unsigned long)cap);

	return rc > 0 ? rc : 0;
}

int kvm_needs(int fd, const struct kvm_need *need, size_t count, mv_error *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (kvm_has(fd, need[i].cap))
			continue;
		return fail_hint(err,
				 fail(err, MICROVM_ENOTSUP,
				      "the KVM here has no %s (capability %d)",
				      need[i].what, need[i].cap),
				 "use a newer Linux kernel on the host: 4.11 "
				 "was the first to have all");
	}
	return 0;
}

int kvm_refused(mv_error *err, const char *what)
{
	return fail_os(err, MICROVM_EHYPERVISOR, errno, "KVM: %s", what);
}
