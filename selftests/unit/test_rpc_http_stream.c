// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rpc_http_stream.c - answers that come in pieces, and who reads them */
#include "test_rpc_http.h"

static void test_stream(void **state)
{
	static const enum how ways[] = { TCP, TLS, UNIX };
	uint64_t before, after;
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct reply r = { 0 };

		open_fixture(&f, ways[i], 0);
		start_stream(f.client, &r, "/stream?watch=1");
		loop_until(loop, 20000, f.held);
		loop_for(loop, 20);
		http_stream_write(f.held, "one\n", 4);
		loop_until(loop, 20000, r.streamed.len == 4);
		http_stream_write(f.held, "two\n", 4);
		http_stream_write(f.held, "three\n", 6);
		loop_until(loop, 20000, r.streamed.len == 14);
		assert_string_equal(r.streamed.data, "one\ntwo\nthree\n");
		assert_int_equal(http_stream_backlog(f.held), 0);
		assert_int_equal(r.calls, 0);
		/* a stream with nothing to say costs nothing */
		loop_for(loop, 20);
		assert_int_equal(sd_event_get_iteration(loop, &before), 0);
		loop_for(loop, 200);
		assert_int_equal(sd_event_get_iteration(loop, &after), 0);
		assert_true(after - before < 20);
		http_stream_write(f.held, "last\n", 5);
		http_stream_end(f.held);
		loop_until(loop, 20000, r.calls);
		assert_int_equal(r.err, 0);
		assert_int_equal(r.status, 200);
		assert_string_equal(r.streamed.data, "one\ntwo\nthree\nlast\n");
		assert_int_equal(f.closes, 0);
		reply_free(&r);
		close_fixture(&f);
	}
}

/* Whoever asked hears once of each answer, however it comes to its end. */
static void test_stream_header_at_once(void **state)
{
	struct buf b = { 0 };
	struct fixture f;
	int fd;

	open_fixture(&f, TCP, 0);
	fd = tcp_connect(&f);
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	read_until(fd, &b, "\r\n\r\n");
	assert_true(startswith(b.data, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strcasestr(b.data, "Transfer-Encoding: chunked"));
	assert_non_null(strcasestr(b.data, "Content-Type: application/json"));
	http_stream_write(f.held, "x\n", 2);
	read_until(fd, &b, "2\r\nx\n\r\n");
	close(fd);
	loop_until(loop, 20000, f.closes == 1);
	buf_free(&b);
	close_fixture(&f);
}

static void test_keep_alive(void **state)
{
	struct buf b = { 0 };
	struct fixture f;
	int fd;

	open_fixture(&f, TCP, 0);
	fd = tcp_connect(&f);
	for (int i = 0; i < 3; i++) {
		b.len = 0;
		send_text(fd, "POST /k HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
		read_until(fd, &b, "body=ok len=2");
		assert_non_null(strstr(b.data, "X-Test: yes\r\n"));
		assert_non_null(strstr(b.data, "Warning: 299 - \"x: y\"\r\n"));
	}
	/* a stream that ends leaves the connection good as well */
	b.len = 0;
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "abc", 3);
	http_stream_end(f.held);
	read_until(fd, &b, "3\r\nabc\r\n0\r\n\r\n");
	send_text(fd, "GET /k HTTP/1.1\r\nHost: x\r\n\r\n");
	read_until(fd, &b, "GET /k?");
	close(fd);
	buf_free(&b);
	close_fixture(&f);
}

static void test_client_goes_away(void **state)
{
	static const enum how ways[] = { TCP, TLS, UNIX };
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct reply r = { 0 };

		open_fixture(&f, ways[i], 0);
		start_stream(f.client, &r, "/stream");
		loop_until(loop, 20000, f.held);
		http_stream_write(f.held, "one\n", 4);
		loop_until(loop, 20000, r.chunks);
		loop_for(loop, 20);	/* suspended by now */
		http_client_free(TAKE_PTR(f.client));
		loop_until(loop, 20000, f.closes);
		loop_for(loop, 20);
		assert_int_equal(f.closes, 1);
		assert_int_equal(r.calls, 0);
		reply_free(&r);
		close_fixture(&f);
	}
}

static void test_slow_reader(void **state)
{
	_cleanup_free_ char *line = xcalloc(1, 1001);
	struct buf b = { 0 };
	struct fixture f;
	size_t body;
	int fd;

	memset(line, 'x', 1000);
	open_fixture(&f, TCP, 0);
	fd = tcp_connect(&f);
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_until(loop, 20000, f.held);
	for (int i = 0; i < 10000; i++)
		http_stream_write(f.held, line, 1000);
	loop_for(loop, 200);
	assert_true(http_stream_backlog(f.held) > 1000000);
	/* others are served meanwhile */
	expect(f.client, "GET", "/missing", NULL, 404, "no");
	/* it reads after all */
	http_stream_write(f.held, "end", 3);
	read_until(fd, &b, "end");
	assert_int_equal(http_stream_backlog(f.held), 0);
	body = 0;
	for (size_t i = 0; i < b.len; i++)
		body += b.data[i] == 'x';
	assert_int_equal(body, 10000000);
	/* and goes away in the middle of the next lot */
	for (int i = 0; i < 10000; i++)
		http_stream_write(f.held, line, 1000);
	loop_for(loop, 100);
	close(fd);
	loop_until(loop, 20000, f.closes);
	buf_free(&b);
	close_fixture(&f);
}

static void on_drain(void *data)
{
	struct fixture *f = data;

	/* never more than what was there and one turn's worth */
	assert_true(http_stream_backlog(f->held) <= 1000);
	if (++f->drains == 2000) {
		http_stream_write(f->held, "end", 3);
		return;
	}
	for (int i = 0; i < 10; i++)
		http_stream_write_bytes(f->held, f->line);
	http_stream_on_drain(f->held, 1000, on_drain);
}

/* Whoever writes only what was taken holds little, however slow the reader is. */
static void test_drain(void **state)
{
	_cleanup_free_ char *line = xcalloc(1, 1001);
	static char chunk[65536];
	struct fixture f;
	size_t body = 0;
	ssize_t n;
	int fd;

	memset(line, 'x', 1000);
	open_fixture(&f, TCP, 0);
	f.line = bytes_new(line, 1000);
	fd = tcp_connect(&f);
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_until(loop, 20000, f.held);
	http_stream_on_drain(f.held, 1000, on_drain);
	assert_int_equal(f.drains, 0);
	loop_for(loop, 500);
	assert_true(f.drains > 0 && f.drains < 2000);
	loop_until(loop, 20000, ({
		while ((n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
			for (ssize_t i = 0; i < n; i++)
				body += chunk[i] == 'x';
		body == 1999 * 10000;
	}));
	loop_until(loop, 20000, !http_stream_backlog(f.held));
	assert_int_equal(f.line->refs, 1);
	bytes_unref(f.line);
	close(fd);
	loop_until(loop, 20000, f.closes);
	close_fixture(&f);
}

static void test_abort(void **state)
{
	struct reply r = { 0 };
	struct fixture f;

	open_fixture(&f, TCP, 0);
	start_stream(f.client, &r, "/stream");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "one", 3);
	loop_until(loop, 20000, r.streamed.len == 3);
	http_stream_abort(f.held);
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, -EAGAIN);
	assert_int_equal(f.closes, 0);
	reply_free(&r);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_stream_header_at_once),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_client_goes_away),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
