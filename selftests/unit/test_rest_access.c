// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_access.c - who a request is from: certificate, this machine, or whom it speaks for */
#include "test_loop.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "api/meta/status.h"
#include "api/rest/access.h"
#include "base/loop.h"
#include "rpc/http_client.h"
#include "test_certs.h"

static sd_event *loop;
static char dir[] = "/tmp/keelson-test-access.XXXXXX";

/* Answers with "name: group group", or with the Status. */
static void handle(void *data, struct http_request *req)
{
	struct access_user u;
	struct buf text = { 0 };
	_cleanup_json_ json *s = access_authenticate(req, &u);

	if (s) {
		buf_puts(&text, json_str(json_get(s, "message")));
	} else {
		buf_printf(&text, "%s:", u.user.name);
		for (size_t i = 0; u.user.groups && u.user.groups[i]; i++)
			buf_printf(&text, " %s", u.user.groups[i]);
	}
	http_respond(req, s ? status_code(s) : 200, "text/plain", text.data, text.len, NULL);
	buf_free(&text);
	access_user_free(&u);
}

struct reply {
	int calls;
	char *text;
};

static void take(void *data, int err, const char *msg, int status, const char *body, size_t len)
{
	struct reply *r = data;

	assert_int_equal(err, 0);
	r->calls++;
	r->text = xasprintf("%d %s", status, body);
}

/* What the server says of who sends these headers (to a NULL; NULL: none); caller frees. */
static char *who(bool tls, const char *const *headers)
{
	_cleanup_free_ char *ca = xasprintf("%s/ca.crt", dir), *crt = xasprintf("%s/server.crt", dir);
	_cleanup_free_ char *key = xasprintf("%s/server.key", dir), *my_crt = xasprintf("%s/client.crt", dir);
	_cleanup_free_ char *my_key = xasprintf("%s/client.key", dir), *url = NULL, *msg = NULL;
	struct http_server_config s = { .listen = "127.0.0.1:0" };
	struct http_client_config c = { 0 };
	struct http_call_opts call = { .method = "GET", .path = "/", .headers = headers };
	struct http_server *server;
	struct http_client *client;
	struct reply r = { 0 };

	if (tls) {
		s.ca_file = c.ca_file = ca;
		s.cert_file = crt;
		s.key_file = key;
		c.cert_file = my_crt;
		c.key_file = my_key;
	}
	assert_int_equal(http_server_new(loop, &s, handle, NULL, &server, &msg), 0);
	url = xasprintf("http%s://127.0.0.1:%d", tls ? "s" : "", http_server_port(server));
	c.base_url = url;
	assert_int_equal(http_client_new(loop, &c, &client, &msg), 0);
	http_call(client, &call, take, &r);
	loop_until(loop, 20000, r.calls);
	http_client_free(client);
	http_server_free(server);
	return r.text;
}

static void users(void **state)
{
	static const struct {
		bool tls;
		const char *headers[4];
		const char *want;
	} v[] = {
		{ false, { NULL }, "200 system:unsecured: system:masters system:authenticated" },
		{ true, { NULL }, "200 system:node:n1: system:nodes system:authenticated" },
		{ true, { "Impersonate-User: jo" }, "200 jo: system:authenticated" },
		{ false, { "Impersonate-User: jo", "Impersonate-Group: a", "impersonate-group: b" }, "200 jo: a b system:authenticated" },
		{ true, { "Impersonate-User: system:serviceaccount:n:x" },
		  "200 system:serviceaccount:n:x: system:serviceaccounts system:serviceaccounts:n system:authenticated" },
		{ true, { "Impersonate-Group: a" }, "400 Impersonate-Group is of no use without Impersonate-User" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *is = who(v[i].tls, v[i].headers);

		assert_string_equal(is, v[i].want);
	}
}

static void verbs(void **state)
{
	assert_string_equal(access_verb("LIST", "GET"), "list");
	assert_string_equal(access_verb("WATCH", "GET"), "watch");
	assert_string_equal(access_verb("POST", "POST"), "create");
	assert_string_equal(access_verb("APPLY", "PATCH"), "patch");
	assert_string_equal(access_verb("CONNECT", "GET"), "get");
	assert_string_equal(access_verb("CONNECT", "POST"), "create");
	assert_string_equal(access_verb("DELETECOLLECTION", "DELETE"), "deletecollection");
}

static int setup(void **state)
{
	return !mkdtemp(dir) || loop_new(&loop) < 0 ? -1 : make_test_certs(dir);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	sd_event_unref(loop);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users),
		cmocka_unit_test(verbs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
