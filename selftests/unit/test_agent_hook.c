// SPDX-License-Identifier: GPL-2.0-or-later
/* test_agent_hook.c - handlers of a pod's spec that need no runtime, against real servers */
#include "test_fake_runtime.h"
#include "test_certs.h"
#include "test_loop.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "agent/hook.h"
#include "rpc/http_server.h"

static sd_event *loop;
static struct http_server *server;
static char *seen;		/* method, path and some headers of the last request */
static int answer;
static bool done;
static enum hook_result result;
static char *problem;

static void on_request(void *data, struct http_request *req)
{
	static const char *const names[] = { "Host", "Accept", "User-Agent", "X-One", "X-Empty" };
	struct buf b = { 0 };

	buf_printf(&b, "%s %s", http_request_method(req), http_request_path(req));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (http_request_header(req, names[i]))
			buf_printf(&b, " %s=%s", names[i], http_request_header(req, names[i]));
	free(seen);
	seen = buf_steal(&b);
	http_respond(req, answer, "text/plain", "", 0, NULL);
}

static void on_done(void *data, enum hook_result r, const char *p)
{
	done = true;
	result = r;
	free(problem);
	problem = p ? xstrdup(p) : NULL;
}

static enum hook_result run(const char *handler)
{
	_cleanup_json_ json *j = parse_or_fail(handler);
	struct hook_target t = { .loop = loop, .ip = "127.0.0.1", .handler = j, .timeout_s = 2, .container_id = "a-0" };

	done = false;
	hook_run(&t, on_done, NULL);
	assert_false(done);
	loop_until(loop, 5000, done);
	assert_int_equal(problem == NULL, result == HOOK_GOOD);
	return result;
}

static enum hook_result run_get(const char *scheme, int port, const char *headers)
{
	_cleanup_free_ char *text = xasprintf("{\"httpGet\":{\"scheme\":\"%s\",\"port\":%d,\"path\":\"/healthz\",\"httpHeaders\":%s}}",
					      scheme, port, headers);

	return run(text);
}

#define H(name, value) "{\"name\":\"" name "\",\"value\":\"" value "\"}"

static void test_http(void **state)
{
	_cleanup_free_ char *plain = xasprintf("GET /healthz Host=127.0.0.1:%d Accept=*/* User-Agent=keelson",
					       http_server_port(server));
	int port = http_server_port(server);

	assert_int_equal(run_get("HTTP", port, "[]"), HOOK_GOOD);
	assert_string_equal(seen, plain);
	assert_int_equal(run_get("HTTP", port, "[" H("Host", "web.example") "," H("X-One", "1: 2;") "," H("X-Empty", "") ","
					       H("Accept", "text/html") "," H("user-agent", "me") "]"), HOOK_GOOD);
	assert_string_equal(seen, "GET /healthz Host=web.example Accept=text/html User-Agent=me X-One=1: 2; X-Empty=");
	assert_int_equal(run_get("HTTP", port, "[" H("Host", "h") "," H("Accept", "") "," H("User-Agent", "") "]"), HOOK_GOOD);
	assert_string_equal(seen, "GET /healthz Host=h");
	assert_int_equal(run_get("HTTP", port, "[" H("X-One", "1\\r\\nX-Empty: 2") "]"), HOOK_ERROR);
	answer = 302;
	assert_int_equal(run_get("HTTP", port, "[]"), HOOK_GOOD);
	answer = 500;
	assert_int_equal(run_get("HTTP", port, "[]"), HOOK_BAD);
	assert_string_equal(problem, "HTTP probe failed with statuscode: 500");
	answer = 200;
}

/* A port that nobody listens on. */
static int free_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sa);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	return ntohs(sa.sin_port);
}

static void test_https(void **state)
{
	char dir[] = "/tmp/keelson-test-hook.XXXXXX";
	_cleanup_free_ char *rm = NULL, *port_text = NULL, *tcp = NULL;
	int port = free_port(), i = 0;
	pid_t pid;

	port_text = xasprintf("127.0.0.1:%d", port);
	tcp = xasprintf("{\"tcpSocket\":{\"port\":%d}}", port);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(make_test_certs(dir), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (chdir(dir) == 0)
			execlp("openssl", "openssl", "s_server", "-accept", port_text, "-cert", "stranger.crt",
			       "-key", "stranger.key", "-www", "-quiet", NULL);
		_exit(1);
	}
	while (run(tcp) != HOOK_GOOD && i++ < 100)
		loop_for(loop, 50);
	assert_int_equal(run_get("HTTPS", port, "[]"), HOOK_GOOD);
	assert_int_equal(run_get("HTTP", port, "[]"), HOOK_BAD);
	kill(pid, SIGKILL);		/* the loop has SIGTERM blocked, and so has its child */
	waitpid(pid, NULL, 0);
	rm = xasprintf("rm -rf %s", dir);
	assert_int_equal(system(rm), 0);
}

static void test_others(void **state)
{
	_cleanup_free_ char *closed = xasprintf("{\"tcpSocket\":{\"port\":%d}}", free_port());
	_cleanup_free_ char *open = xasprintf("{\"tcpSocket\":{\"port\":\"%d\"}}", http_server_port(server));

	assert_int_equal(run(closed), HOOK_BAD);
	assert_int_equal(run(open), HOOK_GOOD);
	assert_int_equal(run("{\"sleep\":{\"seconds\":0}}"), HOOK_GOOD);
	assert_int_equal(run("{\"grpc\":{\"port\":1}}"), HOOK_ERROR);
	assert_int_equal(run("{\"tcpSocket\":{\"port\":1,\"host\":\"no address\"}}"), HOOK_ERROR);
}

static void test_exec(void **state)
{
	static const struct {
		int status, code;
		enum hook_result expect;
	} rows[] = {
		{ GRPC_OK, 0, HOOK_GOOD }, { GRPC_OK, 1, HOOK_BAD }, { GRPC_DEADLINE_EXCEEDED, 0, HOOK_BAD },
		{ GRPC_UNKNOWN, 0, HOOK_ERROR }, { GRPC_NOT_FOUND, 0, HOOK_ERROR }, { GRPC_INTERNAL, 0, HOOK_ERROR },
		{ GRPC_UNAVAILABLE, 0, HOOK_UNREACHED }, { GRPC_CANCELLED, 0, HOOK_UNREACHED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		runtime.exec_status = rows[i].status;
		runtime.exec_code = rows[i].code;
		assert_int_equal(run("{\"exec\":{\"command\":[\"true\"]}}"), rows[i].expect);
	}
}

static int setup(void **state)
{
	struct http_server_config config = { .listen = "127.0.0.1:0" };
	char *msg = NULL;

	if (loop_new(&loop) < 0 || http_server_new(loop, &config, on_request, NULL, &server, &msg) < 0)
		return -1;
	runtime.loop = loop;
	answer = 200;
	return 0;
}

static int teardown(void **state)
{
	http_server_free(server);
	sd_event_unref(loop);
	free(seen);
	free(problem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_https),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_exec),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
