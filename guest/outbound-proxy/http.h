/* SPDX-License-Identifier: MIT */
/*
 * http.h - the head of a request to an HTTP proxy.
 *
 * Pure.  Two forms are taken: "CONNECT host:port" (RFC 9110, 9.3.6), and any
 * other method on an http:// address, which becomes a request to that host
 * with "Connection: close": one request a connection.
 */
#ifndef GUEST_OUTBOUND_PROXY_HTTP_H
#define GUEST_OUTBOUND_PROXY_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_HEAD_MAX = 8192, HTTP_OUT_MAX = HTTP_HEAD_MAX + 512 };

/* Finds the empty line that ends a head. */
struct http_scan {
	size_t len;  /* of the head, with its end, once there */
	size_t line; /* of the line being read */
	bool begun;  /* empty lines may precede the first: RFC 9112, 2.2 */
};

/* How many bytes belong to the head; *ended: it is complete. */
size_t http_scan(struct http_scan *s, const uint8_t *p, size_t len,
		 bool *ended);

struct http_request {
	bool connect;
	char host[256]; /* without [] */
	uint16_t port;
	uint64_t body;  /* bytes behind the head; UINT64_MAX: unknown */
	char out[HTTP_OUT_MAX]; /* unless `connect`: what to send instead */
	size_t out_len;
};

/*
 * A complete head; its bytes are changed.  0, or the status to refuse with:
 * 400, 431 or 501.
 */
unsigned http_parse(struct http_request *r, char *head, size_t len);

/* The status that tells of a SOCKS reply. */
unsigned http_status(unsigned reply);

/* A whole answer that refuses; its length, below `size`. */
size_t http_refusal(char *out, size_t size, unsigned status);

#endif
