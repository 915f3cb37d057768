/* SPDX-License-Identifier: MIT */
/* The library as its users see it: real guests, on whatever "auto" chooses. */
#include <limits.h>
#include <microvm.h>
#include <stdatomic.h>
#include <string.h>

#include "base/bytes.h"
#include "kernels.h"
#include "os/thread.h"

#include "../check.h"

struct seen {
	struct mutex mu;
	struct cond changed;
	unsigned readable, writable, exited;
	bool last_was_exit;
};

static void on_event(void *ctx, enum microvm_event e)
{
	struct seen *seen = ctx;

	mutex_lock(&seen->mu);
	seen->readable += e == MICROVM_EVENT_CONSOLE_READABLE;
	seen->writable += e == MICROVM_EVENT_CONSOLE_WRITABLE;
	seen->exited += e == MICROVM_EVENT_EXITED;
	seen->last_was_exit = e == MICROVM_EVENT_EXITED;
	cond_broadcast(&seen->changed);
	mutex_unlock(&seen->mu);
}

struct box {
	struct seen seen;
	microvm_vm *vm;
	char path[TEMP_PATH];
};

static void box_make(struct box *b, const struct kernel *k, unsigned cpus,
		     enum microvm_clock clock)
{
	microvm_config *c = microvm_config_new();
	microvm_error e = { 0 };

	*b = (struct box){ 0 };
	assert_int_equal(mutex_init(&b->seen.mu, NULL), 0);
	assert_int_equal(cond_init(&b->seen.changed, NULL), 0);
	temp_kernel(b->path, k);
	assert_non_null(c);
	assert_int_equal(microvm_config_set_kernel_path(c, b->path, NULL), 0);
	assert_int_equal(microvm_config_set_memory(c, 16 << 20, NULL), 0);
	assert_int_equal(microvm_config_set_cpus(c, cpus, NULL), 0);
	assert_int_equal(microvm_config_set_clock(c, clock, NULL), 0);
	assert_int_equal(microvm_config_enable_console(c, NULL), 0);
	assert_int_equal(microvm_config_set_events(c, on_event, &b->seen, NULL),
			 0);
	if (microvm_vm_create(c, &b->vm, &e))
		print_error("%s\n", e.msg);
	assert_non_null(b->vm);
	microvm_config_free(c);
}

static void box_start(struct box *b)
{
	assert_int_equal(microvm_vm_start(b->vm, NULL), 0);
}

static enum microvm_reason box_end(struct box *b)
{
	microvm_exit e = { 0 };

	assert_int_equal(microvm_vm_wait(b->vm, MICROVM_FOREVER, &e), 0);
	return e.reason;
}

static void box_free(struct box *b)
{
	microvm_vm_free(b->vm);
	assert_int_equal(b->seen.exited, 1);
	assert_true(b->seen.last_was_exit);
	cond_fini(&b->seen.changed);
	mutex_fini(&b->seen.mu);
	temp_remove(b->path);
}

static void test_a_dialogue_with_a_guest(void **s)
{
	enum microvm_clock clock;

	(void)s;
	for (clock = MICROVM_CLOCK_WALL; clock <= MICROVM_CLOCK_VIRTUAL;
	     clock++) {
		struct box b;
		char buf[16];

		box_make(&b, &kernel_echo, 1, clock);
		assert_int_equal(microvm_console_write(b.vm, "abcq", 4), 4);
		box_start(&b);
		assert_int_equal(box_end(&b), MICROVM_EXIT_POWEROFF);
		assert_int_equal(microvm_console_read(b.vm, buf, sizeof(buf)),
				 5);
		assert_memory_equal(buf, ">abcq", 5);
		box_free(&b);
	}
}

static void test_a_dialogue_while_it_runs(void **s)
{
	char buf[16];
	struct box b;

	(void)s;
	box_make(&b, &kernel_echo, 1, MICROVM_CLOCK_WALL);
	box_start(&b);
	mutex_lock(&b.seen.mu);
	while (!b.seen.readable)
		cond_wait(&b.seen.changed, &b.seen.mu);
	mutex_unlock(&b.seen.mu);
	assert_int_equal(microvm_console_read(b.vm, buf, sizeof(buf)), 1);
	assert_int_equal(buf[0], '>');
	assert_int_equal(microvm_console_write(b.vm, "q", 1), 1);
	assert_int_equal(box_end(&b), MICROVM_EXIT_POWEROFF);
	assert_int_equal(microvm_console_read(b.vm, buf, sizeof(buf)), 1);
	assert_int_equal(buf[0], 'q');
	box_free(&b);
}

/* More than both rings hold, read and written as the events say. */
static void test_much_goes_through_and_nothing_is_lost(void **s)
{
	enum { TOTAL = 300000 };
	static uint8_t in[TOTAL], out[TOTAL + 2];
	size_t wrote = 0, got = 0, i;
	struct box b;

	(void)s;
	for (i = 0; i < TOTAL; i++)
		in[i] = (uint8_t)('A' + i % 13);
	in[TOTAL - 1] = 'q';
	box_make(&b, &kernel_echo, 1, MICROVM_CLOCK_WALL);
	box_start(&b);
	while (got < TOTAL + 1) {
		unsigned readable, writable;
		size_t n, m;

		mutex_lock(&b.seen.mu);
		readable = b.seen.readable;
		writable = b.seen.writable;
		mutex_unlock(&b.seen.mu);
		n = microvm_console_write(b.vm, in + wrote, TOTAL - wrote);
		m = microvm_console_read(b.vm, out + got, sizeof(out) - got);
		wrote += n;
		got += m;
		if (n || m)
			continue;
		mutex_lock(&b.seen.mu);
		while (b.seen.readable == readable &&
		       b.seen.writable == writable && !b.seen.exited)
			cond_wait(&b.seen.changed, &b.seen.mu);
		mutex_unlock(&b.seen.mu);
	}
	assert_int_equal(box_end(&b), MICROVM_EXIT_POWEROFF);
	assert_int_equal(out[0], '>');
	assert_memory_equal(out + 1, in, TOTAL);
	assert_int_equal(microvm_console_read(b.vm, out, 1), 0);
	box_free(&b);
}

static void test_a_guest_nobody_listens_to_is_held_and_can_be_killed(void **s)
{
	static uint8_t buf[100000];
	microvm_stats st = { .size = sizeof(st) };
	struct box b;

	(void)s;
	box_make(&b, &kernel_shout, 1, MICROVM_CLOCK_WALL);
	box_start(&b);
	do /* until it is held */
		assert_int_equal(microvm_vm_stats(b.vm, &st), 0);
	while (st.exits[MICROVM_XK_MMIO] < 65537);
	assert_int_equal(microvm_vm_wait(b.vm, 0, NULL), -MICROVM_ETIMEDOUT);
	microvm_vm_kill(b.vm);
	assert_int_equal(box_end(&b), MICROVM_EXIT_KILLED);
	assert_int_equal(microvm_console_read(b.vm, buf, sizeof(buf)), 65536);
	box_free(&b);
}

static void test_an_idle_guest_sleeps_and_can_be_killed(void **s)
{
	microvm_stats st = { .size = sizeof(st) };
	uint64_t slices;
	struct box b;

	(void)s;
	box_make(&b, &kernel_sleep, 1, MICROVM_CLOCK_WALL);
	box_start(&b);
	do
		assert_int_equal(microvm_vm_stats(b.vm, &st), 0);
	while (!st.exits[MICROVM_XK_IDLE]);
	assert_int_equal(microvm_vm_wait(b.vm, 20, NULL), -MICROVM_ETIMEDOUT);
	slices = st.exits[MICROVM_XK_IDLE] + st.exits[MICROVM_XK_SLICE];
	assert_int_equal(microvm_vm_stats(b.vm, &st), 0);
	assert_int_equal(st.exits[MICROVM_XK_IDLE] + st.exits[MICROVM_XK_SLICE],
			 slices);
	microvm_vm_kill(b.vm);
	assert_int_equal(box_end(&b), MICROVM_EXIT_KILLED);
	box_free(&b);
}

static void test_a_second_cpu_works_along(void **s)
{
	struct box b;
	char c = 0;

	(void)s;
	box_make(&b, &kernel_smp, 2, MICROVM_CLOCK_VIRTUAL);
	box_start(&b);
	assert_int_equal(box_end(&b), MICROVM_EXIT_POWEROFF);
	assert_int_equal(microvm_console_read(b.vm, &c, 1), 1);
	assert_int_equal(c, '2');
	box_free(&b);
}

static void test_two_runs_on_virtual_time_are_equal(void **s)
{
	uint64_t insns[3] = { 0 };
	unsigned i;

	(void)s;
	for (i = 0; i < 3; i++) {
		microvm_stats st = { .size = sizeof(st) };
		struct box b;

		box_make(&b, &kernel_smp, 2, MICROVM_CLOCK_VIRTUAL);
		box_start(&b);
		assert_int_equal(box_end(&b), MICROVM_EXIT_POWEROFF);
		assert_int_equal(microvm_vm_stats(b.vm, &st), 0);
		insns[i] = st.insns;
		box_free(&b);
	}
	assert_int_not_equal(insns[0], 0);
	assert_int_equal(insns[0], insns[1]);
	assert_int_equal(insns[0], insns[2]);
}

static void test_machines_run_side_by_side(void **s)
{
	enum { MACHINES = 4 };
	struct box b[MACHINES];
	unsigned i;

	(void)s;
	for (i = 0; i < MACHINES; i++) {
		box_make(&b[i], &kernel_echo, 1, MICROVM_CLOCK_WALL);
		box_start(&b[i]);
	}
	for (i = 0; i < MACHINES; i++) {
		char word[2] = { (char)('a' + i), 'q' };

		assert_int_equal(microvm_console_write(b[i].vm, word, 2), 2);
	}
	for (i = 0; i < MACHINES; i++) {
		char buf[8];

		assert_int_equal(box_end(&b[i]), MICROVM_EXIT_POWEROFF);
		assert_int_equal(microvm_console_read(b[i].vm, buf, 8), 3);
		assert_int_equal(buf[1], 'a' + i);
		box_free(&b[i]);
	}
}

static void test_artifacts_are_what_the_guest_gets(void **s)
{
	const void *p = NULL;
	microvm_error e;
	size_t len = 0;
	struct box b;

	(void)s;
	box_make(&b, &kernel_echo, 1, MICROVM_CLOCK_WALL);
	assert_int_equal(
		microvm_vm_artifact(b.vm, MICROVM_ARTIFACT_DTB, &p, &len, NULL),
		0);
	assert_true(len > 64);
	assert_int_equal(be32(p), 0xd00dfeed); /* devicetree spec. 5.2 */
	assert_int_equal(microvm_vm_artifact(b.vm, (enum microvm_artifact)9, &p,
					     &len, &e),
			 -MICROVM_EINVAL);
	assert_string_equal(e.msg, "no artifact has number 9");
	assert_int_equal(
		microvm_vm_artifact(NULL, MICROVM_ARTIFACT_DTB, &p, &len, &e),
		-MICROVM_EINVAL);
	assert_string_equal(e.msg, "vm is NULL");
	assert_int_equal(
		microvm_vm_artifact(b.vm, MICROVM_ARTIFACT_DTB, NULL, &len, &e),
		-MICROVM_EINVAL);
	assert_string_equal(e.msg, "data is NULL");
	assert_int_equal(
		microvm_vm_artifact(b.vm, MICROVM_ARTIFACT_DTB, &p, NULL, &e),
		-MICROVM_EINVAL);
	assert_string_equal(e.msg, "len is NULL");
	box_free(&b);
}

static void test_stats_fill_no_more_than_the_caller_knows(void **s)
{
	/* A caller that was compiled when there was only the first member. */
	microvm_stats st;
	struct box b;

	(void)s;
	box_make(&b, &kernel_echo, 1, MICROVM_CLOCK_WALL);
	memset(&st, 0x55, sizeof(st));
	st.size = (uint32_t)offsetof(microvm_stats, mark_ns);
	assert_int_equal(microvm_vm_stats(b.vm, &st), 0);
	assert_int_equal(st.size, offsetof(microvm_stats, mark_ns));
	assert_int_equal(st.mark_ns[0], UINT64_C(0x5555555555555555));
	st.size = sizeof(st) + 100; /* and one from the future */
	assert_int_equal(microvm_vm_stats(b.vm, &st), 0);
	assert_int_equal(st.ram_bytes, 16 << 20);
	assert_int_not_equal(st.mark_ns[MICROVM_MARK_LOADED], 0);
	assert_int_equal(st.mark_ns[MICROVM_MARK_ENTERED], 0);
	st.size = 0;
	assert_int_equal(microvm_vm_stats(b.vm, &st), -MICROVM_EINVAL);
	assert_int_equal(microvm_vm_stats(b.vm, NULL), -MICROVM_EINVAL);
	assert_int_equal(microvm_vm_stats(NULL, &st), -MICROVM_EINVAL);
	box_free(&b);
}

static void test_null_handles_do_no_harm(void **s)
{
	microvm_error e;
	struct box b;
	char c;

	(void)s;
	microvm_vm_free(NULL);
	microvm_vm_kill(NULL);
	assert_int_equal(microvm_vm_start(NULL, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "vm is NULL");
	assert_int_equal(microvm_vm_wait(NULL, 0, NULL), -MICROVM_EINVAL);
	assert_int_equal(microvm_console_read(NULL, &c, 1), 0);
	assert_int_equal(microvm_console_write(NULL, &c, 1), 0);
	box_make(&b, &kernel_echo, 1, MICROVM_CLOCK_WALL);
	assert_int_equal(microvm_console_read(b.vm, NULL, 1), 0);
	assert_int_equal(microvm_console_write(b.vm, NULL, 1), 0);
	box_free(&b);
}

static void test_every_code_has_words(void **s)
{
	int code;

	(void)s;
	for (code = 0; code < MICROVM_ECODES; code++) {
		assert_int_not_equal(strlen(microvm_strerror(code)), 0);
		assert_ptr_equal(microvm_strerror(code),
				 microvm_strerror(-code));
	}
	assert_string_equal(microvm_strerror(-MICROVM_EINVAL),
			    "invalid argument");
	assert_string_equal(microvm_strerror(MICROVM_ECODES), "unknown error");
	assert_string_equal(microvm_strerror(INT_MIN), "unknown error");
	assert_string_equal(microvm_strerror(INT_MAX), "unknown error");
}

static void test_the_version_is_the_project_s(void **s)
{
	(void)s;
	assert_string_equal(microvm_version(), VERSION);
	assert_int_equal(microvm_abi(), MICROVM_ABI);
}

static void test_probing_tells_of_each_backend(void **s)
{
	microvm_report r = { .size = sizeof(r) };
	unsigned i, preferred = 0;

	(void)s;
	for (i = 0; !microvm_probe(i, &r); i++) {
		assert_non_null(r.name);
		preferred += r.preferred != 0;
		if (r.usable) {
			assert_int_not_equal(r.arches, 0);
			assert_int_not_equal(strlen(r.detail), 0);
			assert_int_equal(r.error.code, 0);
		} else {
			assert_int_equal(strlen(r.detail), 0);
			assert_int_not_equal(strlen(r.error.msg), 0);
		}
	}
	/* The last is soft, which works everywhere. */
	assert_true(i > 0);
	assert_string_equal(r.name, "soft");
	assert_true(r.usable);
	assert_int_equal(r.arches & 1, 1);
	assert_int_equal(preferred, 1);
	assert_int_equal(microvm_probe(i, &r), -MICROVM_EINVAL);
	assert_int_equal(microvm_probe(UINT_MAX, &r), -MICROVM_EINVAL);
	assert_int_equal(microvm_probe(0, NULL), -MICROVM_EINVAL);
	r.size = 0;
	assert_int_equal(microvm_probe(0, &r), -MICROVM_EINVAL);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_dialogue_with_a_guest),
		TEST(test_a_dialogue_while_it_runs),
		TEST(test_much_goes_through_and_nothing_is_lost),
		TEST(test_a_guest_nobody_listens_to_is_held_and_can_be_killed),
		TEST(test_an_idle_guest_sleeps_and_can_be_killed),
		TEST(test_a_second_cpu_works_along),
		TEST(test_two_runs_on_virtual_time_are_equal),
		TEST(test_machines_run_side_by_side),
		TEST(test_artifacts_are_what_the_guest_gets),
		TEST(test_stats_fill_no_more_than_the_caller_knows),
		TEST(test_null_handles_do_no_harm),
		TEST(test_every_code_has_words),
		TEST(test_the_version_is_the_project_s),
		TEST(test_probing_tells_of_each_backend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
