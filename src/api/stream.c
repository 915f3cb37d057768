/* SPDX-License-Identifier: MIT */
/*
 * stream.c - microvm.h's calls on what leads in and out of a running VM:
 * arguments checked, passed on.
 *
 * A microvm_stream is a struct ring_stream and a microvm_listener a struct
 * link_listener, each under its public name.
 */
#include "vm/link.h"
#include "vm/vm.h"

static struct link *link_of(microvm_vm *handle)
{
	return &((struct vm *)handle)->link;
}

static struct ring_stream *ring_of(microvm_stream *handle)
{
	return (struct ring_stream *)handle;
}

static int missing(mv_error *err, const char *what)
{
	return fail(err, MICROVM_EINVAL, "%s is NULL", what);
}

/* Neither the wildcard of vsock(7) nor anything that does not fit. */
static int check_port(uint32_t port, mv_error *err)
{
	if (port == UINT32_MAX)
		return fail(err, MICROVM_EINVAL,
			    "vsock port 4294967295 stands for any");
	return 0;
}

/* ---- streams are made ------------------------------------------------- */

int microvm_vsock_connect(microvm_vm *vm, uint32_t port, uint32_t ms,
			  microvm_stream **stream, microvm_error *err)
{
	struct ring_stream *made = NULL;
	int rc;

	if (!stream)
		return missing(err, "stream");
	*stream = NULL;
	if (!vm)
		return missing(err, "vm");
	rc = check_port(port, err);
	if (!rc)
		rc = link_connect(link_of(vm), port, ms, &made, err);
	if (!rc)
		*stream = (microvm_stream *)made;
	return rc;
}

int microvm_vsock_open(microvm_vm *vm, uint32_t port, uint32_t ms,
		       microvm_stream_fn *fn, void *ctx,
		       microvm_stream **stream, microvm_error *err)
{
	struct ring_stream *made = NULL;
	int rc;

	if (!stream)
		return missing(err, "stream");
	*stream = NULL;
	if (!vm)
		return missing(err, "vm");
	rc = check_port(port, err);
	if (!rc)
		rc = link_open(link_of(vm), port, ms, fn, ctx, &made, err);
	if (!rc)
		*stream = (microvm_stream *)made;
	return rc;
}

int microvm_vsock_listen(microvm_vm *vm, uint32_t port, microvm_accept_fn *fn,
			 void *ctx, microvm_listener **listener,
			 microvm_error *err)
{
	struct link_listener *made = NULL;
	int rc;

	if (!listener)
		return missing(err, "listener");
	*listener = NULL;
	if (!vm || !fn)
		return missing(err, vm ? "accept function" : "vm");
	rc = check_port(port, err);
	if (!rc)
		rc = link_listen(link_of(vm), port, fn, ctx, &made, err);
	if (!rc)
		*listener = (microvm_listener *)made;
	return rc;
}

void microvm_listener_close(microvm_listener *listener)
{
	if (listener)
		link_listener_close((struct link_listener *)listener);
}

/* ---- streams are used ------------------------------------------------- */

void microvm_stream_set_events(microvm_stream *stream, microvm_stream_fn *fn,
			       void *ctx)
{
	if (stream)
		ring_stream_set_events(ring_of(stream), fn, ctx);
}

ptrdiff_t microvm_stream_read(microvm_stream *stream, void *buf, size_t len,
			      uint32_t ms)
{
	if (!stream || (!buf && len))
		return -MICROVM_EINVAL;
	return ring_stream_read(ring_of(stream), buf, len, ms);
}

ptrdiff_t microvm_stream_write(microvm_stream *stream, const void *buf,
			       size_t len, uint32_t ms)
{
	if (!stream || (!buf && len))
		return -MICROVM_EINVAL;
	return ring_stream_write(ring_of(stream), buf, len, ms);
}

int microvm_stream_shutdown(microvm_stream *stream)
{
	return stream ? ring_stream_shutdown(ring_of(stream)) : -MICROVM_EINVAL;
}

void microvm_stream_close(microvm_stream *stream)
{
	if (stream)
		ring_stream_close(ring_of(stream));
}

int microvm_stream_detach(microvm_stream *stream, intptr_t *fd,
			  microvm_error *err)
{
	int plain = -1, rc;

	if (!stream || !fd)
		return missing(err, stream ? "fd" : "stream");
	*fd = -1;
	rc = ring_stream_detach(ring_of(stream), &plain, err);
	if (!rc)
		*fd = plain;
	return rc;
}

/* ---- the machine ------------------------------------------------------ */

int microvm_policy_answer(microvm_vm *vm, uint64_t flow,
			  enum microvm_verdict verdict, microvm_error *err)
{
	if (!vm)
		return missing(err, "vm");
	if (verdict != MICROVM_ALLOW && verdict != MICROVM_DENY)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "verdict %d is no answer", (int)verdict),
				 "say MICROVM_ALLOW or MICROVM_DENY");
	return link_answer(link_of(vm), flow, verdict, err);
}

int microvm_vm_stop(microvm_vm *vm, microvm_error *err)
{
	return vm ? link_stop(link_of(vm), err) : missing(err, "vm");
}

int microvm_vm_set_time(microvm_vm *vm, microvm_error *err)
{
	return vm ? link_set_time(link_of(vm), err) : missing(err, "vm");
}
