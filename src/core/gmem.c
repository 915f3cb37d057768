/* SPDX-License-Identifier: MIT */
/* gmem.c - guest memory: the only door into it. */
#include "core/gmem.h"

#include <string.h>

#include "base/num.h"

static bool overlaps(const struct gmem_region *r, uint64_t gpa, uint64_t size)
{
	return gpa < r->gpa + r->size && r->gpa < gpa + size;
}

int gmem_add(struct gmem *m, uint64_t gpa, uint8_t *host, uint64_t size,
	     mv_error *err)
{
	unsigned i;

	if (m->count == GMEM_MAX_REGIONS)
		return fail(err, MICROVM_ENOMEM, "more than %d RAM regions",
			    GMEM_MAX_REGIONS);
	if (!size || gpa > UINT64_MAX - size)
		return fail(err, MICROVM_EINVAL,
			    "RAM region 0x%llx+0x%llx is empty or wraps",
			    (unsigned long long)gpa, (unsigned long long)size);
	for (i = 0; i < m->count; i++) {
		if (overlaps(&m->region[i], gpa, size))
			return fail(err, MICROVM_EINVAL,
				    "RAM region %u overlaps", i);
	}
	m->region[m->count++] = (struct gmem_region){ gpa, size, host };
	return 0;
}

struct span gmem_span(const struct gmem *m, uint64_t gpa, size_t len)
{
	unsigned i;

	for (i = 0; i < m->count; i++) {
		const struct gmem_region *r = &m->region[i];

		if (gpa >= r->gpa && fits(gpa - r->gpa, len, r->size))
			return (struct span){ r->host + (gpa - r->gpa), len };
	}
	return (struct span){ NULL, 0 };
}

bool gmem_read(const struct gmem *m, uint64_t gpa, void *dst, size_t len)
{
	struct span s = gmem_span(m, gpa, len);

	if (!s.p)
		return false;
	memcpy(dst, s.p, len);
	return true;
}

bool gmem_write(const struct gmem *m, uint64_t gpa, const void *src, size_t len)
{
	struct span s = gmem_span(m, gpa, len);

	if (!s.p)
		return false;
	memcpy(s.p, src, len);
	return true;
}
