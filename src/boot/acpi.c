/* SPDX-License-Identifier: MIT */
/*
 * acpi.c - the ACPI tables of the x86_64 machine.
 *
 * RSDP, XSDT, FADT, MADT and DSDT, each on a 16-byte boundary behind the one
 * before.  Linux finds the RSDP by its signature, should nobody tell it.
 *
 * There is nothing to find for those who probe: no PIC, no PIT, no VGA, no
 * keyboard.  The flags of the FADT say so, and save the guest its timeouts.
 */
#include "boot/acpi.h"

#include <stdio.h>
#include <string.h>

#include "arch/x86_64/layout.h"
#include "base/bytes.h"
#include "base/num.h"
#include "boot/aml.h"

enum { ALIGN = 16 }; /* 5.2.5.1 asks it of the RSDP */

/* ACPI 6.4, 5.2.6: DESCRIPTION_HEADER */
enum {
	HEADER_LENGTH = 4,
	HEADER_REVISION = 8,
	HEADER_CHECKSUM = 9,
	HEADER_OEM = 10,
	HEADER_OEM_TABLE = 16,
	HEADER_OEM_REVISION = 24,
	HEADER_CREATOR = 28,
	HEADER_CREATOR_REVISION = 32,
	HEADER_SIZE = 36,
};

/* 5.2.5.3 */
enum {
	RSDP_CHECKSUM = 8, /* of the part that ACPI 1.0 had */
	RSDP_OEM = 9,
	RSDP_REVISION = 15,
	RSDP_V1_SIZE = 20,
	RSDP_LENGTH = 20,
	RSDP_XSDT = 24,
	RSDP_CHECKSUM_ALL = 32,
	RSDP_SIZE = 36,
	RSDP_IS_2 = 2,
};

/* 5.2.8 */
enum { XSDT_REVISION = 1, XSDT_TABLES = 2 };
enum { XSDT_SIZE = HEADER_SIZE + 8 * XSDT_TABLES };

/* 5.2.9; what is not here belongs to fixed hardware, and is 0 */
enum {
	FADT_REVISION = 6,
	FADT_DSDT = 40,
	FADT_CENTURY = 108, /* which byte of CMOS memory has it */
	FADT_BOOT_ARCH = 109,
	FADT_FLAGS = 112,
	FADT_RESET_REG = 116,
	FADT_RESET_VALUE = 128,
	FADT_MINOR = 131,
	FADT_X_DSDT = 140,
	FADT_SLEEP_CONTROL = 244,
	FADT_SLEEP_STATUS = 256,
	FADT_HYPERVISOR = 268,
	FADT_SIZE = 276,
	FADT_IS_6_4 = 4,
};

/* 5.2.9, fixed feature flags: without a button, a button is no register. */
enum {
	FADT_WBINVD = 1 << 0,
	FADT_PROC_C1 = 1 << 2,
	FADT_PWR_BUTTON = 1 << 4,
	FADT_SLP_BUTTON = 1 << 5,
	FADT_FIX_RTC = 1 << 6, /* the RTC wakes nobody */
	FADT_RESET_REG_SUP = 1 << 10,
	FADT_HW_REDUCED = 1 << 20,
	FLAGS = FADT_WBINVD | FADT_PROC_C1 | FADT_PWR_BUTTON | FADT_SLP_BUTTON |
		FADT_FIX_RTC | FADT_RESET_REG_SUP | FADT_HW_REDUCED,
};

/*
 * 5.2.9.3: the rest is 0: no device but those of the DSDT (LEGACY_DEVICES), no
 * keyboard controller to probe (8042, for which Linux would wait half a
 * second; its reset works all the same), and a CMOS RTC.
 */
enum { BOOT_ARCH_NO_VGA = 1 << 2, BOOT_ARCH = BOOT_ARCH_NO_VGA };

/* Without it Linux guesses, and 1970 is as good as 2070. */
enum { CMOS_CENTURY = 0x32 };

/* 5.2.3.2: Generic Address Structure */
enum { GAS_SPACE_IO = 1, GAS_BYTE = 1, GAS_BITS = 8 };

/* 5.2.12 */
enum {
	MADT_REVISION = 5,
	MADT_LAPIC_ADDR = 36,
	MADT_FLAGS = 40, /* PCAT_COMPAT is clear: no 8259s */
	MADT_FIRST = 44,
	MADT_LAPIC = 0,
	MADT_LAPIC_SIZE = 8,
	MADT_LAPIC_ENABLED = 1 << 0,
	MADT_IOAPIC = 1,
	MADT_IOAPIC_SIZE = 12,
};

enum { DSDT_REVISION = 2 }; /* integers have 64 bits */

/* 6.3.7: present, enabled, shown, functioning */
enum { STA_ALL = 0xf };

_Static_assert(ACPI_ROOM <= X86_ACPI_SIZE, "it has its place");
_Static_assert(X86_MAX_CPUS <= 16 && X86_MAX_VIRTIO <= 16,
	       "one digit tells the devices apart");
_Static_assert(X86_VIRTIO_BASE + X86_MAX_VIRTIO * X86_VIRTIO_STEP <= UINT32_MAX,
	       "virtio slots are in reach of 32 bits");

struct tables {
	const struct acpi_config *cfg;
	uint8_t *buf;
	size_t room;
	size_t len;
	const char *lacks; /* the first table that does not fit */
};

static uint64_t gpa_of(const struct tables *t, const uint8_t *table)
{
	return X86_ACPI_GPA + (uint64_t)(table - t->buf);
}

/* n zero bytes on the next boundary, NULL if there is no room for them. */
static uint8_t *place(struct tables *t, const char *name, size_t n)
{
	size_t at = (size_t)align_up(t->len, ALIGN);

	if (!t->lacks && !fits(at, n, t->room))
		t->lacks = name;
	if (t->lacks)
		return NULL;
	memset(t->buf + t->len, 0, at - t->len + n);
	t->len = at + n;
	return t->buf + at;
}

/* A field of text has no zero at its end. */
static void put_text(uint8_t *p, const char *s)
{
	while (*s)
		*p++ = (uint8_t)*s++;
}

/* What makes the sum of all bytes 0. */
static uint8_t checksum(const uint8_t *p, size_t len)
{
	uint8_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (uint8_t)(sum + p[i]);
	return (uint8_t)-sum;
}

/* The content is there: put the header before it. */
static void seal(uint8_t *table, const char *signature, size_t len,
		 uint8_t revision)
{
	put_text(table, signature);
	put_le32(table + HEADER_LENGTH, (uint32_t)len);
	table[HEADER_REVISION] = revision;
	put_text(table + HEADER_OEM, "MICROV");
	put_text(table + HEADER_OEM_TABLE, "MICROVM ");
	put_le32(table + HEADER_OEM_REVISION, 1);
	put_text(table + HEADER_CREATOR, "MUVM");
	put_le32(table + HEADER_CREATOR_REVISION, 1);
	table[HEADER_CHECKSUM] = checksum(table, len);
}

static void write_rsdp(uint8_t *p, uint64_t xsdt_gpa)
{
	put_text(p, "RSD PTR ");
	put_text(p + RSDP_OEM, "MICROV");
	p[RSDP_REVISION] = RSDP_IS_2;
	put_le32(p + RSDP_LENGTH, RSDP_SIZE);
	put_le64(p + RSDP_XSDT, xsdt_gpa);
	p[RSDP_CHECKSUM] = checksum(p, RSDP_V1_SIZE);
	p[RSDP_CHECKSUM_ALL] = checksum(p, RSDP_SIZE);
}

static void write_xsdt(uint8_t *p, uint64_t fadt_gpa, uint64_t madt_gpa)
{
	put_le64(p + HEADER_SIZE, fadt_gpa);
	put_le64(p + HEADER_SIZE + 8, madt_gpa);
	seal(p, "XSDT", XSDT_SIZE, XSDT_REVISION);
}

/* A register of one byte at an I/O port. */
static void put_port(uint8_t *p, uint16_t port)
{
	p[0] = GAS_SPACE_IO;
	p[1] = GAS_BITS;
	p[3] = GAS_BYTE;
	put_le64(p + 4, port);
}

static void write_fadt(uint8_t *p, uint64_t dsdt_gpa)
{
	put_le32(p + FADT_DSDT, (uint32_t)dsdt_gpa);
	put_le64(p + FADT_X_DSDT, dsdt_gpa);
	p[FADT_CENTURY] = CMOS_CENTURY;
	put_le16(p + FADT_BOOT_ARCH, BOOT_ARCH);
	put_le32(p + FADT_FLAGS, FLAGS);
	put_port(p + FADT_RESET_REG, X86_PORT_RESET);
	p[FADT_RESET_VALUE] = X86_RESET;
	p[FADT_MINOR] = FADT_IS_6_4;
	put_port(p + FADT_SLEEP_CONTROL, X86_PORT_SLEEP);
	put_port(p + FADT_SLEEP_STATUS, X86_PORT_WAKE);
	put_text(p + FADT_HYPERVISOR, "microvm");
	seal(p, "FACP", FADT_SIZE, FADT_REVISION);
}

static size_t madt_size(const struct acpi_config *c)
{
	return MADT_FIRST + c->cpus * (size_t)MADT_LAPIC_SIZE +
	       MADT_IOAPIC_SIZE;
}

/*
 * No interrupt source overrides: COM1 has the pin and the edges of the ISA bus.
 */
static void write_madt(uint8_t *p, const struct acpi_config *c)
{
	uint8_t *e = p + MADT_FIRST;
	unsigned i;

	put_le32(p + MADT_LAPIC_ADDR, (uint32_t)X86_LAPIC_BASE);
	for (i = 0; i < c->cpus; i++, e += MADT_LAPIC_SIZE) {
		e[0] = MADT_LAPIC;
		e[1] = MADT_LAPIC_SIZE;
		e[2] = (uint8_t)i; /* _UID of the CPU's device */
		e[3] = (uint8_t)i; /* APIC ID */
		put_le32(e + 4, MADT_LAPIC_ENABLED);
	}
	e[0] = MADT_IOAPIC;
	e[1] = MADT_IOAPIC_SIZE;
	put_le32(e + 4, (uint32_t)X86_IOAPIC_BASE); /* ID and first GSI: 0 */
	seal(p, "APIC", madt_size(c), MADT_REVISION);
}

static void name_int(struct aml *a, const char *name, uint64_t v)
{
	aml_name(a, name);
	aml_int(a, v);
}

/* "CPU0" */
static void begin_numbered(struct aml *a, const char *prefix, unsigned i)
{
	char name[8];

	(void)snprintf(name, sizeof(name), "%.3s%X", prefix, i & 0xf);
	aml_device(a, name);
}

/* 8.4: every processor is in the namespace too, joined by its _UID. */
static void write_cpu(struct aml *a, unsigned i)
{
	begin_numbered(a, "CPU", i);
	aml_name(a, "_HID");
	aml_text(a, "ACPI0007");
	name_int(a, "_UID", i);
	aml_end(a);
}

/* A device of the PC, up to its ports, which its interrupt may follow. */
static void begin_pc_device(struct aml *a, const char *name, const char *id,
			    uint16_t port, uint8_t ports)
{
	aml_device(a, name);
	aml_name(a, "_HID");
	aml_eisa_id(a, id);
	name_int(a, "_UID", 0);
	name_int(a, "_STA", STA_ALL);
	aml_name(a, "_CRS");
	aml_resources(a);
	aml_io(a, port, ports);
}

/* A device, and the resources at its end. */
static void end_device(struct aml *a)
{
	aml_end(a);
	aml_end(a);
}

static void write_com1(struct aml *a)
{
	begin_pc_device(a, "COM1", "PNP0501", X86_PORT_COM1, 8);
	aml_edge(a, X86_GSI_COM1);
	end_device(a);
}

/* No interrupt: the clock wakes nobody, and Linux offers no alarms then. */
static void write_rtc(struct aml *a)
{
	begin_pc_device(a, "RTC", "PNP0B00", X86_PORT_CMOS, 2);
	end_device(a);
}

/* virtio-mmio, as Linux Documentation and virtio_mmio_acpi_match know it. */
static void write_virtio(struct aml *a, unsigned i)
{
	begin_numbered(a, "VIO", i);
	aml_name(a, "_HID");
	aml_text(a, "LNRO0005");
	name_int(a, "_UID", i);
	name_int(a, "_CCA", 1);
	name_int(a, "_STA", STA_ALL);
	aml_name(a, "_CRS");
	aml_resources(a);
	aml_memory(a, (uint32_t)(X86_VIRTIO_BASE + i * X86_VIRTIO_STEP),
		   (uint32_t)X86_VIRTIO_SIZE);
	aml_edge(a, X86_GSI_VIRTIO + i);
	end_device(a);
}

/* 7.4.2: the first is SLP_TYP of the sleep control register */
static void write_s5(struct aml *a)
{
	unsigned i;

	aml_name(a, "\\_S5");
	aml_package(a);
	aml_int(a, X86_SLEEP_S5);
	for (i = 0; i < 3; i++)
		aml_int(a, 0);
	aml_end(a);
}

static void write_namespace(struct aml *a, const struct acpi_config *c)
{
	unsigned i;

	aml_scope(a, "\\_SB");
	for (i = 0; i < c->cpus; i++)
		write_cpu(a, i);
	write_com1(a);
	write_rtc(a);
	for (i = 0; i < c->virtio; i++)
		write_virtio(a, i);
	aml_end(a);
	write_s5(a);
}

/* The last one, as its length shows only when it is written. */
static uint8_t *write_dsdt(struct tables *t)
{
	uint8_t *p = place(t, "DSDT", HEADER_SIZE);
	struct aml a;
	size_t len;

	if (!p)
		return NULL;
	aml_init(&a, t->buf + t->len, t->room - t->len);
	write_namespace(&a, t->cfg);
	if (aml_fini(&a, &len, NULL)) {
		t->lacks = "DSDT"; /* room is all it can lack */
		return NULL;
	}
	t->len += len;
	seal(p, "DSDT", HEADER_SIZE + len, DSDT_REVISION);
	return p;
}

static int check_config(const struct acpi_config *c, mv_error *err)
{
	if (!c->cpus || c->cpus > X86_MAX_CPUS)
		return fail(err, MICROVM_EINVAL,
			    "ACPI tables: %u CPUs, the machine has 1 to %d",
			    c->cpus, X86_MAX_CPUS);
	if (c->virtio > X86_MAX_VIRTIO)
		return fail(err, MICROVM_EINVAL,
			    "ACPI tables: %u virtio devices, the machine has "
			    "room for %d",
			    c->virtio, X86_MAX_VIRTIO);
	return 0;
}

int acpi_write(const struct acpi_config *cfg, void *buf, size_t room,
	       size_t *len, mv_error *err)
{
	struct tables t = { .cfg = cfg, .buf = buf, .room = room };
	uint8_t *rsdp, *xsdt, *fadt, *madt, *dsdt;
	int rc = check_config(cfg, err);

	if (rc)
		return rc;
	rsdp = place(&t, "RSDP", RSDP_SIZE);
	xsdt = place(&t, "XSDT", XSDT_SIZE);
	fadt = place(&t, "FADT", FADT_SIZE);
	madt = place(&t, "MADT", madt_size(cfg));
	dsdt = write_dsdt(&t);
	if (t.lacks)
		return fail(err, MICROVM_ENOMEM,
			    "ACPI tables: %s does not fit %zu bytes", t.lacks,
			    room);
	write_rsdp(rsdp, gpa_of(&t, xsdt));
	write_xsdt(xsdt, gpa_of(&t, fadt), gpa_of(&t, madt));
	write_fadt(fadt, gpa_of(&t, dsdt));
	write_madt(madt, cfg);
	*len = t.len;
	return 0;
}

int acpi_load(const struct acpi_config *cfg, const struct gmem *mem,
	      struct acpi_tables *out, mv_error *err)
{
	uint8_t buf[ACPI_ROOM];
	size_t len = 0;
	int rc = acpi_write(cfg, buf, sizeof(buf), &len, err);

	if (rc)
		return rc;
	if (!gmem_write(mem, X86_ACPI_GPA, buf, len))
		return fail(err, MICROVM_EINVAL,
			    "no RAM for the ACPI tables at 0x%llx",
			    (unsigned long long)X86_ACPI_GPA);
	out->rsdp_gpa = X86_ACPI_GPA;
	out->len = len;
	return 0;
}
