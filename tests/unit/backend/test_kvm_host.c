/* SPDX-License-Identifier: MIT */
#include "backend/kvm/kvm_host.h"

#include <errno.h>
#include <string.h>

#include "../check.h"
#include "base/container.h"

static const struct {
	struct kvm_host host;
	enum kvm_kind kind;
	const char *says;
	const char *hint; /* NULL: none */
} rows[] = {
	{ { .open_errno = ENOENT, .extensions = true },
	  KVM_ABSENT,
	  "no /dev/kvm",
	  "modprobe" },
	{ { .open_errno = ENOENT, .virtual_cpu = true },
	  KVM_ABSENT,
	  "no /dev/kvm",
	  "nested" },
	{ { .open_errno = ENXIO }, KVM_ABSENT, "no /dev/kvm", "firmware" },
	{ { .open_errno = EACCES },
	  KVM_DENIED,
	  "Permission denied",
	  "usermod -aG kvm" },
	{ { .open_errno = EBUSY }, KVM_BUSY, "busy", "VirtualBox" },
	{ { .open_errno = EMFILE }, KVM_UNKNOWN, "Too many", NULL },
	{ { .api = 11 }, KVM_UNKNOWN, "version 11, not 12", NULL },
};

/* These are usable, each in its way. */
static const struct {
	struct kvm_host host;
	enum kvm_kind kind;
	bool poor;
	const char *says;
} fine[] = {
	{ { .api = 12, .pvm = true, .virtual_cpu = true },
	  KVM_PVM,
	  true,
	  "kvm_pvm" },
	{ { .api = 12, .pvm = true, .flags = true, .extensions = true },
	  KVM_PVM,
	  true,
	  "kvm_pvm" },
	{ { .api = 12, .flags = true }, KVM_ODD, true, "neither VMX nor SVM" },
	{ { .api = 12, .flags = true, .virtual_cpu = true },
	  KVM_ODD,
	  true,
	  "neither VMX nor SVM" },
	{ { .api = 12, .flags = true, .extensions = true, .virtual_cpu = true },
	  KVM_NESTED,
	  false,
	  "nested" },
	{ { .api = 12, .flags = true, .extensions = true },
	  KVM_NATIVE,
	  false,
	  "KVM" },
	{ { .api = 12 }, KVM_NATIVE, false, "KVM" }, /* arm64 */
};

static void test_every_fault_is_told_apart_and_explained(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct hv_found found;
		mv_error e;

		assert_int_equal(kvm_host_kind(&rows[i].host), rows[i].kind);
		assert_true(kvm_host_explain(&rows[i].host, &found, &e) < 0);
		assert_non_null(strstr(e.msg, rows[i].says));
		if (rows[i].hint)
			assert_non_null(strstr(e.hint, rows[i].hint));
		else
			assert_string_equal(e.hint, "");
		assert_true(strlen(e.msg) < sizeof(e.msg) - 1);
	}
}

static void test_what_emulates_guests_is_usable_but_poor(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(fine); i++) {
		struct hv_found found;

		assert_int_equal(kvm_host_kind(&fine[i].host), fine[i].kind);
		assert_int_equal(kvm_host_explain(&fine[i].host, &found, NULL),
				 0);
		assert_int_equal(found.poor, fine[i].poor);
		assert_non_null(strstr(found.detail, fine[i].says));
		assert_true(strlen(found.detail) < sizeof(found.detail) - 1);
	}
}

static void test_looking_at_this_host_finds_one_kind(void **s)
{
	struct hv_found found = { 0 };
	struct kvm_host h;
	mv_error e;

	(void)s;
	kvm_host_look(&h);
	assert_true(h.open_errno || h.api > 0);
	if (kvm_host_explain(&h, &found, &e))
		assert_true(e.msg[0]);
	else
		assert_true(found.detail[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fault_is_told_apart_and_explained),
		cmocka_unit_test(test_what_emulates_guests_is_usable_but_poor),
		cmocka_unit_test(test_looking_at_this_host_finds_one_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
