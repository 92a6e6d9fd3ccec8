// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rpc_containerd.c - the gRPC channel against a real containerd, in a directory of its own */
#include "test_loop.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "base/loop.h"
#include "rpc/grpc.h"

static sd_event *loop;
static char dir[] = "/tmp/keelson-test-containerd.XXXXXX";
static pid_t pid;
static struct grpc_channel *ch;

/* Only the gRPC services that need no device and no mount. */
static void write_config(const char *path)
{
	_cleanup_free_ char *text = xasprintf(
		"version = 2\nroot = \"%s/root\"\nstate = \"%s/state\"\n"
		"disabled_plugins = [\"io.containerd.grpc.v1.cri\", \"io.containerd.internal.v1.opt\", "
		"\"io.containerd.snapshotter.v1.aufs\", \"io.containerd.snapshotter.v1.btrfs\", "
		"\"io.containerd.snapshotter.v1.devmapper\", \"io.containerd.snapshotter.v1.zfs\"]\n"
		"[grpc]\n  address = \"%s/c.sock\"\n", dir, dir, dir);

	assert_int_equal(write_file_atomic(path, text, strlen(text), 0600), 0);
}

static void start(void)
{
	_cleanup_free_ char *config = xasprintf("%s/config.toml", dir);

	write_config(config);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execlp("containerd", "containerd", "--config", config, NULL);
		_exit(127);
	}
	assert_true(pid > 0);
}

static void stop(int sig)
{
	if (pid <= 0)
		return;
	kill(pid, sig);
	waitpid(pid, NULL, 0);
	pid = 0;
}

struct answer {
	int calls, status;
	char msg[256];
	struct buf p;
};

static void take(void *data, int status, const char *msg, const void *p, size_t len)
{
	struct answer *a = data;

	a->calls++;
	a->status = status;
	snprintf(a->msg, sizeof(a->msg), "%s", msg ? msg : "");
	buf_add(&a->p, p, len);
}

static void on_message(void *data, const void *p, size_t len)
{
	struct answer *a = data;

	buf_add(&a->p, p, len);
}

static void on_end(void *data, int status, const char *msg)
{
	take(data, status, msg, NULL, 0);
}

static void test_version(void **state)
{
	struct answer a = { 0 };

	grpc_unary(ch, "/containerd.services.version.v1.Version/Version", "", 0, 60000, take, &a);
	loop_until(loop, 65000, a.calls);
	if (a.status)
		fail_msg("%s", a.msg);
	assert_true(a.p.len > 4);
	assert_int_equal(a.p.data[0], 0x0a);	/* field 1, a string: the version */
	buf_free(&a.p);
}

static void test_unknown(void **state)
{
	struct answer a = { 0 };

	grpc_unary(ch, "/runtime.v1.RuntimeService/Version", "", 0, 5000, take, &a);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.status, GRPC_UNIMPLEMENTED);
	assert_non_null(strstr(a.msg, "unknown service runtime.v1.RuntimeService"));
	buf_free(&a.p);
}

/* A subscription to events stands while nothing happens, and ends with the server; the channel finds the next one. */
static void test_stream(void **state)
{
	static const struct grpc_stream_ops ops = { .on_message = on_message, .on_end = on_end };
	struct answer events = { 0 };
	struct grpc_stream *s = grpc_stream_open(ch, "/containerd.services.events.v1.Events/Subscribe", &ops, &events);

	grpc_stream_send(s, "", 0);
	grpc_stream_send_end(s);
	test_version(state);
	loop_for(loop, 200);
	assert_int_equal(events.calls, 0);
	stop(SIGKILL);
	loop_until(loop, 20000, events.calls);
	assert_int_equal(events.status, GRPC_UNAVAILABLE);
	start();
	test_version(state);
	buf_free(&events.p);
}

static int setup(void **state)
{
	_cleanup_free_ char *target = NULL, *msg = NULL;
	struct grpc_config c;

	if (!mkdtemp(dir) || loop_new(&loop) < 0)
		return -1;
	target = xasprintf("unix:%s/c.sock", dir);
	c = (struct grpc_config){ .target = target };
	start();
	return grpc_channel_new(loop, &c, &ch, &msg);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	grpc_channel_free(ch);
	stop(SIGTERM);
	sd_event_unref(loop);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
