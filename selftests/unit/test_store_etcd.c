// SPDX-License-Identifier: GPL-2.0-or-later
/* test_store_etcd.c - the etcd client against a real etcd */
#include "test_loop.h"

#include <errno.h>
#include "base/loop.h"
#include "store/etcd.h"
#include "test_certs.h"
#include "test_etcd_server.h"

static sd_event *loop;
static struct etcd_server server;
static struct etcd *etcd;

/* What a call answered, copied out of the callback. */
struct answer {
	int calls, err;
	int64_t revision, count, lease;
	bool succeeded, more;
	size_t n;
	char msg[256], key[64], value[64];
	size_t value_len;
	int64_t mod, create, version, kv_lease;
};

static void take(void *data, const struct etcd_result *res)
{
	struct answer *a = data;

	a->calls++;
	a->err = res->err;
	a->revision = res->revision;
	a->count = res->count;
	a->lease = res->lease;
	a->succeeded = res->succeeded;
	a->more = res->more;
	a->n = res->n_kvs;
	snprintf(a->msg, sizeof(a->msg), "%s", res->msg ? res->msg : "");
	if (!res->n_kvs)
		return;
	snprintf(a->key, sizeof(a->key), "%s", res->kvs[0].key);
	snprintf(a->value, sizeof(a->value), "%s", res->kvs[0].value);
	a->value_len = res->kvs[0].value_len;
	a->mod = res->kvs[0].mod_revision;
	a->create = res->kvs[0].create_revision;
	a->version = res->kvs[0].version;
	a->kv_lease = res->kvs[0].lease;
}

static struct answer wait_for(struct answer *a)
{
	loop_until(loop, 20000, a->calls);
	assert_int_equal(a->calls, 1);
	return *a;
}

static struct answer range_opts(const char *key, const char *end, const struct etcd_range_opts *o)
{
	struct answer a = { 0 };

	etcd_range(etcd, key, end, o, take, &a);
	assert_int_equal(a.calls, 0);
	return wait_for(&a);
}

static struct answer get(const char *key)
{
	return range_opts(key, NULL, NULL);
}

static struct answer put_lease(const char *key, int64_t mod, const char *value, int64_t lease)
{
	struct answer a = { 0 };

	etcd_txn_put(etcd, key, mod, value, value ? strlen(value) : 0, lease, take, &a);
	return wait_for(&a);
}

static struct answer put(const char *key, int64_t mod, const char *value)
{
	return put_lease(key, mod, value, 0);
}

static struct answer compact(int64_t revision)
{
	struct answer a = { 0 };

	etcd_compact(etcd, revision, take, &a);
	return wait_for(&a);
}

static void test_prefix_end(void **state)
{
	static const char *const cases[][2] = {
		{ "/registry/pods/", "/registry/pods0" }, { "a", "b" }, { "a\xff", "b" }, { "", "" }, { "\xff\xff", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *end = etcd_prefix_end(cases[i][0]);

		assert_string_equal(end, cases[i][1]);
	}
}

static void test_bad_endpoints(void **state)
{
	static const char *const bad[] = { "", "127.0.0.1:2379", "http://127.0.0.1", "http://127.0.0.1:0", "ftp://a:1",
					   "http://127.0.0.1:2379,nonsense", "http://[::1:2379", "http://::1:2379" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct etcd_config c = { .endpoints = bad[i] };
		_cleanup_free_ char *msg = NULL;
		struct etcd *e;

		assert_int_equal(etcd_new(loop, &c, &e, &msg), -EINVAL);
		assert_non_null(msg);
	}
}

static struct answer put_guarded(const char *key, const char *value, const char *guard, int64_t guard_mod)
{
	const struct etcd_guard g = { guard, guard_mod };
	struct answer a = { 0 };

	etcd_txn_put_guarded(etcd, key, 0, value, strlen(value), 0, &g, take, &a);
	return wait_for(&a);
}

/* A write that holds only while another key is as it was. */
static void test_guard(void **state)
{
	struct answer guard = put("/g/guard", 0, "g"), a = put_guarded("/g/a", "1", "/g/guard", guard.revision);

	assert_true(a.succeeded);
	a = put_guarded("/g/b", "1", "/g/none", 0);
	assert_true(a.succeeded);
	put("/g/guard", guard.revision, "changed");
	a = put_guarded("/g/c", "1", "/g/guard", guard.revision);
	assert_int_equal(a.err, 0);
	assert_false(a.succeeded);
	assert_int_equal(a.n, 0);
	assert_int_equal(get("/g/c").n, 0);
	/* What is at the key itself is told all the same. */
	a = put_guarded("/g/a", "2", "/g/guard", guard.revision);
	assert_false(a.succeeded);
	assert_string_equal(a.value, "1");
}

static void test_put_get_delete(void **state)
{
	struct answer a = put("/t1/a", 0, "one"), b;

	assert_int_equal(a.err, 0);
	assert_true(a.succeeded);
	assert_true(a.revision > 1);
	b = get("/t1/a");
	assert_int_equal(b.n, 1);
	assert_int_equal(b.count, 1);
	assert_string_equal(b.key, "/t1/a");
	assert_string_equal(b.value, "one");
	assert_int_equal(b.value_len, 3);
	assert_int_equal(b.mod, a.revision);
	assert_int_equal(b.create, a.revision);
	assert_int_equal(b.version, 1);

	/* created already: nothing is written and the present value comes back */
	b = put("/t1/a", 0, "two");
	assert_int_equal(b.err, 0);
	assert_false(b.succeeded);
	assert_string_equal(b.value, "one");
	assert_int_equal(b.mod, a.revision);

	b = put("/t1/a", a.revision, "two");
	assert_true(b.succeeded);
	assert_int_equal(b.revision, a.revision + 1);
	a = put("/t1/a", a.revision, NULL);
	assert_false(a.succeeded);
	assert_string_equal(a.value, "two");
	a = put("/t1/a", b.revision, NULL);
	assert_true(a.succeeded);
	assert_int_equal(get("/t1/a").n, 0);
	/* deleting or changing what is not there */
	a = put("/t1/a", b.revision, "three");
	assert_false(a.succeeded);
	assert_int_equal(a.n, 0);
}

static void test_range(void **state)
{
	_cleanup_free_ char *end = etcd_prefix_end("/t2/");
	struct etcd_range_opts two = { .limit = 2 }, keys = { .keys_only = true }, count = { .count_only = true };
	int64_t before;
	struct answer a;

	before = put("/t2/a", 0, "1").revision;
	put("/t2/b", 0, "");
	put("/t2/c", 0, "3");
	put("/t20", 0, "outside");
	a = range_opts("/t2/", end, NULL);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.count, 3);
	assert_false(a.more);
	assert_string_equal(a.key, "/t2/a");
	a = range_opts("/t2/", end, &two);
	assert_int_equal(a.n, 2);
	assert_int_equal(a.count, 3);
	assert_true(a.more);
	a = range_opts("/t2/b", end, &two);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.key, "/t2/b");
	assert_string_equal(a.value, "");
	a = range_opts("/t2/", end, &keys);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.value_len, 0);
	a = range_opts("/t2/", end, &count);
	assert_int_equal(a.n, 0);
	assert_int_equal(a.count, 3);
	a = range_opts("/t2/", end, &(struct etcd_range_opts){ .revision = before });
	assert_int_equal(a.n, 1);
	assert_true(range_opts("", "", &count).count >= 4);
	/* an answer larger than asked for is none, and the next is good again */
	a = range_opts("/t2/", end, &(struct etcd_range_opts){ .max_bytes = 50 });
	assert_int_equal(a.err, -EMSGSIZE);
	a = range_opts("/t2/", end, &(struct etcd_range_opts){ .max_bytes = 1000 });
	assert_int_equal(a.n, 3);
}

static void test_lease(void **state)
{
	struct answer a = { 0 };
	int64_t lease;

	etcd_lease_grant(etcd, 1, take, &a);
	lease = wait_for(&a).lease;
	assert_true(lease != 0);
	assert_true(put_lease("/t3/event", 0, "x", lease).succeeded);
	assert_int_equal(get("/t3/event").kv_lease, lease);
	for (int i = 0; i < 100 && get("/t3/event").n; i++)
		loop_for(loop, 100);
	assert_int_equal(get("/t3/event").n, 0);
	assert_int_equal(put_lease("/t3/event", 0, "x", 12345).err, -EINVAL);
}

static void test_errors(void **state)
{
	_cleanup_free_ char *big = xcalloc(1, 2 << 20);
	struct answer a;
	int64_t rev;

	memset(big, 'x', (2 << 20) - 1);
	a = put("/t4/big", 0, big);	/* refused by etcd's gRPC */
	assert_int_equal(a.err, -EINVAL);
	assert_non_null(strstr(a.msg, "larger than max"));
	big[1600 << 10] = '\0';
	a = put("/t4/big", 0, big);	/* and by etcd */
	assert_int_equal(a.err, -EINVAL);
	assert_non_null(strstr(a.msg, "too large"));
	rev = put("/t4/a", 0, "1").revision;
	put("/t4/a", rev, "2");
	assert_int_equal(compact(rev + 1).err, 0);
	a = range_opts("/t4/a", NULL, &(struct etcd_range_opts){ .revision = rev });
	assert_int_equal(a.err, -EKEYEXPIRED);
	assert_int_equal(compact(rev).err, -EKEYEXPIRED);
	a = range_opts("/t4/a", NULL, &(struct etcd_range_opts){ .revision = 1 << 30 });
	assert_int_equal(a.err, -ERANGE);
}

/* --- watches ---------------------------------------------------------------- */

struct seen {
	struct etcd_watch *w;
	int events, progress, ends, err;
	int64_t revision;	/* of the last callback */
	char log[4096];		/* "key=value(previous) ..." */
	size_t bytes;
	struct seen *close_too;	/* another watch, closed from inside the callback */
};

static void on_watch(void *data, int err, const struct etcd_event *ev, size_t n, int64_t revision)
{
	struct seen *s = data;

	s->revision = revision;
	if (err) {
		s->err = err;
		s->ends++;
	} else if (n == 0) {
		s->progress++;
	}
	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(s->log);

		s->events++;
		s->bytes += ev[i].kv.value_len;
		if (ev[i].kv.value_len < 100)
			snprintf(s->log + used, sizeof(s->log) - used, "%s=%s(%s) ", ev[i].kv.key,
				 ev[i].deleted ? "DELETED" : ev[i].kv.value, ev[i].has_prev ? ev[i].prev.value : "-");
		assert_true(ev[i].kv.mod_revision <= revision);
	}
	if (s->close_too) {
		etcd_watch_close(TAKE_PTR(s->close_too->w));
		etcd_watch_close(TAKE_PTR(s->w));
	}
}

static void test_watch(void **state)
{
	_cleanup_free_ char *end = etcd_prefix_end("/w1/");
	struct seen from_now = { 0 }, old = { 0 }, other = { 0 };
	int64_t r1, r2;

	r1 = put("/w1/a", 0, "1").revision;
	from_now.w = etcd_watch(etcd, "/w1/", end, 0, true, on_watch, &from_now);
	other.w = etcd_watch(etcd, "/w1/b", NULL, 0, true, on_watch, &other);
	loop_until(loop, 20000, from_now.progress == 1 && other.progress == 1);
	assert_int_equal(from_now.revision, r1);
	r2 = put("/w1/a", r1, "2").revision;
	put("/w1/b", 0, "x");
	put("/w1/a", r2, NULL);
	put("/w10", 0, "outside");
	loop_until(loop, 20000, from_now.events == 3);
	assert_string_equal(from_now.log, "/w1/a=2(1) /w1/b=x(-) /w1/a=DELETED(2) ");
	old.w = etcd_watch(etcd, "/w1/", end, r1, true, on_watch, &old);
	loop_until(loop, 20000, old.events == 4);
	assert_string_equal(old.log, "/w1/a=1(-) /w1/a=2(1) /w1/b=x(-) /w1/a=DELETED(2) ");
	assert_int_equal(other.events, 1);
	assert_int_equal(old.revision, r2 + 2);

	/* closed: nothing comes any more, the others go on */
	etcd_watch_close(from_now.w);
	put("/w1/c", 0, "3");
	loop_until(loop, 20000, old.events == 5);
	loop_for(loop, 50);
	assert_int_equal(from_now.events, 3);
	etcd_watch_close(old.w);
	etcd_watch_close(other.w);
}

static void test_watch_compacted(void **state)
{
	struct seen s = { 0 };
	int64_t r = put("/w2/a", 0, "1").revision;

	r = put("/w2/a", r, "2").revision;
	assert_int_equal(compact(r).err, 0);
	s.w = etcd_watch(etcd, "/w2/a", NULL, r - 1, true, on_watch, &s);
	loop_until(loop, 20000, s.ends);
	assert_int_equal(s.err, -EKEYEXPIRED);
	assert_int_equal(s.revision, r);
	etcd_watch_close(s.w);
}

/* More than one gRPC message of etcd's (1.5 MiB): comes in fragments, is given out whole and in order. */
static void test_watch_fragments(void **state)
{
	_cleanup_free_ char *end = etcd_prefix_end("/w3/");
	_cleanup_free_ char *big = xcalloc(1, (1 << 20) + 1);
	struct seen s = { 0 };
	int64_t first = 0;

	memset(big, 'x', 1 << 20);
	for (int i = 0; i < 5; i++) {
		_cleanup_free_ char *key = xasprintf("/w3/%d", i);
		int64_t r = put(key, 0, big).revision;

		assert_true(r > 0);
		first = first ? first : r;
	}
	s.w = etcd_watch(etcd, "/w3/", end, first, true, on_watch, &s);
	loop_until(loop, 20000, s.events == 5);
	assert_int_equal(s.bytes, 5 << 20);
	etcd_watch_close(s.w);
}

static void test_watch_restart(void **state)
{
	_cleanup_free_ char *end = etcd_prefix_end("/w4/");
	struct seen s[3] = { 0 };
	int64_t r = put("/w4/a", 0, "1").revision;
	struct answer a = { 0 };

	for (int i = 0; i < 3; i++)
		s[i].w = etcd_watch(etcd, "/w4/", end, 0, true, on_watch, &s[i]);
	loop_until(loop, 20000, s[0].progress && s[1].progress && s[2].progress);
	s[0].close_too = &s[1];
	etcd_server_stop(&server, SIGKILL);
	loop_until(loop, 20000, s[2].ends);
	assert_int_equal(s[0].ends, 1);
	assert_int_equal(s[0].err, -EAGAIN);
	assert_int_equal(s[1].ends, 0);	/* the first one's callback closed it */
	assert_int_equal(s[2].err, -EAGAIN);
	etcd_watch_close(s[2].w);

	/* a call made while it is away waits, and is answered when it is back */
	etcd_range(etcd, "/w4/a", NULL, NULL, take, &a);
	loop_for(loop, 300);
	assert_int_equal(a.calls, 0);
	etcd_server_start(&server);
	loop_until(loop, 20000, a.calls);
	if (a.err == -EAGAIN)	/* etcd took more than five seconds to start */
		a = get("/w4/a");
	assert_int_equal(a.err, 0);
	assert_int_equal(a.mod, r);

	s[0] = (struct seen){ 0 };
	s[0].w = etcd_watch(etcd, "/w4/", end, r, true, on_watch, &s[0]);
	put("/w4/b", 0, "2");
	loop_until(loop, 20000, s[0].events == 2);
	assert_string_equal(s[0].log, "/w4/a=1(-) /w4/b=2(-) ");
	etcd_watch_close(s[0].w);
}

static void test_nobody_there(void **state)
{
	_cleanup_free_ char *url = xasprintf("http://127.0.0.1:%d", test_free_port()), *msg = NULL;
	struct etcd_config c = { .endpoints = url };
	struct seen s = { 0 };
	struct answer a = { 0 };
	struct etcd *e;
	uint64_t start = now_monotonic_us();

	assert_int_equal(etcd_new(loop, &c, &e, &msg), 0);
	etcd_range(e, "/a", NULL, NULL, take, &a);
	s.w = etcd_watch(e, "/a", NULL, 0, true, on_watch, &s);
	loop_until(loop, 8000, a.calls && s.ends);
	assert_int_equal(a.err, -EAGAIN);
	assert_non_null(strstr(a.msg, url));
	assert_non_null(strstr(a.msg, "Connection refused"));
	assert_int_equal(s.err, -EAGAIN);
	assert_true(now_monotonic_us() - start >= 4900000);
	etcd_watch_close(s.w);
	etcd_range(e, "/a", NULL, NULL, take, &a);
	etcd_free(e);	/* with a call under way */
}

static void test_second_endpoint(void **state)
{
	_cleanup_free_ char *urls = xasprintf("http://127.0.0.1:%d,%s", test_free_port(), server.url), *msg = NULL;
	struct etcd_config c = { .endpoints = urls };
	struct answer a = { 0 };
	struct etcd *e;

	assert_int_equal(etcd_new(loop, &c, &e, &msg), 0);
	etcd_range(e, "/w4/a", NULL, NULL, take, &a);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.err, 0);
	assert_int_equal(a.n, 1);
	etcd_free(e);
}

/* A name is looked up beside the loop; its addresses are tried one after the other. */
static void test_names(void **state)
{
	_cleanup_free_ char *url = xasprintf("http://localhost:%d", server.port), *msg = NULL;
	struct etcd_config c = { .endpoints = url }, unknown = { .endpoints = "http://unknown.invalid:2379" };
	struct answer a = { 0 };
	struct etcd *e;

	assert_int_equal(etcd_new(loop, &c, &e, &msg), 0);
	etcd_range(e, "/w4/a", NULL, NULL, take, &a);
	assert_int_equal(wait_for(&a).err, 0);
	etcd_free(e);

	assert_int_equal(etcd_new(loop, &unknown, &e, &msg), 0);
	a = (struct answer){ 0 };
	etcd_range(e, "/w4/a", NULL, NULL, take, &a);
	assert_int_equal(wait_for(&a).err, -EAGAIN);
	assert_non_null(strstr(a.msg, "unknown.invalid"));
	etcd_range(e, "/w4/a", NULL, NULL, take, &a);
	loop_for(loop, 10);
	etcd_free(e);	/* with a lookup under way, perhaps */
}

static struct etcd *tls_client(const struct etcd_server *s, const char *ca, const char *cert)
{
	_cleanup_free_ char *ca_file = xasprintf("%s/%s.crt", s->certs, ca), *crt = NULL, *key = NULL, *msg = NULL;
	struct etcd_config c = { .endpoints = s->url, .ca_file = ca_file };
	struct etcd *e;

	if (cert) {
		c.cert_file = crt = xasprintf("%s/%s.crt", s->certs, cert);
		c.key_file = key = xasprintf("%s/%s.key", s->certs, cert);
	}
	if (etcd_new(loop, &c, &e, &msg) < 0)
		fail_msg("%s", msg);
	return e;
}

static void test_tls(void **state)
{
	char dir[] = "/tmp/keelson-test-certs.XXXXXX";
	struct { const char *ca, *cert, *text; } refused[] = {
		{ "stranger", "client", "certificate" }, { "ca", NULL, "TLS" }, { "ca", "stranger", "TLS" },
	};
	struct etcd_config missing = { .endpoints = "https://127.0.0.1:1", .ca_file = "/nonexistent/ca.crt" };
	_cleanup_free_ char *msg = NULL;
	struct etcd_server tls;
	struct seen s = { 0 };
	struct answer a = { 0 };
	struct etcd *e;

	assert_int_equal(etcd_new(loop, &missing, &e, &msg), -EINVAL);
	assert_non_null(strstr(msg, "/nonexistent/ca.crt"));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(make_test_certs(dir), 0);
	etcd_server_new_tls(&tls, dir);
	e = tls_client(&tls, "ca", "client");
	for (int i = 0; i < 6 && (i == 0 || a.err); i++) {
		a = (struct answer){ 0 };
		etcd_txn_put(e, "/tls", 0, "secret", 6, 0, take, &a);
		wait_for(&a);
	}
	assert_int_equal(a.err, 0);
	s.w = etcd_watch(e, "/tls", NULL, a.revision, true, on_watch, &s);
	loop_until(loop, 20000, s.events == 1);
	assert_string_equal(s.log, "/tls=secret(-) ");
	etcd_watch_close(s.w);
	etcd_free(e);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		a = (struct answer){ 0 };
		e = tls_client(&tls, refused[i].ca, refused[i].cert);
		etcd_range(e, "/tls", NULL, NULL, take, &a);
		wait_for(&a);
		assert_int_equal(a.err, -EAGAIN);
		if (!strstr(a.msg, tls.url) || !strstr(a.msg, refused[i].text))
			fail_msg("%s", a.msg);
		etcd_free(e);
	}
	etcd_server_free(&tls);
	nftw(dir, test_rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A server that is there and does nothing any more: only pings find out. */
static void test_frozen_server(void **state)
{
	struct seen s = { 0 };
	struct answer a = { 0 };

	s.w = etcd_watch(etcd, "/frozen", NULL, 0, true, on_watch, &s);
	loop_until(loop, 20000, s.progress);
	kill(server.pid, SIGSTOP);
	assert_int_equal(waitpid(server.pid, NULL, WUNTRACED), server.pid);	/* all its threads stand still */
	etcd_range(etcd, "/frozen", NULL, NULL, take, &a);
	wait_for(&a);
	assert_int_equal(a.err, -EAGAIN);
	loop_until(loop, 25000, s.ends);
	assert_int_equal(s.err, -EAGAIN);
	etcd_watch_close(s.w);
	kill(server.pid, SIGCONT);
	for (int i = 0; i < 6 && a.err; i++)
		a = get("/frozen");
	if (a.err)
		fail_msg("%s", a.msg);
}

static void test_many_at_once(void **state)
{
	struct answer a[300] = { 0 };
	int done = 0;

	for (int i = 0; i < 300; i++) {
		_cleanup_free_ char *key = xasprintf("/m/%d", i);

		etcd_txn_put(etcd, key, 0, "v", 1, 0, take, &a[i]);
	}
	loop_until(loop, 20000, (done = 0, ({ for (int i = 0; i < 300; i++) done += a[i].calls; }), done == 300));
	for (int i = 0; i < 300; i++)
		assert_true(a[i].calls == 1 && a[i].err == 0 && a[i].succeeded);
}

static int setup(void **state)
{
	struct etcd_config c = { .endpoints = server.url };
	_cleanup_free_ char *msg = NULL;
	struct answer a = { 0 };

	etcd_server_new(&server);
	if (loop_new(&loop) < 0 || etcd_new(loop, &c, &etcd, &msg) < 0)
		return -1;
	for (int i = 0; i < 6 && (i == 0 || a.err); i++) {
		a = (struct answer){ 0 };
		etcd_range(etcd, "/ready", NULL, NULL, take, &a);
		wait_for(&a);
	}
	return a.err;
}

static int teardown(void **state)
{
	etcd_free(etcd);
	sd_event_unref(loop);
	etcd_server_free(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix_end),
		cmocka_unit_test(test_bad_endpoints),
		cmocka_unit_test(test_put_get_delete),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_lease),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_watch_compacted),
		cmocka_unit_test(test_watch_fragments),
		cmocka_unit_test(test_watch_restart),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_second_endpoint),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_frozen_server),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
