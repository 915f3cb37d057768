/* SPDX-License-Identifier: MIT */
/* flow.c - what the embedder is told of each flow.  Decides nothing. */
#include "proxy/inside.h"

#include <string.h>

void flow_init(struct flow *f, struct proxy *p, enum microvm_flow_kind kind,
	       const char *name, uint16_t port)
{
	memset(f, 0, sizeof(*f));
	f->id = ++p->flows;
	f->kind = kind;
	f->name = name;
	f->port = port;
}

microvm_flow flow_view(const struct flow *f, enum microvm_flow_phase phase,
		       const char *why, char text[static ADDR_TEXT])
{
	text[0] = '\0';
	if (f->addr.family != ADDR_NONE)
		(void)addr_ip_text(&f->addr, text);
	return (microvm_flow){
		.size = sizeof(microvm_flow),
		.id = f->id,
		.kind = f->kind,
		.phase = phase,
		.name = f->name,
		.address = text,
		.port = f->port,
		.bytes_out = f->out,
		.bytes_in = f->in,
		.why = why,
	};
}

void flow_tell(struct flow *f, struct proxy *p, enum microvm_flow_phase phase,
	       const char *why)
{
	char text[ADDR_TEXT];
	microvm_flow view = flow_view(f, phase, why, text);

	if (phase == MICROVM_FLOW_DENIED)
		p->stats.denied++;
	if (phase == MICROVM_FLOW_FAILED)
		p->stats.failed++;
	if (phase == MICROVM_FLOW_OPENED)
		f->opened = true;
	if (p->cfg.flow)
		p->cfg.flow(p->cfg.flow_ctx, &view);
}
