/* SPDX-License-Identifier: MIT */
#include "api/config.h"

#include <string.h>

#include "../check.h"

/* The last call failed with this code, and a message that has this in it. */
static void failed(int rc, int code, const microvm_error *e, const char *msg)
{
	assert_int_equal(rc, -code);
	assert_int_equal(e->code, code);
	if (!strstr(e->msg, msg))
		print_error("message: %s\n", e->msg);
	assert_non_null(strstr(e->msg, msg));
}

static void test_a_new_machine_is_as_documented(void **s)
{
	microvm_config *c = microvm_config_new();

	(void)s;
	assert_int_equal(c->cpus, 1);
	assert_int_equal(c->ram, 512 * CONFIG_MIB);
	assert_null(c->backend);
	assert_false(c->has_arch);
	assert_false(c->console);
	assert_false(c->virtual_time);
	microvm_config_free(c);
	microvm_config_free(NULL);
}

static void test_numbers_out_of_range_are_refused(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	failed(microvm_config_set_cpus(c, 0, &e), MICROVM_EINVAL, &e, "0 CPUs");
	assert_string_equal(e.hint, "give it 1 to 4");
	failed(microvm_config_set_cpus(c, 5, &e), MICROVM_EINVAL, &e, "5 CPUs");
	assert_int_equal(microvm_config_set_cpus(c, 4, &e), 0);
	assert_int_equal(c->cpus, 4);

	failed(microvm_config_set_memory(c, 15 * CONFIG_MIB, &e),
	       MICROVM_EINVAL, &e, "15 MiB of memory");
	assert_non_null(strstr(e.hint, "16 to 65536 MiB"));
	failed(microvm_config_set_memory(c, CONFIG_RAM_MAX + CONFIG_MIB, &e),
	       MICROVM_EINVAL, &e, "65537 MiB");
	failed(microvm_config_set_memory(c, 16 * CONFIG_MIB + 1, &e),
	       MICROVM_EINVAL, &e, "not whole MiB");
	failed(microvm_config_set_memory(c, UINT64_MAX, &e), MICROVM_EINVAL, &e,
	       "not whole MiB");
	failed(microvm_config_set_memory(c, 0, &e), MICROVM_EINVAL, &e,
	       "0 MiB");
	assert_int_equal(microvm_config_set_memory(c, 16 * CONFIG_MIB, &e), 0);
	assert_int_equal(c->ram, 16 * CONFIG_MIB);

	failed(microvm_config_set_arch(c, (enum microvm_arch)7, &e),
	       MICROVM_EINVAL, &e, "architecture has number 7");
	failed(microvm_config_set_clock(c, (enum microvm_clock)7, &e),
	       MICROVM_EINVAL, &e, "clock has number 7");
	microvm_config_free(c);
}

static void test_backends_are_known_by_name(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_set_backend(c, "soft", &e), 0);
	assert_string_equal(c->backend->name, "soft");
	failed(microvm_config_set_backend(c, "magic", &e), MICROVM_ENOTSUP, &e,
	       "no backend 'magic' in this build");
	assert_non_null(strstr(e.hint, "auto, "));
	assert_non_null(strstr(e.hint, "soft"));
	assert_string_equal(c->backend->name, "soft"); /* as it was */
	assert_int_equal(microvm_config_set_backend(c, "auto", &e), 0);
	assert_null(c->backend);
	microvm_config_free(c);
}

static void test_paths_are_copied(void **s)
{
	microvm_config *c = microvm_config_new();
	char path[] = "first";
	microvm_error e;
	unsigned i;

	(void)s;
	assert_int_equal(microvm_config_set_kernel_path(c, "other", &e), 0);
	assert_int_equal(microvm_config_set_kernel_path(c, path, &e), 0);
	assert_int_equal(microvm_config_add_initrd_path(c, path, &e), 0);
	memset(path, 'x', 5);
	assert_string_equal(c->kernel, "first");
	assert_string_equal(c->initrd[0], "first");
	failed(microvm_config_set_kernel_path(c, "", &e), MICROVM_EINVAL, &e,
	       "kernel path is empty");
	failed(microvm_config_add_initrd_path(c, "", &e), MICROVM_EINVAL, &e,
	       "initrd path is empty");
	assert_string_equal(c->kernel, "first");
	for (i = 1; i < CONFIG_INITRDS_MAX; i++)
		assert_int_equal(microvm_config_add_initrd_path(c, "a", &e), 0);
	failed(microvm_config_add_initrd_path(c, "a", &e), MICROVM_ENOMEM, &e,
	       "more than 16 initrds");
	microvm_config_free(c);
}

static void test_files_are_copied_and_checked(void **s)
{
	microvm_config *c = microvm_config_new();
	char data[] = "content";
	microvm_error e;

	(void)s;
	assert_int_equal(
		microvm_config_add_file(c, "/etc/a", 0600, data, 7, &e), 0);
	assert_int_equal(microvm_config_add_file(c, "/b", 07777, NULL, 0, &e),
			 0);
	memset(data, 'x', 7);
	assert_int_equal(c->files, 2);
	assert_string_equal(c->file[0].path, "/etc/a");
	assert_memory_equal(c->file[0].data, "content", 7);
	assert_int_equal(c->file[0].mode, 0600);
	assert_int_equal(c->file[1].len, 0);
	failed(microvm_config_add_file(c, "etc/a", 0, data, 7, &e),
	       MICROVM_EINVAL, &e, "not a path from the guest's root");
	failed(microvm_config_add_file(c, "/", 0, data, 7, &e), MICROVM_EINVAL,
	       &e, "not a path");
	failed(microvm_config_add_file(c, "/a", 010000, data, 7, &e),
	       MICROVM_EINVAL, &e, "more than permission bits");
	failed(microvm_config_add_file(c, "/a", 0, NULL, 7, &e), MICROVM_EINVAL,
	       &e, "file content is NULL");
	failed(microvm_config_add_file(c, "/a", 0, data, SIZE_MAX, &e),
	       MICROVM_ENOMEM, &e, "no memory");
	assert_int_equal(c->files, 2);
	microvm_config_free(c);
}

static void test_a_command_line_is_replaced_or_grows(void **s)
{
	microvm_config *c = microvm_config_new();
	static char longest[CMDLINE_MAX + 2];
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_append_cmdline(c, "one", &e), 0);
	assert_int_equal(microvm_config_append_cmdline(c, "two", &e), 0);
	assert_string_equal(c->more.text, "one two");
	assert_false(c->has_base);
	assert_int_equal(microvm_config_set_cmdline(c, "", &e), 0);
	assert_true(c->has_base);
	failed(microvm_config_set_cmdline(c, "a\nb", &e), MICROVM_EINVAL, &e,
	       "control character");
	memset(longest, 'x', CMDLINE_MAX + 1);
	failed(microvm_config_set_cmdline(c, longest, &e), MICROVM_EINVAL, &e,
	       "2048 bytes");
	failed(microvm_config_append_cmdline(c, longest, &e), MICROVM_EINVAL,
	       &e, "bytes");
	assert_string_equal(c->more.text, "one two");
	assert_string_equal(c->base.text, "");
	microvm_config_free(c);
}

static void on_event(void *ctx, enum microvm_event e)
{
	(void)ctx;
	(void)e;
}

static void test_the_rest_is_remembered(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_set_arch(c, MICROVM_ARCH_X86_64, &e),
			 0);
	assert_int_equal(c->arch, ARCH_X86_64);
	assert_true(c->has_arch);
	assert_int_equal(microvm_config_set_clock(c, MICROVM_CLOCK_VIRTUAL, &e),
			 0);
	assert_true(c->virtual_time);
	assert_int_equal(microvm_config_enable_console(c, &e), 0);
	assert_true(c->console);
	assert_int_equal(microvm_config_set_events(c, on_event, c, &e), 0);
	assert_ptr_equal(c->event_ctx, c);
	microvm_config_free(c);
}

static void test_null_is_refused_everywhere(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	failed(microvm_config_set_arch(NULL, MICROVM_ARCH_ARM64, &e),
	       MICROVM_EINVAL, &e, "config is NULL");
	failed(microvm_config_set_backend(NULL, "soft", &e), MICROVM_EINVAL, &e,
	       "config is NULL");
	failed(microvm_config_set_backend(c, NULL, &e), MICROVM_EINVAL, &e,
	       "backend name is NULL");
	failed(microvm_config_set_cpus(NULL, 1, &e), MICROVM_EINVAL, &e,
	       "config is NULL");
	failed(microvm_config_set_memory(NULL, 16 * CONFIG_MIB, &e),
	       MICROVM_EINVAL, &e, "config is NULL");
	failed(microvm_config_set_kernel_path(NULL, "k", &e), MICROVM_EINVAL,
	       &e, "config is NULL");
	failed(microvm_config_set_kernel_path(c, NULL, &e), MICROVM_EINVAL, &e,
	       "kernel path is NULL");
	failed(microvm_config_add_initrd_path(NULL, "i", &e), MICROVM_EINVAL,
	       &e, "config is NULL");
	failed(microvm_config_add_initrd_path(c, NULL, &e), MICROVM_EINVAL, &e,
	       "initrd path is NULL");
	failed(microvm_config_add_file(NULL, "/f", 0, "", 0, &e),
	       MICROVM_EINVAL, &e, "config is NULL");
	failed(microvm_config_add_file(c, NULL, 0, "", 0, &e), MICROVM_EINVAL,
	       &e, "guest path is NULL");
	failed(microvm_config_set_cmdline(NULL, "", &e), MICROVM_EINVAL, &e,
	       "config is NULL");
	failed(microvm_config_set_cmdline(c, NULL, &e), MICROVM_EINVAL, &e,
	       "command line is NULL");
	failed(microvm_config_append_cmdline(NULL, "", &e), MICROVM_EINVAL, &e,
	       "config is NULL");
	failed(microvm_config_append_cmdline(c, NULL, &e), MICROVM_EINVAL, &e,
	       "command line is NULL");
	failed(microvm_config_set_clock(NULL, MICROVM_CLOCK_WALL, &e),
	       MICROVM_EINVAL, &e, "config is NULL");
	failed(microvm_config_enable_console(NULL, &e), MICROVM_EINVAL, &e,
	       "config is NULL");
	failed(microvm_config_set_events(NULL, on_event, NULL, &e),
	       MICROVM_EINVAL, &e, "config is NULL");
	assert_int_equal(microvm_config_set_cpus(c, 9, NULL),
			 -MICROVM_EINVAL); /* an error may be NULL */
	microvm_config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_machine_is_as_documented),
		cmocka_unit_test(test_numbers_out_of_range_are_refused),
		cmocka_unit_test(test_backends_are_known_by_name),
		cmocka_unit_test(test_paths_are_copied),
		cmocka_unit_test(test_files_are_copied_and_checked),
		cmocka_unit_test(test_a_command_line_is_replaced_or_grows),
		cmocka_unit_test(test_the_rest_is_remembered),
		cmocka_unit_test(test_null_is_refused_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
