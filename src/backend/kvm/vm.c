/* SPDX-License-Identifier: MIT */
/* vm.c - a VM of KVM: its descriptors, its memory, its doorbells. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "backend/kvm/arch.h"
#include "backend/kvm/kvm_host.h"
#include "base/container.h"
#include "os/doorbell.h"
#include "os/mem.h"

/* That another hypervisor holds the CPU shows only when a VM is made. */
static int no_vm(int os, mv_error *err)
{
	const struct kvm_host host = { .open_errno = os };
	struct hv_found found;

	if (kvm_host_kind(&host) == KVM_BUSY)
		return kvm_host_explain(&host, &found, err);
	return fail_os(err, MICROVM_EHYPERVISOR, os, "KVM: cannot make a VM");
}

static int open_vm(struct kvm_vm *k, mv_error *err)
{
	int rc;

	k->fd = kvm_call_n(k->sys, KVM_CREATE_VM, kvm_arch_vm_type(k->sys));
	if (k->fd < 0)
		return no_vm(errno, err);
	rc = kvm_call_n(k->sys, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (rc >= (int)sizeof(struct kvm_run)) {
		k->run_size = (size_t)rc;
		rc = kvm_arch_vm_init(k, err);
	} else {
		rc = fail(err, MICROVM_EHYPERVISOR,
			  "KVM: a vCPU's page has %d bytes", rc);
	}
	if (rc)
		(void)close(k->fd); /* nothing was written to it */
	return rc;
}

int kvm_open(int *fd, struct hv_found *found, mv_error *err)
{
	static const struct kvm_need need[] = {
		{ KVM_CAP_USER_MEMORY, "memory of the user's" },
		{ KVM_CAP_IOEVENTFD, "doorbells" },
		{ KVM_CAP_IMMEDIATE_EXIT, "immediate exit" },
	};
	struct kvm_host host;
	int rc;

	kvm_host_look(&host);
	rc = kvm_host_explain(&host, found, err);
	if (rc)
		return rc;
	*fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return fail_os(err, MICROVM_EIO, errno, "/dev/kvm");
	rc = kvm_needs(*fd, need, LEN(need), err);
	if (!rc)
		rc = kvm_arch_check(*fd, err);
	if (rc)
		(void)close(*fd); /* nothing was written to it */
	return rc;
}

static int open_all(struct kvm_vm *k, mv_error *err)
{
	struct hv_found found = { 0 };
	int rc = kvm_open(&k->sys, &found, err);

	if (rc)
		return rc;
	k->poor = found.poor;
	rc = open_vm(k, err);
	if (rc)
		(void)close(k->sys); /* nothing was written to it */
	return rc;
}

int kvm_vm_init(struct hv_vm *vm, mv_error *err)
{
	struct kvm_vm *k = calloc(1, sizeof(*k));
	int rc;

	if (!k)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	k->hv = vm;
	rc = open_all(k, err);
	if (rc) {
		free(k);
		return rc;
	}
	vm->priv = k;
	return 0;
}

/* With the VM's descriptor goes all that hangs on it: slots, doorbells. */
void kvm_vm_fini(struct hv_vm *vm)
{
	struct kvm_vm *k = kvm_vm_of(vm);

	(void)close(k->fd); /* nothing was written to them */
	(void)close(k->sys);
	kvm_arch_vm_fini(k);
	free(k);
	vm->priv = NULL;
}

static int set_slot(struct kvm_vm *k, unsigned i, bool watched)
{
	const struct gmem_region *r = &k->slot[i].region;
	struct kvm_userspace_memory_region slot = {
		.slot = i,
		.flags = watched ? KVM_MEM_LOG_DIRTY_PAGES : 0,
		.guest_phys_addr = r->gpa,
		.memory_size = r->size,
	};

	memcpy(&slot.userspace_addr, &r->host, sizeof(r->host));
	if (kvm_call(k->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		return -1;
	k->slot[i].watched = watched;
	return 0;
}

static bool is_aligned(const struct gmem_region *r)
{
	uint64_t host = 0, page = mem_page_size();

	memcpy(&host, &r->host, sizeof(r->host));
	return r->size && !((r->gpa | r->size | host) & (page - 1));
}

int kvm_vm_map(struct hv_vm *vm, const struct gmem_region *r, mv_error *err)
{
	struct kvm_vm *k = kvm_vm_of(vm);

	if (k->slots == GMEM_MAX_REGIONS)
		return fail(err, MICROVM_ENOMEM,
			    "a VM has at most %d regions of memory",
			    GMEM_MAX_REGIONS);
	if (!is_aligned(r))
		return fail(err, MICROVM_EINVAL,
			    "memory at 0x%llx, 0x%llx bytes, is not whole "
			    "pages of this host",
			    (unsigned long long)r->gpa,
			    (unsigned long long)r->size);
	k->slot[k->slots].region = *r;
	if (set_slot(k, k->slots, false))
		return fail_os(err, MICROVM_EHYPERVISOR, errno,
			       "KVM: cannot map 0x%llx bytes at 0x%llx",
			       (unsigned long long)r->size,
			       (unsigned long long)r->gpa);
	k->slots++;
	return 0;
}

static struct kvm_bell *bell_at(struct kvm_vm *k, uint64_t gpa, unsigned size)
{
	unsigned i;

	for (i = 0; i < k->bells; i++) {
		if (k->bell[i].gpa == gpa && k->bell[i].size == size)
			return &k->bell[i];
	}
	return NULL;
}

static int tell_bell(struct kvm_vm *k, const struct kvm_bell *b, bool on)
{
	struct kvm_ioeventfd e = {
		.addr = b->gpa,
		.len = b->size,
		.fd = b->fd,
		.flags = on ? 0 : KVM_IOEVENTFD_FLAG_DEASSIGN,
	};

	return kvm_call(k->fd, KVM_IOEVENTFD, &e);
}

static int bell_on(struct kvm_vm *k, const struct kvm_bell *b, mv_error *err)
{
	if (k->bells == KVM_BELLS)
		return fail(err, MICROVM_ENOMEM,
			    "a VM has at most %d doorbells", KVM_BELLS);
	if (tell_bell(k, b, true))
		return fail_os(err, MICROVM_EHYPERVISOR, errno,
			       "KVM: cannot put a doorbell at 0x%llx",
			       (unsigned long long)b->gpa);
	k->bell[k->bells++] = *b;
	return 0;
}

static int bell_off(struct kvm_vm *k, struct kvm_bell *b, mv_error *err)
{
	if (tell_bell(k, b, false))
		return fail_os(err, MICROVM_EHYPERVISOR, errno,
			       "KVM: cannot take the doorbell at 0x%llx away",
			       (unsigned long long)b->gpa);
	*b = k->bell[--k->bells];
	return 0;
}

int kvm_vm_doorbell(struct hv_vm *vm, uint64_t gpa, unsigned size,
		    const struct doorbell *bell, mv_error *err)
{
	struct kvm_vm *k = kvm_vm_of(vm);
	struct kvm_bell *old = bell_at(k, gpa, size);

	if (!bell && !old)
		return 0;
	if (!bell)
		return bell_off(k, old, err);
	if (old)
		return fail(err, MICROVM_EBUSY,
			    "there is a doorbell at 0x%llx already",
			    (unsigned long long)gpa);
	return bell_on(k,
		       &(struct kvm_bell){
			       .gpa = gpa, .size = size, .fd = bell->fd[1] },
		       err);
}

/* Which slot has this region; k->slots: none. */
static unsigned slot_of(const struct kvm_vm *k, const struct gmem_region *r)
{
	unsigned i;

	for (i = 0; i < k->slots; i++) {
		if (k->slot[i].region.gpa == r->gpa &&
		    k->slot[i].region.size == r->size)
			break;
	}
	return i;
}

static int no_slot(const struct gmem_region *r, mv_error *err)
{
	return fail(err, MICROVM_EINVAL,
		    "no memory of 0x%llx bytes was mapped at 0x%llx",
		    (unsigned long long)r->size, (unsigned long long)r->gpa);
}

/* KVM's bits are for pages of the host, ours for those of the seam. */
enum { PAGE = 4096 };

int kvm_vm_watch(struct hv_vm *vm, const struct gmem_region *r, bool on,
		 mv_error *err)
{
	struct kvm_vm *k = kvm_vm_of(vm);
	unsigned i = slot_of(k, r);

	if (i == k->slots)
		return no_slot(r, err);
	if (mem_page_size() != PAGE)
		return fail(err, MICROVM_ENOTSUP,
			    "KVM: notes writes by pages of %zu bytes here, "
			    "not %d",
			    mem_page_size(), PAGE);
	if (k->slot[i].watched == on)
		return 0;
	if (set_slot(k, i, on))
		return kvm_refused(err, "cannot watch the guest's writes");
	return 0;
}

/* KVM writes whole words of 64 bits, as the seam has them. */
int kvm_vm_dirty(struct hv_vm *vm, const struct gmem_region *r, uint64_t *bits,
		 mv_error *err)
{
	struct kvm_vm *k = kvm_vm_of(vm);
	unsigned i = slot_of(k, r);
	struct kvm_dirty_log log = { .slot = i };

	if (i == k->slots)
		return no_slot(r, err);
	log.dirty_bitmap = bits;
	if (kvm_call(k->fd, KVM_GET_DIRTY_LOG, &log))
		return kvm_refused(err, "cannot tell what the guest wrote");
	return 0;
}
