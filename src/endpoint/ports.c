/* SPDX-License-Identifier: MIT */
/* ports.c - which of the host's vsock ports is whose; knows no streams. */
#include "endpoint/ports.h"

/* The link that points to port `number`, or to the end of the list. */
static struct port **find(struct ports *t, uint32_t number)
{
	struct port **at = &t->first;

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

int ports_bind(struct ports *t, struct port *p, mv_error *err)
{
	struct port **at = find(t, p->number);

	if (*at)
		return fail_hint(err,
				 fail(err, MICROVM_EBUSY,
				      "vsock port %u of the host is taken",
				      (unsigned)p->number),
				 "choose another port, or close what "
				 "listens on it");
	p->next = NULL;
	*at = p;
	return 0;
}

void ports_unbind(struct ports *t, struct port *p)
{
	struct port **at = find(t, p->number);

	if (*at == p)
		*at = p->next;
}

struct stream *ports_accept(const struct ports *t, uint32_t port,
			    uint32_t guest_port)
{
	const struct port *p;

	for (p = t->first; p; p = p->next)
		if (p->number == port)
			return p->accept(p->ctx, port, guest_port);
	return t->otherwise ? t->otherwise(t->otherwise_ctx, port, guest_port)
			    : NULL;
}
