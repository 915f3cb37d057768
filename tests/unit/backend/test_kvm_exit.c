/* SPDX-License-Identifier: MIT */
#include "backend/kvm/exit.h"

#include <errno.h>
#include <string.h>

#include "base/container.h"

#include "../check.h"
#include "scripted_exit.h"

static const struct hv_events on = {
	.access = scripted_access,
	.sysreg = scripted_sysreg,
	.eoi = scripted_eoi,
};

enum { DATA = 4096, PORT = 0x3f8 };

static void begin(struct scripted *s, uint32_t reason)
{
	scripted_init(s, reason, &on);
}

static void begin_io(struct scripted *s, bool out, uint8_t size, uint32_t count)
{
	begin(s, KVM_EXIT_IO);
	s->run.io.direction = out ? KVM_EXIT_IO_OUT : KVM_EXIT_IO_IN;
	s->run.io.size = size;
	s->run.io.port = PORT;
	s->run.io.count = count;
	s->run.io.data_offset = DATA;
}

static void begin_mmio(struct scripted *s, bool write, uint32_t len)
{
	begin(s, KVM_EXIT_MMIO);
	s->run.mmio.phys_addr = 0xd0000050;
	s->run.mmio.is_write = write;
	s->run.mmio.len = len;
}

static void test_output_of_1_2_and_4_bytes_comes_up(void **state)
{
	static const uint64_t want[] = { 0x11, 0x2211, 0x44332211 };
	struct scripted s;
	unsigned i;

	(void)state;
	for (i = 0; i < LEN(want); i++) {
		begin_io(&s, true, (uint8_t)(1 << i), 1);
		memcpy(s.page + DATA, "\x11\x22\x33\x44\x55", 5);
		assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
		assert_true(s.c.unfinished);
		assert_int_equal(s.accesses, 1);
		assert_int_equal(s.log[0].space, SPACE_PIO);
		assert_int_equal(s.log[0].addr, PORT);
		assert_int_equal(s.log[0].size, 1 << i);
		assert_int_equal(s.log[0].value, want[i]);
		assert_true(s.log[0].write);
	}
}

static void test_each_of_many_outputs_comes_up_in_order(void **state)
{
	struct scripted s;
	unsigned i;

	(void)state;
	begin_io(&s, true, 2, 5);
	for (i = 0; i < 10; i++)
		s.page[DATA + i] = (uint8_t)(i + 1);
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_int_equal(s.accesses, 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(s.log[i].addr, PORT);
		assert_int_equal(s.log[i].value, (2 * i + 1) | (2 * i + 2)
								       << 8);
	}
}

static void test_input_fills_as_much_as_was_asked_for(void **state)
{
	struct scripted s;

	(void)state;
	begin_io(&s, false, 2, 3);
	s.answer = 0xffffffffffffbbaa;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_int_equal(s.accesses, 3);
	assert_memory_equal(s.page + DATA, "\xaa\xbb\xaa\xbb\xaa\xbb\0\0", 8);
}

static void test_input_from_nobody_is_all_ones(void **state)
{
	struct scripted s;

	(void)state;
	begin_io(&s, false, 4, 1);
	s.refuse = true; /* and the answer is 0 */
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_memory_equal(s.page + DATA, "\xff\xff\xff\xff\0", 5);
}

static void test_data_outside_of_the_page_is_refused(void **state)
{
	static const struct {
		uint64_t off;
		uint32_t count;
		uint8_t size;
	} row[] = {
		{ SCRIPTED_PAGE, 1, 1 },     { SCRIPTED_PAGE - 1, 1, 2 },
		{ SCRIPTED_PAGE - 4, 2, 4 }, { UINT64_MAX, 1, 1 },
		{ UINT64_MAX - 2, 1, 4 },    { DATA, UINT32_MAX, 4 },
		{ DATA, 4097, 1 },           { 0, 0x80000000, 2 },
	};
	struct scripted s;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(row); i++) {
		begin_io(&s, true, row[i].size, row[i].count);
		s.run.io.data_offset = row[i].off;
		assert_int_equal(kvm_exit(&s.c), HV_FAILED);
		assert_int_equal(s.accesses, 0);
		assert_false(s.c.unfinished);
	}
	begin_io(&s, true, 4, 2);
	s.run.io.data_offset = SCRIPTED_PAGE - 8;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN); /* to its very end */
	assert_int_equal(s.accesses, 2);
}

static void test_ports_have_no_other_sizes(void **state)
{
	static const uint8_t size[] = { 0, 3, 5, 8, 255 };
	struct scripted s;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(size); i++) {
		begin_io(&s, true, size[i], 1);
		assert_int_equal(kvm_exit(&s.c), HV_FAILED);
		assert_int_equal(s.accesses, 0);
	}
}

static void test_stores_of_1_2_4_and_8_bytes_come_up(void **state)
{
	static const uint64_t want[] = { 0x11, 0x2211, 0x44332211,
					 0x8877665544332211 };
	struct scripted s;
	unsigned i;

	(void)state;
	for (i = 0; i < LEN(want); i++) {
		begin_mmio(&s, true, 1u << i);
		memcpy(s.run.mmio.data, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
		assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
		assert_true(s.c.unfinished);
		assert_int_equal(s.accesses, 1);
		assert_int_equal(s.log[0].space, SPACE_MMIO);
		assert_int_equal(s.log[0].addr, 0xd0000050);
		assert_int_equal(s.log[0].size, 1 << i);
		assert_int_equal(s.log[0].value, want[i]);
		assert_true(s.log[0].write);
	}
}

static void test_loads_fill_as_much_as_was_asked_for(void **state)
{
	struct scripted s;

	(void)state;
	begin_mmio(&s, false, 4);
	s.answer = 0x8877665544332211;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_memory_equal(s.run.mmio.data, "\x11\x22\x33\x44\0\0\0\0", 8);
	assert_false(s.log[0].write);
}

static void test_a_load_from_nobody_is_all_ones(void **state)
{
	struct scripted s;

	(void)state;
	begin_mmio(&s, false, 2);
	s.refuse = true;
	assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
	assert_memory_equal(s.run.mmio.data, "\xff\xff\0", 3);
}

/* Parts of an access that crosses into another page. */
static void test_odd_lengths_are_open_bus(void **state)
{
	static const uint32_t len[] = { 3, 5, 6, 7 };
	struct scripted s;
	uint32_t k;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(len); i++) {
		begin_mmio(&s, false, len[i]);
		assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
		assert_int_equal(s.accesses, 0);
		assert_true(s.c.unfinished);
		for (k = 0; k < 8; k++)
			assert_int_equal(s.run.mmio.data[k],
					 k < len[i] ? 0xff : 0);
		begin_mmio(&s, true, len[i]);
		assert_int_equal(kvm_exit(&s.c), HV_AGAIN);
		assert_int_equal(s.accesses, 0);
	}
}

static void test_lengths_that_cannot_be_are_refused(void **state)
{
	static const uint32_t len[] = { 0, 9, 16, 256, 257, UINT32_MAX };
	struct scripted s;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(len); i++) {
		begin_mmio(&s, i & 1, len[i]);
		assert_int_equal(kvm_exit(&s.c), HV_FAILED);
		assert_int_equal(s.accesses, 0);
	}
}

static void test_ends_of_a_vm_are_told_apart(void **state)
{
	static const struct {
		uint32_t reason, event;
		enum hv_run why;
	} row[] = {
		{ KVM_EXIT_SHUTDOWN, 0, HV_RESET },
		{ KVM_EXIT_SYSTEM_EVENT, KVM_SYSTEM_EVENT_SHUTDOWN,
		  HV_SHUTDOWN },
		{ KVM_EXIT_SYSTEM_EVENT, KVM_SYSTEM_EVENT_RESET, HV_RESET },
		{ KVM_EXIT_SYSTEM_EVENT, KVM_SYSTEM_EVENT_CRASH, HV_FAILED },
		{ KVM_EXIT_SYSTEM_EVENT, 77, HV_FAILED },
		{ KVM_EXIT_DEBUG, 0, HV_DEBUG },
		{ KVM_EXIT_INTR, 0, HV_AGAIN },
	};
	struct scripted s;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(row); i++) {
		begin(&s, row[i].reason);
		s.run.system_event.type = row[i].event;
		assert_int_equal(kvm_exit(&s.c), row[i].why);
		assert_int_equal(s.v.err.msg[0] != '\0',
				 row[i].why == HV_FAILED);
		assert_false(s.c.unfinished);
	}
}

/* Set what the row says, and see that the message has its words. */
static const struct {
	uint32_t reason;
	uint32_t sub;
	const char *says;
} failure[] = {
	{ KVM_EXIT_UNKNOWN, 0, "exit 0 (unknown)" },
	{ KVM_EXIT_HLT, 0, "exit 5 (halt)" },
	{ KVM_EXIT_EXCEPTION, 0, "exit 1 (exception)" },
	{ 4711, 0, "exit 4711 (unnamed)" },
	{ UINT32_MAX, 0, "exit 4294967295 (unnamed)" },
	{ KVM_EXIT_FAIL_ENTRY, 0x80000021, "refuses to enter the guest" },
	{ KVM_EXIT_FAIL_ENTRY, 0x80000021, "reason 0x80000021" },
	{ KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_SIMUL_EX,
	  "internal error 2: simultaneous exceptions" },
	{ KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_DELIVERY_EV,
	  "internal error 3" },
	{ KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
	  "internal error 4" },
	{ KVM_EXIT_INTERNAL_ERROR, 99, "internal error 99" },
	{ KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_EMULATION,
	  "cannot emulate an instruction, at 0x" },
	{ KVM_EXIT_SYSTEM_EVENT, KVM_SYSTEM_EVENT_CRASH, "crashed" },
	{ KVM_EXIT_SYSTEM_EVENT, 77, "system event 77" },
};

static void test_failures_are_named(void **state)
{
	struct scripted s;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(failure); i++) {
		begin(&s, failure[i].reason);
		memcpy(&s.run.hw, &failure[i].sub, sizeof(failure[i].sub));
		assert_int_equal(kvm_exit(&s.c), HV_FAILED);
		assert_int_equal(s.v.err.code, MICROVM_EHYPERVISOR);
		assert_non_null(strstr(s.v.err.msg, failure[i].says));
		assert_non_null(strstr(s.v.err.msg, ", at 0x"));
		assert_string_equal(s.v.err.hint, "");
	}
}

static void begin_emulation(struct scripted *s, uint8_t bytes)
{
	begin(s, KVM_EXIT_INTERNAL_ERROR);
	s->run.emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
	s->run.emulation_failure.ndata = 3;
	s->run.emulation_failure.flags =
		KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
	s->run.emulation_failure.insn_size = bytes;
	memset(s->run.emulation_failure.insn_bytes, 0xab, 15);
	memcpy(s->run.emulation_failure.insn_bytes, "\x0f\x01\xd0", 3);
}

static void test_the_instruction_is_shown_as_far_as_it_is_known(void **state)
{
	struct scripted s;

	(void)state;
	begin_emulation(&s, 3);
	assert_int_equal(kvm_exit(&s.c), HV_FAILED);
	assert_non_null(strstr(s.v.err.msg, "instruction: 0f 01 d0, at"));
	begin_emulation(&s, 255); /* fifteen are as many as there can be */
	assert_int_equal(kvm_exit(&s.c), HV_FAILED);
	assert_non_null(strstr(s.v.err.msg,
			       "0f 01 d0 ab ab ab ab ab ab ab ab ab ab ab ab"
			       ", at"));
	begin_emulation(&s, 3);
	s.run.emulation_failure.flags = 0;
	assert_int_equal(kvm_exit(&s.c), HV_FAILED);
	assert_non_null(strstr(s.v.err.msg, "instruction, at"));
}

static void test_a_poor_kvm_is_named_as_the_likely_reason(void **state)
{
	struct scripted s;

	(void)state;
	begin_emulation(&s, 3);
	s.k.poor = true;
	assert_int_equal(kvm_exit(&s.c), HV_FAILED);
	assert_non_null(strstr(s.v.err.hint, "backend soft"));
	assert_int_equal(s.v.err.code, MICROVM_EHYPERVISOR);
}

static void
test_an_entry_that_fails_is_told_with_the_system_s_words(void **state)
{
	static const uint64_t fault[] = { 8, 0x12345000, 0x1000 };
	struct scripted s;

	(void)state;
	begin(&s, KVM_EXIT_UNKNOWN);
	assert_int_equal(kvm_exit_failed(&s.c, ENOMEM), HV_FAILED);
	assert_int_equal(s.v.err.os, ENOMEM);
	assert_non_null(strstr(s.v.err.msg, strerror(ENOMEM)));

	begin(&s, 39); /* memory fault */
	memcpy(&s.run.hw, fault, sizeof(fault));
	assert_int_equal(kvm_exit_failed(&s.c, EFAULT), HV_FAILED);
	assert_non_null(strstr(s.v.err.msg, "no memory behind 0x12345000"));
	assert_int_equal(s.v.err.os, EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_of_1_2_and_4_bytes_comes_up),
		cmocka_unit_test(test_each_of_many_outputs_comes_up_in_order),
		cmocka_unit_test(test_input_fills_as_much_as_was_asked_for),
		cmocka_unit_test(test_input_from_nobody_is_all_ones),
		cmocka_unit_test(test_data_outside_of_the_page_is_refused),
		cmocka_unit_test(test_ports_have_no_other_sizes),
		cmocka_unit_test(test_stores_of_1_2_4_and_8_bytes_come_up),
		cmocka_unit_test(test_loads_fill_as_much_as_was_asked_for),
		cmocka_unit_test(test_a_load_from_nobody_is_all_ones),
		cmocka_unit_test(test_odd_lengths_are_open_bus),
		cmocka_unit_test(test_lengths_that_cannot_be_are_refused),
		cmocka_unit_test(test_ends_of_a_vm_are_told_apart),
		cmocka_unit_test(test_failures_are_named),
		cmocka_unit_test(
			test_the_instruction_is_shown_as_far_as_it_is_known),
		cmocka_unit_test(test_a_poor_kvm_is_named_as_the_likely_reason),
		cmocka_unit_test(
			test_an_entry_that_fails_is_told_with_the_system_s_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
