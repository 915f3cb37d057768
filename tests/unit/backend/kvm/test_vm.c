/* SPDX-License-Identifier: MIT */
/* A VM's memory, doorbells and descriptors. */
#include "rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend/kvm/sys.h"
#include "base/container.h"
#include "os/doorbell.h"
#include "os/mem.h"

#include "../../check.h"

/* A doorbell of four bytes; then one and four beside it. */
GUEST(64, ring,
      "mov $0xd0000050, %edi\nmov $7, %eax\n"
      "mov %eax, (%rdi)\nmov %al, (%rdi)\nmov %eax, 4(%rdi)\n" DONE);
GUEST(64, touch,
      "movb $1, 0x200000\nmovb $1, 0x203fff\nmovb $1, 0x2c7000\n"
      "mov 0x210000, %eax\n" DONE);

static unsigned open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	assert_int_equal(closedir(d), 0);
	return n;
}

static unsigned mappings_of_kvm(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned n = 0;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "kvm-vcpu"))
			n++;
	}
	assert_int_equal(fclose(f), 0);
	return n;
}

static void test_a_vm_leaves_nothing_open_and_nothing_mapped(void **s)
{
	unsigned before = open_fds();
	struct rig r;

	(void)s;
	rig_make(&r, 1);
	assert_true(open_fds() >= before + 3);
	assert_int_equal(mappings_of_kvm(), 1);
	rig_unmake(&r);
	assert_int_equal(open_fds(), before);
	assert_int_equal(mappings_of_kvm(), 0);
}

static void test_a_hundred_vms_come_and_go(void **s)
{
	unsigned before = open_fds(), i;
	struct rig r;

	(void)s;
	for (i = 0; i < 100; i++) {
		rig_make(&r, 1);
		rig_load(&r, touch, touch_end, 0);
		rig_finish(&r);
		rig_unmake(&r);
	}
	assert_int_equal(open_fds(), before);
}

static void test_memory_that_is_not_whole_pages_is_refused(void **s)
{
	struct gmem_region row[3];
	struct rig r;
	mv_error e;
	size_t i;

	(void)s;
	rig_make(&r, 1);
	for (i = 0; i < LEN(row); i++)
		row[i] = (struct gmem_region){ 0x10000000, 0x1000, r.ram };
	row[0].gpa += 0x800;
	row[1].size -= 1;
	row[2].host += 16;
	for (i = 0; i < LEN(row); i++) {
		assert_int_equal(hv_kvm.map(&r.vm, &row[i], &e),
				 -MICROVM_EINVAL);
		assert_non_null(strstr(e.msg, "whole pages"));
	}
	rig_unmake(&r);
}

static void test_memory_over_memory_is_refused_by_name(void **s)
{
	struct rig r;
	struct gmem_region again;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	again = r.mem.region[0];
	again.size /= 2;
	assert_int_equal(hv_kvm.map(&r.vm, &again, &e), -MICROVM_EHYPERVISOR);
	assert_non_null(strstr(e.msg, "cannot map 0x200000 bytes at 0x0"));
	rig_unmake(&r);
}

static void test_more_regions_than_a_vm_has_are_refused(void **s)
{
	struct rig r;
	unsigned i;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	for (i = 1; i <= GMEM_MAX_REGIONS; i++) {
		struct gmem_region more = { i * UINT64_C(0x10000000), 0x1000,
					    r.ram };
		int rc = hv_kvm.map(&r.vm, &more, &e);

		assert_int_equal(rc,
				 i < GMEM_MAX_REGIONS ? 0 : -MICROVM_ENOMEM);
	}
	rig_unmake(&r);
}

static struct doorbell bell_of(int fd)
{
	return (struct doorbell){ .fd = { fd, fd } };
}

static unsigned rings(int fd)
{
	eventfd_t n = 0;

	return eventfd_read(fd, &n) ? 0 : (unsigned)n;
}

static void test_a_doorbell_rings_and_is_no_access(void **s)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct doorbell bell = bell_of(fd);
	struct rig r;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050, 4, &bell, &e), 0);
	assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050, 4, &bell, &e),
			 -MICROVM_EBUSY);
	rig_load(&r, ring, ring_end, 0);
	rig_finish(&r);
	assert_int_equal(rings(fd), 1);
	assert_int_equal(r.accesses, 3); /* of another size; beside it; done */
	assert_int_equal(r.log[0].size, 1);
	assert_int_equal(r.log[1].addr, 0xd0000054);

	/* taken away, it is an access again */
	assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050, 4, NULL, &e), 0);
	assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050, 4, NULL, &e), 0);
	rig_load(&r, ring, ring_end, 0);
	rig_finish(&r);
	assert_int_equal(rings(fd), 0);
	assert_int_equal(r.accesses, 7);
	rig_unmake(&r);
	(void)close(fd);
}

static void test_doorbells_are_told_apart(void **s)
{
	struct rig r;
	mv_error e;
	int fd[4];
	size_t i;

	(void)s;
	rig_make(&r, 1);
	for (i = 0; i < LEN(fd); i++) {
		struct doorbell bell;

		fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		bell = bell_of(fd[i]);
		assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050 + 4 * i, 4,
						 &bell, &e),
				 0);
	}
	assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050, 4, NULL, &e), 0);
	rig_load(&r, ring, ring_end, 0);
	rig_finish(&r);
	for (i = 0; i < LEN(fd); i++) {
		assert_int_equal(rings(fd[i]), i == 1);
		(void)close(fd[i]);
	}
	rig_unmake(&r);
}

static void test_a_doorbell_that_is_no_eventfd_is_refused(void **s)
{
	struct doorbell bell = bell_of(0);
	struct rig r;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	assert_int_equal(hv_kvm.doorbell(&r.vm, 0xd0000050, 4, &bell, &e),
			 -MICROVM_EHYPERVISOR);
	assert_non_null(strstr(e.msg, "0xd0000050"));
	rig_unmake(&r);
}

enum { PAGES = RIG_RAM / 4096, WORDS = PAGES / 64 };

static bool is_dirty(const uint64_t *bits, uint64_t gpa)
{
	return bits[gpa / 4096 / 64] >> gpa / 4096 % 64 & 1;
}

/* Below RIG_DATA are the page tables, where a CPU notes what it has used. */
static unsigned dirty_pages(const uint64_t *bits)
{
	unsigned n = 0, i;

	for (i = RIG_DATA / 4096; i < PAGES; i++)
		n += is_dirty(bits, i * UINT64_C(4096));
	return n;
}

static void test_the_dirty_log_names_the_pages_written(void **s)
{
	uint64_t bits[WORDS];
	struct rig r;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	assert_int_equal(hv_kvm.watch(&r.vm, &r.mem.region[0], true, &e), 0);
	assert_int_equal(hv_kvm.dirty(&r.vm, &r.mem.region[0], bits, &e), 0);
	rig_load(&r, touch, touch_end, 0);
	rig_finish(&r);
	memset(bits, 0xff, sizeof(bits));
	assert_int_equal(hv_kvm.dirty(&r.vm, &r.mem.region[0], bits, &e), 0);
	assert_true(is_dirty(bits, 0x200000));
	assert_true(is_dirty(bits, 0x203000));
	assert_true(is_dirty(bits, 0x2c7000));
	/* What was only read may be in it: KVM made it ready for writes. */
	assert_in_range(dirty_pages(bits), 3, 4);
	assert_false(is_dirty(bits, 0x202000));
	assert_int_equal(hv_kvm.dirty(&r.vm, &r.mem.region[0], bits, &e), 0);
	assert_int_equal(dirty_pages(bits), 0); /* since the last look */
	rig_unmake(&r);
}

static void test_what_is_not_watched_has_no_log(void **s)
{
	uint64_t bits[WORDS];
	struct gmem_region other;
	struct rig r;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	other = r.mem.region[0];
	other.gpa += 4096;
	assert_int_equal(hv_kvm.watch(&r.vm, &other, true, &e),
			 -MICROVM_EINVAL);
	assert_int_equal(hv_kvm.dirty(&r.vm, &other, bits, &e),
			 -MICROVM_EINVAL);
	assert_int_equal(hv_kvm.dirty(&r.vm, &r.mem.region[0], bits, &e),
			 -MICROVM_EHYPERVISOR);
	assert_int_equal(hv_kvm.watch(&r.vm, &r.mem.region[0], true, &e), 0);
	assert_int_equal(hv_kvm.watch(&r.vm, &r.mem.region[0], true, &e), 0);
	assert_int_equal(hv_kvm.watch(&r.vm, &r.mem.region[0], false, &e), 0);
	assert_int_equal(hv_kvm.dirty(&r.vm, &r.mem.region[0], bits, &e),
			 -MICROVM_EHYPERVISOR);
	rig_unmake(&r);
}

static void test_a_capability_that_is_missing_is_named(void **s)
{
	static const struct kvm_need need[] = {
		{ KVM_CAP_USER_MEMORY, "memory" },
		{ 99999, "telepathy" },
	};
	mv_error e;
	int fd;

	(void)s;
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	assert_int_equal(kvm_needs(fd, need, 1, &e), 0);
	assert_int_equal(kvm_needs(fd, need, 2, &e), -MICROVM_ENOTSUP);
	assert_non_null(strstr(e.msg, "telepathy (capability 99999)"));
	assert_non_null(strstr(e.hint, "kernel"));
	assert_int_equal(close(fd), 0);
}

static void test_a_second_vcpu_of_one_number_is_refused(void **s)
{
	unsigned before = open_fds();
	struct hv_vcpu twin;
	struct rig r;
	mv_error e;

	(void)s;
	rig_make(&r, 1);
	twin = (struct hv_vcpu){ .vm = &r.vm };
	assert_int_equal(hv_kvm.vcpu_init(&twin, &e), -MICROVM_EHYPERVISOR);
	assert_non_null(strstr(e.msg, "cannot make a vCPU"));
	rig_load(&r, touch, touch_end, 0);
	rig_finish(&r); /* the first is as it was */
	rig_unmake(&r);
	assert_int_equal(open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_vm_leaves_nothing_open_and_nothing_mapped),
		cmocka_unit_test(test_a_hundred_vms_come_and_go),
		cmocka_unit_test(
			test_memory_that_is_not_whole_pages_is_refused),
		cmocka_unit_test(test_memory_over_memory_is_refused_by_name),
		cmocka_unit_test(test_more_regions_than_a_vm_has_are_refused),
		cmocka_unit_test(test_a_doorbell_rings_and_is_no_access),
		cmocka_unit_test(test_doorbells_are_told_apart),
		cmocka_unit_test(test_a_doorbell_that_is_no_eventfd_is_refused),
		cmocka_unit_test(test_the_dirty_log_names_the_pages_written),
		cmocka_unit_test(test_what_is_not_watched_has_no_log),
		cmocka_unit_test(test_a_capability_that_is_missing_is_named),
		cmocka_unit_test(test_a_second_vcpu_of_one_number_is_refused),
	};
	int missing = rig_missing();

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
