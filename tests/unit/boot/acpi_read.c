/* SPDX-License-Identifier: MIT */
#include "acpi_read.h"

#include <string.h>

struct memory {
	const uint8_t *p;
	size_t len;
	uint64_t gpa;
};

static uint64_t number(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static bool sums_to_0(const uint8_t *p, size_t len)
{
	unsigned sum = 0;

	while (len--)
		sum += *p++;
	return (sum & 0xff) == 0;
}

static bool at(const struct memory *m, uint64_t gpa, uint64_t len,
	       struct aml_bytes *out)
{
	if (gpa < m->gpa || gpa - m->gpa > m->len || gpa & 15 ||
	    len > m->len - (gpa - m->gpa))
		return false;
	*out = (struct aml_bytes){ m->p + (gpa - m->gpa), (size_t)len };
	return true;
}

static const char *read_table(const struct memory *m, uint64_t gpa,
			      const char *signature, struct aml_bytes *out)
{
	if (!at(m, gpa, 36, out))
		return "a header is out of bounds";
	if (memcmp(out->p, signature, 4) != 0)
		return "a table of another signature";
	if (number(out->p + 4, 4) < 36 ||
	    !at(m, gpa, number(out->p + 4, 4), out))
		return "a table is out of bounds";
	return sums_to_0(out->p, out->len) ? NULL : "a checksum is wrong";
}

static const char *read_rsdp(const struct memory *m, struct aml_bytes *out)
{
	if (!at(m, m->gpa, 36, out))
		return "the RSDP is out of bounds";
	if (memcmp(out->p, "RSD PTR ", 8) != 0 || out->p[15] != 2)
		return "that is no RSDP of ACPI 2.0";
	if (number(out->p + 20, 4) != 36)
		return "the RSDP's length is wrong";
	if (!sums_to_0(out->p, 20) || !sums_to_0(out->p, 36))
		return "the RSDP's checksums are wrong";
	return NULL;
}

/* Tables in the order of their addresses, and nothing but 0 between them. */
static const char *check_gaps(const struct memory *m, const struct acpi_read *r)
{
	const struct aml_bytes t[] = { r->rsdp, r->xsdt, r->fadt, r->madt,
				       r->dsdt };
	const uint8_t *p = m->p;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		if (t[i].p < p)
			return "a table overlaps the one before";
		while (p < t[i].p) {
			if (*p++)
				return "there is something between tables";
		}
		p += t[i].len;
	}
	return p == m->p + m->len ? NULL : "there is something behind";
}

const char *acpi_read(const uint8_t *p, size_t len, uint64_t gpa,
		      struct acpi_read *out)
{
	const struct memory m = { p, len, gpa };
	const char *wrong = read_rsdp(&m, &out->rsdp);

	if (!wrong)
		wrong = read_table(&m, number(out->rsdp.p + 24, 8), "XSDT",
				   &out->xsdt);
	if (!wrong && out->xsdt.len != 36 + 8 * 2)
		wrong = "the XSDT does not list two tables";
	if (!wrong)
		wrong = read_table(&m, number(out->xsdt.p + 36, 8), "FACP",
				   &out->fadt);
	if (!wrong)
		wrong = read_table(&m, number(out->xsdt.p + 44, 8), "APIC",
				   &out->madt);
	if (!wrong && out->fadt.len != 276)
		wrong = "the FADT's length is wrong";
	if (!wrong)
		wrong = read_table(&m, number(out->fadt.p + 140, 8), "DSDT",
				   &out->dsdt);
	return wrong ? wrong : check_gaps(&m, out);
}
