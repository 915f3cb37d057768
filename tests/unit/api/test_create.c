/* SPDX-License-Identifier: MIT */
#include <microvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/container.h"
#include "boot/cmdline.h"
#include "kernels.h"
#include "vm/vm.h"

#include "../check.h"

static char echo[TEMP_PATH];

static int setup(void **s)
{
	(void)s;
	temp_kernel(echo, &kernel_echo);
	return 0;
}

static int teardown(void **s)
{
	(void)s;
	temp_remove(echo);
	return 0;
}

static microvm_config *config(const char *kernel)
{
	microvm_config *c = microvm_config_new();

	assert_non_null(c);
	if (kernel)
		assert_int_equal(
			microvm_config_set_kernel_path(c, kernel, NULL), 0);
	return c;
}

static void refused(microvm_config *c, int code, const char *msg)
{
	microvm_vm *vm = (microvm_vm *)c;
	microvm_error e = { 0 };

	assert_int_equal(microvm_vm_create(c, &vm, &e), -code);
	assert_null(vm);
	assert_int_equal(e.code, code);
	if (!strstr(e.msg, msg))
		print_error("message: %s\n", e.msg);
	assert_non_null(strstr(e.msg, msg));
	microvm_config_free(c);
}

static void test_arguments_are_checked(void **s)
{
	microvm_config *c = config(echo);
	microvm_vm *vm = (microvm_vm *)c;
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_vm_create(c, NULL, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "vm is NULL");
	assert_int_equal(microvm_vm_create(NULL, &vm, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "config is NULL");
	assert_null(vm);
	microvm_config_free(c);
}

static void test_a_kernel_is_needed(void **s)
{
	(void)s;
	refused(config(NULL), MICROVM_EINVAL, "no kernel was given");
}

static void test_what_is_wrong_with_a_file_is_told_with_its_role(void **s)
{
	char empty[TEMP_PATH], text[TEMP_PATH], msg[2 * TEMP_PATH];
	microvm_config *c;

	(void)s;
	temp_file(empty, "", 0);
	temp_file(text, "<html>not found</html>\n", 23);
	refused(config("/nowhere/vmlinuz"), MICROVM_EIO,
		"kernel /nowhere/vmlinuz: cannot open: No such file");
	refused(config("/"), MICROVM_EINVAL, "kernel /: is a directory");
	(void)snprintf(msg, sizeof(msg), "kernel %s: is empty", empty);
	refused(config(empty), MICROVM_EBADIMAGE, msg);
	refused(config(text), MICROVM_EBADIMAGE,
		"not an arm64 or x86_64 kernel");
	c = config(echo);
	assert_int_equal(microvm_config_add_initrd_path(c, "/nowhere/rd", NULL),
			 0);
	refused(c, MICROVM_EIO, "initrd /nowhere/rd: cannot open");
	c = config(echo);
	assert_int_equal(microvm_config_add_initrd_path(c, empty, NULL), 0);
	(void)snprintf(msg, sizeof(msg), "initrd %s: is empty", empty);
	refused(c, MICROVM_EBADIMAGE, msg);
	temp_remove(empty);
	temp_remove(text);
}

static void test_a_file_larger_than_ram_is_not_even_read(void **s)
{
	microvm_config *c = config(echo);
	char big[TEMP_PATH];

	(void)s;
	temp_file(big, "x", 1);
	assert_int_equal(truncate(big, INT64_C(1) << 40), 0);
	assert_int_equal(microvm_config_add_initrd_path(c, big, NULL), 0);
	refused(c, MICROVM_ENOMEM, "1099511627776 bytes, more than");
	temp_remove(big);
}

static void test_a_kernel_of_another_architecture_is_refused(void **s)
{
	microvm_config *c = config(echo);

	(void)s;
	assert_int_equal(microvm_config_set_arch(c, MICROVM_ARCH_X86_64, NULL),
			 0);
	refused(c, MICROVM_EINVAL, "is for arm64, but an x86_64 guest");
}

/* The smallest vmlinux there is: System V gABI 4 and 5. */
static void temp_vmlinux(char path[static TEMP_PATH])
{
	uint8_t p[64 + 56 + 1] = "\x7f"
				 "ELF\2\1\1";

	put_le16(p + 16, 2);  /* linked */
	put_le16(p + 18, 62); /* x86_64 */
	put_le64(p + 24, 1 << 24);
	put_le64(p + 32, 64);
	put_le16(p + 54, 56);
	put_le16(p + 56, 1);
	put_le32(p + 64, 1);
	put_le64(p + 64 + 8, 120);
	put_le64(p + 64 + 24, 1 << 24);
	put_le64(p + 64 + 32, 1);
	put_le64(p + 64 + 40, 1);
	p[120] = 0xf4; /* hlt */
	temp_file(path, p, sizeof(p));
}

static void test_an_x86_kernel_needs_a_backend_that_runs_it(void **s)
{
	char path[TEMP_PATH];
	microvm_config *c;

	(void)s;
	temp_vmlinux(path);
	/* What this host's hypervisor can, none can. */
	c = config(path);
	assert_int_equal(
		microvm_config_set_clock(c, MICROVM_CLOCK_VIRTUAL, NULL), 0);
	refused(c, MICROVM_ENOTSUP,
		"no backend of this build runs x86_64 guests on virtual time");
	c = config(path);
	assert_int_equal(microvm_config_set_backend(c, "soft", NULL), 0);
	refused(c, MICROVM_ENOTSUP,
		"backend soft does not run guests of this architecture");
	c = config(path);
	assert_int_equal(microvm_config_set_arch(c, MICROVM_ARCH_ARM64, NULL),
			 0);
	refused(c, MICROVM_EINVAL, "is for x86_64, but an arm64 guest");
	temp_remove(path);
}

static void test_a_description_takes_nothing_of_the_host(void **s)
{
	microvm_config *c = config(echo);
	microvm_vm *vm = NULL;
	const void *p;
	size_t len = 0;

	(void)s;
	assert_int_equal(microvm_config_set_vsock_socket(c, "/nowhere/x", NULL),
			 0);
	assert_int_equal(microvm_config_map_port(c, 1024, "unix:/nowhere/y",
						 MICROVM_TO_GUEST, NULL),
			 0);
	assert_true(microvm_vm_create(c, &vm, NULL) < 0);
	assert_int_equal(microvm_vm_describe(c, &vm, NULL), 0);
	assert_int_equal(
		microvm_vm_artifact(vm, MICROVM_ARTIFACT_DTB, &p, &len, NULL),
		0);
	assert_true(len > 0);
	microvm_vm_free(vm);
	microvm_config_free(c);
}

static void test_a_description_needs_no_backend(void **s)
{
	static const enum microvm_artifact of[] = { MICROVM_ARTIFACT_CMDLINE,
						    MICROVM_ARTIFACT_ACPI,
						    MICROVM_ARTIFACT_E820 };
	char path[TEMP_PATH];
	microvm_config *c;
	microvm_vm *vm;
	const void *p;
	size_t len;
	unsigned i;

	(void)s;
	temp_vmlinux(path);
	c = config(path);
	assert_int_equal(microvm_vm_describe(c, &vm, NULL), 0);
	for (i = 0; i < LEN(of); i++) {
		len = 0;
		assert_int_equal(microvm_vm_artifact(vm, of[i], &p, &len, NULL),
				 0);
		assert_true(len > 0);
	}
	microvm_vm_free(vm);
	microvm_config_free(c);
	temp_remove(path);
}

static void test_a_description_checks_what_a_machine_does(void **s)
{
	microvm_config *c = config("/nowhere/vmlinuz");
	microvm_vm *vm = (microvm_vm *)c;
	microvm_error e = { 0 };

	(void)s;
	assert_int_equal(microvm_vm_describe(c, NULL, &e), -MICROVM_EINVAL);
	assert_int_equal(microvm_vm_describe(NULL, &vm, &e), -MICROVM_EINVAL);
	assert_int_equal(microvm_vm_describe(c, &vm, &e), -MICROVM_EIO);
	assert_null(vm);
	microvm_config_free(c);
}

static void test_a_bad_guest_file_is_refused(void **s)
{
	microvm_config *c = config(echo);

	(void)s;
	assert_int_equal(
		microvm_config_add_file(c, "/a/../b", 0644, "x", 1, NULL), 0);
	refused(c, MICROVM_EINVAL, "file /a/../b");
}

static void test_a_command_line_that_is_too_long_in_sum_is_refused(void **s)
{
	microvm_config *c = config(echo);
	char words[CMDLINE_MAX - 20];

	(void)s;
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = 0;
	assert_int_equal(microvm_config_append_cmdline(c, words, NULL), 0);
	refused(c, MICROVM_EINVAL, "Linux takes 2047");
}

static void command_line(microvm_config *c, const char *want)
{
	const void *text = NULL;
	microvm_vm *vm;
	size_t len = 0;

	assert_int_equal(microvm_vm_create(c, &vm, NULL), 0);
	microvm_config_free(c); /* the VM needs it no more */
	assert_int_equal(microvm_vm_artifact(vm, MICROVM_ARTIFACT_CMDLINE,
					     &text, &len, NULL),
			 0);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(text, want, len);
	microvm_vm_free(vm);
}

static void test_the_command_line_is_default_or_given_and_more(void **s)
{
	char want[256];
	microvm_config *c;

	(void)s;
	command_line(config(echo), cmdline_default(ARCH_ARM64));
	c = config(echo);
	assert_int_equal(microvm_config_append_cmdline(c, "a b", NULL), 0);
	(void)snprintf(want, sizeof(want), "%s a b",
		       cmdline_default(ARCH_ARM64));
	command_line(c, want);
	c = config(echo);
	assert_int_equal(microvm_config_append_cmdline(c, "more", NULL), 0);
	assert_int_equal(microvm_config_set_cmdline(c, "mine", NULL), 0);
	command_line(c, "mine more");
	c = config(echo);
	assert_int_equal(microvm_config_set_cmdline(c, "", NULL), 0);
	command_line(c, "");
}

static void take_dtb(microvm_vm *vm, uint8_t **copy, size_t *len)
{
	const void *p = NULL;

	assert_int_equal(
		microvm_vm_artifact(vm, MICROVM_ARTIFACT_DTB, &p, len, NULL),
		0);
	*copy = malloc(*len);
	assert_non_null(*copy);
	memcpy(*copy, p, *len);
}

/* The device tree holds the seeds, and nothing else that could differ. */
static void test_seeds_are_new_each_time_but_on_virtual_time(void **s)
{
	unsigned fixed;

	(void)s;
	for (fixed = 0; fixed < 2; fixed++) {
		uint8_t *tree[2];
		size_t len[2];
		unsigned i;

		for (i = 0; i < 2; i++) {
			microvm_config *c = config(echo);
			microvm_vm *vm;

			assert_int_equal(
				microvm_config_set_clock(
					c, (enum microvm_clock)fixed, NULL),
				0);
			assert_int_equal(microvm_vm_create(c, &vm, NULL), 0);
			take_dtb(vm, &tree[i], &len[i]);
			microvm_vm_free(vm);
			microvm_config_free(c);
		}
		assert_int_equal(len[0], len[1]);
		assert_int_equal(!memcmp(tree[0], tree[1], len[0]), fixed);
		free(tree[0]);
		free(tree[1]);
	}
}

static bool holds(const uint8_t *p, uint64_t len, const char *word)
{
	size_t n = strlen(word);
	uint64_t i;

	for (i = 0; i + n <= len; i++) {
		if (p[i] == (uint8_t)*word && !memcmp(p + i, word, n))
			return true;
	}
	return false;
}

static void test_added_files_are_in_the_guest_s_ram(void **s)
{
	static const char marker[] = "the content of a file";
	microvm_config *c = config(echo);
	microvm_vm *vm;
	const struct vm *v;

	(void)s;
	assert_int_equal(microvm_config_set_memory(c, 16 << 20, NULL), 0);
	assert_int_equal(microvm_config_add_file(c, "/etc/it", 0644, marker,
						 sizeof(marker), NULL),
			 0);
	assert_int_equal(microvm_vm_create(c, &vm, NULL), 0);
	microvm_config_free(c);
	v = (const struct vm *)vm;
	assert_int_equal(v->ram_len, 16 << 20);
	assert_true(holds(v->ram, v->ram_len, marker));
	assert_true(holds(v->ram, v->ram_len, "etc/it"));
	microvm_vm_free(vm);
}

static void without_device(microvm_config *c)
{
	assert_int_equal(microvm_config_set_vsock(c, 0, NULL), 0);
}

static void on_virtual_time(microvm_config *c)
{
	assert_int_equal(
		microvm_config_set_clock(c, MICROVM_CLOCK_VIRTUAL, NULL), 0);
}

static void test_what_needs_the_device_is_refused_without_it(void **s)
{
	static const struct {
		void (*without)(microvm_config *c);
		const char *msg;
	} ways[] = {
		{ without_device, "and this machine has none" },
		{ on_virtual_time, "has none on virtual time" },
	};
	unsigned i;

	(void)s;
	for (i = 0; i < 2; i++) {
		microvm_config *c = config(echo);

		ways[i].without(c);
		assert_int_equal(microvm_config_map_port(c, 1024, "unix:/nope",
							 MICROVM_FROM_GUEST,
							 NULL),
				 0);
		refused(c, MICROVM_EINVAL, "a mapped port needs a vsock");
		c = config(echo);
		ways[i].without(c);
		assert_int_equal(microvm_config_forward(c, "0:80", NULL), 0);
		refused(c, MICROVM_EINVAL, "a forwarded port needs a vsock");
		c = config(echo);
		ways[i].without(c);
		assert_int_equal(microvm_config_set_vsock_socket(
					 c, "/nowhere/socket", NULL),
				 0);
		refused(c, MICROVM_EINVAL, ways[i].msg);
	}
}

static int accept_none(void *ctx, microvm_stream *stream, uint32_t port)
{
	(void)ctx;
	(void)stream;
	(void)port;
	return -1;
}

static bool has_device(microvm_config *c)
{
	microvm_listener *listener = NULL;
	microvm_vm *vm;
	int rc;

	assert_int_equal(microvm_vm_create(c, &vm, NULL), 0);
	rc = microvm_vsock_listen(vm, 5000, accept_none, NULL, &listener, NULL);
	microvm_listener_close(listener);
	microvm_vm_free(vm);
	microvm_config_free(c);
	return !rc;
}

static void test_the_device_is_there_unless_time_is_virtual(void **s)
{
	microvm_config *c;

	(void)s;
	assert_true(has_device(config(echo)));
	c = config(echo);
	without_device(c);
	assert_false(has_device(c));
	c = config(echo);
	on_virtual_time(c);
	assert_false(has_device(c));
	c = config(echo);
	on_virtual_time(c);
	assert_int_equal(microvm_config_set_vsock(c, 3, NULL), 0);
	assert_true(has_device(c));
}

static void test_a_socket_that_cannot_be_made_is_told(void **s)
{
	microvm_config *c = config(echo);

	(void)s;
	assert_int_equal(
		microvm_config_set_vsock_socket(c, "/nowhere/socket", NULL), 0);
	refused(c, MICROVM_EIO, "/nowhere/socket");
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_arguments_are_checked),
		TEST(test_a_kernel_is_needed),
		TEST(test_what_is_wrong_with_a_file_is_told_with_its_role),
		TEST(test_a_file_larger_than_ram_is_not_even_read),
		TEST(test_a_kernel_of_another_architecture_is_refused),
		TEST(test_an_x86_kernel_needs_a_backend_that_runs_it),
		TEST(test_a_description_takes_nothing_of_the_host),
		TEST(test_a_description_needs_no_backend),
		TEST(test_a_description_checks_what_a_machine_does),
		TEST(test_a_bad_guest_file_is_refused),
		TEST(test_a_command_line_that_is_too_long_in_sum_is_refused),
		TEST(test_the_command_line_is_default_or_given_and_more),
		TEST(test_seeds_are_new_each_time_but_on_virtual_time),
		TEST(test_added_files_are_in_the_guest_s_ram),
		TEST(test_what_needs_the_device_is_refused_without_it),
		TEST(test_the_device_is_there_unless_time_is_virtual),
		TEST(test_a_socket_that_cannot_be_made_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
