/* SPDX-License-Identifier: MIT */
/*
 * What KVM and the system give a VM is refused, each call once, and also each
 * with all after it: the error tells the cause, and nothing is left.  The
 * linker puts the functions below in front of the real ones (--wrap).
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <linux/kvm.h>
#include <microvm.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../api/kernels.h"
#include "../check.h"

enum {
	RAM = 16 << 20,
	CPUS = 2,
	WAIT_MS = 20000, /* only a failing test waits that long */
	SKIPPED = 77,    /* what meson takes for that */
};

/* Call number `at` is refused, and with `all` those after it. */
static struct {
	atomic_bool armed;
	atomic_uint seen;
	unsigned at;
	bool all;
} fuse;

/* Another hypervisor holds the CPU, which a VM of KVM is the first to see. */
static atomic_bool taken;

/* Pages that our own code has mapped and not unmapped. */
static atomic_long mapped;

static long pages(size_t n)
{
	long page = sysconf(_SC_PAGESIZE);

	return ((long)n + page - 1) / page;
}

static bool blown(void)
{
	unsigned n;

	if (!atomic_load(&fuse.armed))
		return false;
	n = atomic_fetch_add(&fuse.seen, 1);
	if (n < fuse.at || (n > fuse.at && !fuse.all))
		return false;
	errno = ENOMEM;
	return true;
}

static void arm(unsigned at, bool all)
{
	atomic_store(&fuse.seen, 0);
	fuse.at = at;
	fuse.all = all;
	atomic_store(&fuse.armed, true);
}

/* Was anything refused? */
static bool disarm(void)
{
	atomic_store(&fuse.armed, false);
	return atomic_load(&fuse.seen) > fuse.at;
}

/* ---- in front of the real ones: 64 is the size of off_t ---------------- */

int __real_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == KVM_CREATE_VM && atomic_load(&taken)) {
		errno = EBUSY;
		return -1;
	}
	return blown() ? -1 : __real_ioctl(fd, request, arg);
}

int __real_open64(const char *path, int flags, mode_t mode);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
	return blown() ? -1 : __real_open64(path, flags, 0); /* none is made */
}

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode)
{
	return blown() ? NULL : __real_fopen64(path, mode);
}

int __real_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int flags)
{
	return blown() ? -1 : __real_eventfd(count, flags);
}

void *__real_mmap64(void *p, size_t n, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *p, size_t n, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *p, size_t n, int prot, int flags, int fd, off_t off)
{
	void *got = blown() ? MAP_FAILED
			    : __real_mmap64(p, n, prot, flags, fd, off);

	if (got != MAP_FAILED && !(flags & MAP_FIXED))
		atomic_fetch_add(&mapped, pages(n));
	return got;
}

int __real_munmap(void *p, size_t n);
int __wrap_munmap(void *p, size_t n);
int __wrap_munmap(void *p, size_t n)
{
	atomic_fetch_sub(&mapped, pages(n));
	return __real_munmap(p, n);
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	return blown() ? NULL : __real_malloc(n);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return blown() ? NULL : __real_calloc(n, size);
}

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n)
{
	return blown() ? NULL : __real_realloc(p, n);
}

/* ---- a guest that switches itself off --------------------------------- */

struct image {
	Elf64_Ehdr head;
	Elf64_Phdr load;
	uint8_t code[16];
};

enum { CODE_GPA = 0x100000 };

#if defined(__x86_64__)
static void write_guest(char path[static TEMP_PATH])
{
	const struct image image = {
		.head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				       ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT,
			  .e_entry = CODE_GPA,
			  .e_phoff = offsetof(struct image, load),
			  .e_ehsize = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.load = { .p_type = PT_LOAD,
			  .p_flags = PF_R | PF_X,
			  .p_offset = offsetof(struct image, code),
			  .p_vaddr = CODE_GPA,
			  .p_paddr = CODE_GPA,
			  .p_filesz = sizeof(image.code),
			  .p_memsz = sizeof(image.code) },
		/* out 0x34 to the sleep control register; hlt; jmp */
		.code = { 0xb0, 0x34, 0x66, 0xba, 0x00, 0x06, 0xee, 0xf4, 0xeb,
			  0xfd },
	};

	temp_file(path, &image, sizeof(image));
}
#else
static void write_guest(char path[static TEMP_PATH])
{
	static const uint32_t off[] = {
		0x52800100, /* mov  w0, #0x8           SYSTEM_OFF */
		0x72b08000, /* movk w0, #0x8400, lsl #16 */
		0xd4000002, /* hvc  #0 */
		0x14000000, /* b    . */
	};
	const struct kernel kernel = { off, sizeof(off) / sizeof(off[0]) };

	temp_kernel(path, &kernel);
}
#endif

static char guest[TEMP_PATH];

static int make_config(void **state)
{
	microvm_config *cfg = microvm_config_new();

	assert_non_null(cfg);
	write_guest(guest);
	assert_int_equal(microvm_config_set_backend(cfg, "kvm", NULL), 0);
	assert_int_equal(microvm_config_set_cpus(cfg, CPUS, NULL), 0);
	assert_int_equal(microvm_config_set_memory(cfg, RAM, NULL), 0);
	assert_int_equal(microvm_config_set_kernel_path(cfg, guest, NULL), 0);
	assert_int_equal(microvm_config_enable_console(cfg, NULL), 0);
	*state = cfg;
	return 0;
}

static int free_config(void **state)
{
	microvm_config_free(*state);
	temp_remove(guest);
	return 0;
}

/* ---- what is held ----------------------------------------------------- */

struct held {
	unsigned threads, files;
	long mapped;
};

static unsigned entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

static struct held held(void)
{
	return (struct held){
		.threads = entries("/proc/self/task"),
		.files = entries("/proc/self/fd"),
		.mapped = atomic_load(&mapped),
	};
}

/* A thread that was joined is listed for some moments more; before, too. */
static void assert_held(const struct held *before)
{
	time_t end = time(NULL) + WAIT_MS / 1000;
	struct held now;

	do
		now = held();
	while (now.threads > before->threads && time(NULL) < end);
	assert_in_range(now.threads, 1, before->threads);
	assert_int_equal(now.files, before->files);
	assert_int_equal(now.mapped, before->mapped);
}

/* ---- tests ------------------------------------------------------------ */

static void assert_told(int rc, const microvm_error *e)
{
	assert_in_range(-rc, MICROVM_OK + 1, MICROVM_ECODES - 1);
	assert_int_equal(rc, -e->code);
	assert_int_not_equal(strlen(e->msg), 0);
}

/*
 * Once through all that is asked for; how much that was.  Some of it may be
 * missing: then the VM comes without.
 */
static unsigned refuse_each(const microvm_config *cfg, bool all)
{
	unsigned at = 0, failures = 0;
	bool refused;

	do {
		struct held before = held();
		microvm_error e = { 0 };
		microvm_vm *vm;
		int rc;

		arm(at++, all);
		rc = microvm_vm_create(cfg, &vm, &e);
		refused = disarm();
		if (rc) {
			assert_true(refused);
			assert_null(vm);
			assert_told(rc, &e);
			failures++;
		}
		microvm_vm_free(vm);
		assert_held(&before);
	} while (refused);
	print_message("%u calls, %u of them needed\n", at - 1, failures);
	return failures;
}

static void test_every_refusal_is_told_and_leaves_nothing(void **state)
{
	assert_true(refuse_each(*state, false) > 50);
}

static void test_so_it_is_when_nothing_works_any_more(void **state)
{
	assert_true(refuse_each(*state, true) > 50);
}

/* Never the guest's end, but FAILED with its cause; false: not at all. */
static bool ends_well(microvm_vm *vm)
{
	microvm_exit end = { 0 };

	assert_int_equal(microvm_vm_wait(vm, WAIT_MS, &end), 0);
	if (end.reason == MICROVM_EXIT_POWEROFF)
		return true;
	assert_int_equal(end.reason, MICROVM_EXIT_FAILED);
	assert_told(-end.error.code, &end.error);
	return false;
}

static unsigned refuse_each_of_a_run(const microvm_config *cfg, bool all)
{
	unsigned at = 0, failures = 0;
	bool refused;

	do {
		struct held before = held();
		microvm_error e = { 0 };
		microvm_vm *vm;
		int rc;

		assert_int_equal(microvm_vm_create(cfg, &vm, &e), 0);
		arm(at++, all);
		rc = microvm_vm_start(vm, &e);
		if (rc)
			assert_told(rc, &e);
		if (rc || !ends_well(vm))
			failures++;
		refused = disarm();
		microvm_vm_free(vm);
		assert_held(&before);
	} while (refused);
	print_message("%u calls, %u of them needed\n", at - 1, failures);
	return failures;
}

static void test_a_refusal_while_it_runs_ends_it_with_its_cause(void **state)
{
	assert_true(refuse_each_of_a_run(*state, false) > 0);
	assert_true(refuse_each_of_a_run(*state, true) > 0);
}

static void test_a_probe_that_is_refused_says_why(void **state)
{
	microvm_report r = { .size = sizeof(r) };
	bool refused, all = false;
	unsigned at, i = 0;

	(void)state;
	while (!microvm_probe(i, &r) && strcmp(r.name, "kvm") != 0)
		i++;
	assert_true(r.usable);
	do {
		at = 0;
		do {
			struct held before = held();

			arm(at++, all);
			assert_int_equal(microvm_probe(i, &r), 0);
			refused = disarm();
			if (!r.usable)
				assert_told(-r.error.code, &r.error);
			assert_held(&before);
		} while (refused);
		assert_true(at > 10);
		all = !all;
	} while (all);
}

static void test_another_hypervisor_on_the_cpu_is_named(void **state)
{
	struct held before = held();
	microvm_error e = { 0 };
	microvm_vm *vm;

	atomic_store(&taken, true);
	assert_int_equal(microvm_vm_create(*state, &vm, &e), -MICROVM_EBUSY);
	atomic_store(&taken, false);
	assert_null(vm);
	assert_int_equal(e.os, EBUSY);
	assert_non_null(strstr(e.hint, "the other hypervisor"));
	assert_held(&before);
}

/* A first VM of all; what libuv keeps for the process is no leak. */
static bool works(void)
{
	microvm_report r = { .size = sizeof(r) };
	unsigned i;

	for (i = 0; !microvm_probe(i, &r); i++) {
		if (strcmp(r.name, "kvm") != 0)
			continue;
		if (!r.usable)
			(void)printf("skipped: no usable KVM here: %s\n",
				     r.error.msg);
		return r.usable;
	}
	(void)printf("skipped: there is no KVM in this build\n");
	return false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_refusal_is_told_and_leaves_nothing),
		cmocka_unit_test(test_so_it_is_when_nothing_works_any_more),
		cmocka_unit_test(
			test_a_refusal_while_it_runs_ends_it_with_its_cause),
		cmocka_unit_test(test_a_probe_that_is_refused_says_why),
		cmocka_unit_test(test_another_hypervisor_on_the_cpu_is_named),
	};

	if (!works())
		return SKIPPED;
	return cmocka_run_group_tests(tests, make_config, free_config);
}
