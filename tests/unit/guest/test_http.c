/* SPDX-License-Identifier: MIT */
#include "guest/outbound-proxy/http.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "guest/outbound-proxy/socks.h"

static struct http_request request;

static unsigned parse(const char *text)
{
	char head[HTTP_HEAD_MAX];

	strcpy(head, text);
	memset(&request, 0, sizeof(request));
	return http_parse(&request, head, strlen(head));
}

static void test_a_head_ends_at_its_empty_line_however_it_comes(void **s)
{
	static const char *const heads[] = {
		"GET / HTTP/1.1\r\nA: b\r\n\r\n",
		"CONNECT a:1 HTTP/1.1\n\n",
		"\r\n\r\nGET / HTTP/1.1\r\n\r\n",
		"x\r\n\n",
		"x\n\r\n",
	};
	struct http_scan scan;
	size_t i, k, len;
	char text[100];
	bool ended;

	(void)s;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		len = strlen(heads[i]);
		strcpy(text, heads[i]);
		strcat(text, "body\n\n");
		scan = (struct http_scan){ 0 };
		assert_int_equal(http_scan(&scan, (const uint8_t *)text,
					   strlen(text), &ended),
				 len);
		assert_true(ended);
		assert_int_equal(scan.len, len);
		scan = (struct http_scan){ 0 };
		for (k = 0; k < len; k++) {
			assert_int_equal(http_scan(&scan,
						   (const uint8_t *)text + k, 1,
						   &ended),
					 1);
			assert_int_equal(ended, k == len - 1);
		}
	}
}

static void test_connect_names_host_and_port(void **s)
{
	(void)s;
	assert_int_equal(parse("CONNECT a.test:443 HTTP/1.1\r\nX: y\r\n\r\n"),
			 0);
	assert_true(request.connect);
	assert_string_equal(request.host, "a.test");
	assert_int_equal(request.port, 443);
	assert_int_equal(parse("CONNECT [::1]:65535 HTTP/1.0\n\n"), 0);
	assert_string_equal(request.host, "::1");
	assert_int_equal(request.port, 65535);
}

static void test_an_http_address_becomes_a_request_to_its_host(void **s)
{
	(void)s;
	assert_int_equal(parse("GET HTTP://a:81/x/?y=1#z HTTP/1.1\r\n"
			       "Host: b\r\nproxy-authorization: q\r\n"
			       "Keep-Alive: 1\r\nCookie:  c \t\r\n\r\n"),
			 0);
	request.out[request.out_len] = '\0';
	assert_string_equal(request.out,
			    "GET /x/?y=1 HTTP/1.1\r\nHost: a:81\r\n"
			    "Connection: close\r\nCookie: c\r\n\r\n");
	assert_int_equal(request.port, 81);
	assert_int_equal(request.body, 0);
	assert_int_equal(parse("GET http://a?q HTTP/1.0\r\n\r\n"), 0);
	assert_memory_equal(request.out, "GET /?q HTTP/1.0\r\n", 18);
	assert_int_equal(request.port, 80);
	assert_int_equal(parse("GET http://[fd00::1] HTTP/1.1\r\n\r\n"), 0);
	assert_string_equal(request.host, "fd00::1");
}

static void test_headers_for_us_alone_go_no_further(void **s)
{
	(void)s;
	assert_int_equal(parse("GET http://a/ HTTP/1.1\r\nOne: 1\r\nTwo: 2\r\n"
			       "connection: ONE , content-length\r\n"
			       "Content-Length: 3\r\nConnection:two\r\n\r\n"),
			 0);
	request.out[request.out_len] = '\0';
	assert_string_equal(request.out, "GET / HTTP/1.1\r\nHost: a\r\n"
					 "Connection: close\r\n"
					 "Content-Length: 3\r\n\r\n");
	assert_int_equal(request.body, 3);
	assert_int_equal(parse("PUT http://a/ HTTP/1.1\r\n"
			       "Transfer-Encoding: chunked\r\n\r\n"),
			 0);
	assert_true(request.body == UINT64_MAX);
}

static void test_what_two_readers_could_read_differently_is_refused(void **s)
{
	static const char *const bad[] = {
		"Content-Length: 1\r\nContent-Length: 1\r\n",
		"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
		"Content-Length: -1\r\n",
		"Content-Length: 1, 1\r\n",
		"Content-Length:\r\n",
		"Name : x\r\n",
		" folded\r\n",
		"no colon\r\n",
		": x\r\n",
		"A: b\rc\r\n",
		"A: \001\r\n",
	};
	char text[300];
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(text, "GET http://a/ HTTP/1.1\r\n");
		strcat(text, bad[i]);
		strcat(text, "\r\n");
		assert_int_equal(parse(text), 400);
	}
}

static void test_what_is_no_request_to_a_proxy_is_refused(void **s)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"GET\r\n\r\n",
		"GET http://a/\r\n\r\n",
		"GET http://a/ HTTP/2.0\r\n\r\n",
		"GET http://a/ HTTP/1.10\r\n\r\n",
		"GET http://a/ b HTTP/1.1\r\n\r\n",
		"GET http:// HTTP/1.1\r\n\r\n",
		"GET http:///x HTTP/1.1\r\n\r\n",
		"GET http://user@a/ HTTP/1.1\r\n\r\n",
		"GET http://a:0/ HTTP/1.1\r\n\r\n",
		"GET http://a:65536/ HTTP/1.1\r\n\r\n",
		"GET http://a:/ HTTP/1.1\r\n\r\n",
		"GET http://[::1/ HTTP/1.1\r\n\r\n",
		"GET http://[::1]x/ HTTP/1.1\r\n\r\n",
		"CONNECT a HTTP/1.1\r\n\r\n",
		"CONNECT :1 HTTP/1.1\r\n\r\n",
		"CONNECT http://a:1 HTTP/1.1\r\n\r\n",
		"\r\n\r\n",
		"",
		"G\xc3T http://a/ HTTP/1.1\r\n\r\n",
	};
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i]), 400);
	assert_int_equal(parse("GET ftp://a/ HTTP/1.1\r\n\r\n"), 501);
}

static void test_a_host_of_255_is_the_longest(void **s)
{
	char text[400] = "CONNECT ";

	(void)s;
	memset(text + 8, 'x', 255);
	strcpy(text + 8 + 255, ":1 HTTP/1.1\r\n\r\n");
	assert_int_equal(parse(text), 0);
	assert_int_equal(strlen(request.host), 255);
	strcpy(text + 8 + 255, "x:1 HTTP/1.1\r\n\r\n");
	assert_int_equal(parse(text), 400);
}

static void test_a_head_of_the_greatest_length(void **s)
{
	char text[HTTP_HEAD_MAX] = "GET http://a/ HTTP/1.1\r\n";
	size_t n = strlen(text);

	(void)s;
	/* Headers without a blank behind their colons grow by one each. */
	for (; n < HTTP_HEAD_MAX - 10; n += 4)
		memcpy(text + n, "a:\r\n", 4);
	memcpy(text + n, "\r\n", 3);
	assert_int_equal(parse(text), 431);
	assert_true(request.out_len <= sizeof(request.out));
}

static void test_refusals_are_whole_answers(void **s)
{
	static const unsigned status[] = { 400, 403, 408, 431, 501, 502, 504 };
	char text[512], *body;
	size_t i, n;

	(void)s;
	for (i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
		n = http_refusal(text, sizeof(text), status[i]);
		assert_true(n > 0 && n == strlen(text));
		body = strstr(text, "\r\n\r\n");
		assert_non_null(body);
		assert_non_null(strstr(text, "Content-Length: "));
		assert_int_equal(
			strtoul(strstr(text, "Length: ") + 8, NULL, 10),
			strlen(body + 4));
	}
	assert_int_equal(http_status(SOCKS_DENIED), 403);
	assert_int_equal(http_status(SOCKS_TIMED_OUT), 504);
	assert_int_equal(http_status(99), 502);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_head_ends_at_its_empty_line_however_it_comes),
		cmocka_unit_test(test_connect_names_host_and_port),
		cmocka_unit_test(
			test_an_http_address_becomes_a_request_to_its_host),
		cmocka_unit_test(test_headers_for_us_alone_go_no_further),
		cmocka_unit_test(
			test_what_two_readers_could_read_differently_is_refused),
		cmocka_unit_test(test_what_is_no_request_to_a_proxy_is_refused),
		cmocka_unit_test(test_a_host_of_255_is_the_longest),
		cmocka_unit_test(test_a_head_of_the_greatest_length),
		cmocka_unit_test(test_refusals_are_whole_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
