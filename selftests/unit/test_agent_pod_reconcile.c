// SPDX-License-Identifier: GPL-2.0-or-later
/* test_agent_pod_reconcile.c - every state of a pod and what is done about it */
#include "test_agent_pod.h"

#include "agent/pod_reconcile.h"

/* 2026-11-18T11:06:40Z is NOW */
#define DELETED(at, grace, spec) "{\"metadata\":{\"name\":\"p\",\"namespace\":\"default\",\"uid\":\"u1\"," \
	"\"deletionTimestamp\":\"" at "\",\"deletionGracePeriodSeconds\":" grace "},\"spec\":{" spec "}}"
#define IN_30S "2026-11-18T11:07:10Z"
#define IN_5S "2026-11-18T11:06:45Z"
#define AGO "2026-11-18T11:00:00Z"

#define R(what_, pod_, obs_, book_, expect_, ...) \
	{ .what = (what_), .pod = (pod_), .obs = (obs_), .book = (book_), .expect = (expect_), ##__VA_ARGS__ }

static const struct row {
	const char *what;
	const char *pod;	/* NULL: gone from the API */
	const char *obs;
	const char *book;
	const char *expect;
	const char *prev_status;
	const char *net_problem;
} rows[] = {
	/* a pod's way up */
	R("new pod", POD(A_), "", "", "sandbox/0"),
	R("sandbox failed a moment ago", POD(A_), "", "sandbox=5", "requeue+5"),
	R("network not ready", POD(A_), "", "", "requeue+1", .net_problem = "the module is not loaded"),
	R("host network needs no network", POD("\"hostNetwork\":true," A_), "", "", "sandbox/0", .net_problem = "not loaded"),
	R("network lost later", POD(A_), "S0+ a/0@0:R", "", "", .net_problem = "not loaded"),
	R("sandbox is up", POD(AB), "S0+", "", "start:a/0 start:b/0"),
	R("one container is up", POD(AB), "S0+ a/0@0:R", "", "start:b/0"),
	R("image is missing", POD(AB), "S0+ a/0@0:R", "fail:b=10", "requeue+10"),
	R("created, then the agent died", POD(A_), "S0+ a/0@0:C", "", "resume:a-0"),
	R("created, its start failed", POD(A_), "S0+ a/0@0:C", "fail:a=10", "requeue+10"),
	R("all up: nothing to do", POD(AB), "S0+ a/0@0:R b/0@0:R", "", ""),
	R("unknown container", POD(A_), "S0+ a/0@0:U", "", "stop:a-0,0"),
	/* init containers */
	R("first init container", POD(INIT2 "," A_), "S0+", "", "start:i/0"),
	R("first init runs", POD(INIT2 "," A_), "S0+ i/0@0:R", "", ""),
	R("second init container", POD(INIT2 "," A_), "S0+ i/0@0:X0", "", "start:j/0"),
	R("init failed first time", POD(INIT2 "," A_), "S0+ i/0@0:X1", "", "start:i/1f1"),
	R("init failed again", POD(INIT2 "," A_), "S0+ i/1@0:X1,1,3", "", "requeue+7"),
	R("init failed for good", POD(NEVER INIT2 "," A_), "S0+ i/0@0:X1", "", "stops:s0"),
	R("inits done", POD(INIT2 "," A_), "S0+ i/0@0:X0 j/0@0:X0", "", "start:a/0"),
	R("inits long removed, container runs", POD(INIT2 "," A_), "S0+ a/0@0:R", "", ""),
	R("inits run again in a new sandbox", POD(INIT2 "," A_), "S1+ S0- i/0@0:X0 j/0@0:X0 a/0@0:X137", "", "start:i/1f1"),
	R("sidecar starts after its init", POD(SIDE "," A_), "S0+ i/0@0:X0", "", "start:s/0"),
	R("sidecar runs, go on", POD(SIDE "," A_), "S0+ i/0@0:X0 s/0@0:R", "", "start:a/0"),
	R("sidecar died", POD(SIDE "," A_), "S0+ i/0@0:X0 s/0@0:X0 a/0@0:R", "", "start:s/1f1"),
	R("sidecar ends with its pod", POD(NEVER SIDE "," A_), "S0+ i/0@0:X0 s/0@0:R a/0@0:X0", "", "stop:s-0,30"),
	/* restarts */
	R("first crash: at once", POD(A_), "S0+ a/0@0:X1", "", "start:a/1f1"),
	R("second crash: 10 s", POD(A_), "S0+ a/1@0:X1,1,0", "", "requeue+10"),
	R("second crash, 10 s later", POD(A_), "S0+ a/1@0:X1,1,10", "", "start:a/2f2"),
	R("third crash: 20 s", POD(A_), "S0+ a/2@0:X1,2,0", "", "requeue+20"),
	R("tenth crash: 300 s at most", POD(A_), "S0+ a/9@0:X1,9,0", "", "requeue+300"),
	R("crash after a good run: forgotten", POD(A_), "S0+ a/9@0:X1,9,60", "", "start:a/10f1"),
	R("exit 0, Always", POD(A_), "S0+ a/0@0:X0", "", "start:a/1f1"),
	R("exit 0, OnFailure: done", POD(ON_FAILURE A_), "S0+ a/0@0:X0", "", "stops:s0"),
	R("exit 1, OnFailure", POD(ON_FAILURE A_), "S0+ a/0@0:X1", "", "start:a/1f1"),
	R("exit 1, Never: failed", POD(NEVER A_), "S0+ a/0@0:X1", "", "stops:s0"),
	R("one of two done, Never", POD(NEVER AB), "S0+ a/0@0:X0 b/0@0:R", "", ""),
	R("done and cleaned up", POD(NEVER A_), "S0- a/0@0:X0", "", ""),
	R("unhealthy", POD(A_), "S0+ a/0@0:R", "unhealthy:a=a-0", "stop:a-0,30"),
	R("the unhealthy one is gone already", POD(A_), "S0+ a/1@0:R", "unhealthy:a=a-0", ""),
	R("old instances go", POD(A_), "S0+ a/3@0:R a/2@0:X1 a/1@0:X1 a/0@0:X1", "", "rmc:a-1 rmc:a-0"),
	R("the runtime lost everything", POD(A_), "", "stopped=s0", "sandbox/0"),
	R("the runtime lost the container", POD(A_), "S0+", "", "start:a/4",
	  .prev_status = "{\"containerStatuses\":[{\"name\":\"a\",\"containerID\":\"containerd://x\",\"restartCount\":3}]}"),
	/* the sandbox dies */
	R("sandbox died, its container lives", POD(A_), "S0- a/0@0:R", "", "stop:a-0,0"),
	R("sandbox died: give its network back", POD(A_), "S0- a/0@0:X137", "", "stops:s0"),
	R("then a new one", POD(A_), "S0- a/0@0:X137", "stopped=s0", "sandbox/1"),
	R("in the new one", POD(A_), "S1+ S0- a/0@0:X137", "", "start:a/1f1"),
	R("the old one goes once all stand", POD(A_), "S1+ S0- a/1@1:R a/0@0:X137", "", "rms:s0"),
	R("the old one stays till then", POD(AB), "S1+ S0- a/1@1:R a/0@0:X137 b/0@0:X0", "", "start:b/1f1"),
	/* deadline */
	R("deadline ahead", POD("\"activeDeadlineSeconds\":100000," A_), "S0+ a/0@0:R", "", "requeue+99600",
	  .prev_status = "{\"startTime\":\"2026-11-18T11:00:00Z\"}"),
	R("deadline over", POD("\"activeDeadlineSeconds\":60," A_), "S0+ a/0@0:R", "", "stop:a-0,30",
	  .prev_status = "{\"startTime\":\"2026-11-18T11:00:00Z\"}"),
	R("failed by somebody else", "{" META ",\"spec\":{" A_ "},\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\"}}",
	  "S0+ a/0@0:R", "", "stop:a-0,30"),
	/* deletion */
	R("deleted: stop", DELETED(IN_30S, "30", AB), "S0+ a/0@0:R b/0@0:R", "", "stop:a-0,30 stop:b-0,30"),
	R("deleted: what is left of the grace", DELETED(IN_5S, "30", A_), "S0+ a/0@0:R", "", "stop:a-0,5"),
	R("deleted: clocks differ", DELETED(AGO, "30", A_), "S0+ a/0@0:R", "", "stop:a-0,2"),
	R("deleted: stop is under way", DELETED(IN_30S, "30", A_), "S0+ a/0@0:R", "stopping:a=a-0,30", ""),
	R("deleted again with less grace", DELETED(IN_5S, "5", A_), "S0+ a/0@0:R", "stopping:a=a-0,30", "stop:a-0,5"),
	R("deleted: sidecar waits", DELETED(IN_30S, "30", SIDE "," A_), "S0+ i/0@0:X0 s/0@0:R a/0@0:R", "", "stop:a-0,30"),
	R("deleted: then the sidecar", DELETED(IN_30S, "30", SIDE "," A_), "S0+ i/0@0:X0 s/0@0:R a/0@0:X0", "", "stop:s-0,30"),
	R("deleted: no restart", DELETED(IN_30S, "30", A_), "S0+ a/0@0:X1", "", "rms:s0"),
	R("deleted: all sandboxes go", DELETED(IN_30S, "30", A_), "S1- S0- a/0@0:X1", "", "rms:s1 rms:s0"),
	R("deleted: removal failed a moment ago", DELETED(IN_30S, "30", A_), "S0-", "cleanup=3", "requeue+3"),
	R("deleted: nothing left", DELETED(IN_30S, "30", A_), "", "", "delete"),
	R("deleted: the API did not hear", DELETED(IN_30S, "30", A_), "", "cleanup=3", "requeue+3"),
	R("deleted with grace 0", DELETED(AGO, "0", A_), "S0+ a/0@0:R", "", "rms:s0"),
	R("gone from the API", NULL, "S0+ a/0@0:R", "", "rms:s0"),
	R("gone, removal failed", NULL, "S0+", "cleanup=3", "requeue+3"),
	R("gone, only a container left", NULL, "a/0@0:X0", "", "rmc:a-0"),
	R("gone, nothing left", NULL, "", "", "gone"),
};

static char *describe(const struct pod_plan *p)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < p->n_actions; i++) {
		const struct pod_action *a = &p->actions[i];

		if (b.len)
			buf_puts(&b, " ");
		switch (a->type) {
		case POD_RUN_SANDBOX:
			buf_printf(&b, "sandbox/%u", a->attempt);
			break;
		case POD_START_CONTAINER:
			assert_string_equal(json_str(json_get(a->spec, "name")), a->name);
			buf_printf(&b, "start:%s/%u", a->name, a->attempt);
			if (a->failures)
				buf_printf(&b, "f%u", a->failures);
			break;
		case POD_RESUME_CONTAINER:
			buf_printf(&b, "resume:%s", a->id);
			break;
		case POD_STOP_CONTAINER:
			assert_non_null(a->message);
			buf_printf(&b, "stop:%s,%d", a->id, (int)a->grace);
			break;
		case POD_REMOVE_CONTAINER:
			buf_printf(&b, "rmc:%s", a->id);
			break;
		case POD_STOP_SANDBOX:
			buf_printf(&b, "stops:%s", a->id);
			break;
		case POD_REMOVE_SANDBOX:
			buf_printf(&b, "rms:%s", a->id);
			break;
		case POD_DELETE:
			buf_puts(&b, "delete");
			break;
		}
	}
	if (p->requeue_us)
		buf_printf(&b, "%srequeue+%llu", b.len ? " " : "", (unsigned long long)((p->requeue_us - NOW) / SEC_US));
	if (p->gone)
		buf_puts(&b, "gone");
	return buf_steal(&b);
}

static void test_rows(void **state)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *pod = rows[i].pod ? parse_or_fail(rows[i].pod) : NULL;
		_cleanup_json_ json *prev = rows[i].prev_status ? parse_or_fail(rows[i].prev_status) : NULL;
		_cleanup_free_ char *got = NULL;
		struct observed obs;
		struct pod_book book;
		struct pod_plan plan;
		struct pod_input in = { .pod = pod, .prev_status = prev, .obs = &obs, .book = &book,
			.host_ip = "192.0.2.1", .net_problem = rows[i].net_problem, .now_us = NOW };

		parse_obs(rows[i].obs, &obs);
		parse_book(rows[i].book, &book);
		pod_reconcile(&in, &plan);
		got = describe(&plan);
		if (!streq(got, rows[i].expect)) {
			print_error("%s: expected \"%s\", got \"%s\"\n", rows[i].what, rows[i].expect, got);
			wrong++;
		}
		pod_plan_clear(&plan);
		pod_book_clear(&book);
		observed_clear(&obs);
	}
	assert_int_equal(wrong, 0);
}

static void test_retry(void **state)
{
	struct retry r = { 0 };

	retry_failed(&r, "ErrImagePull", NULL, 10, 300, NOW);
	assert_int_equal(r.next_us, NOW + 10 * SEC_US);
	retry_failed(&r, r.reason, r.message, 10, 300, NOW);
	assert_int_equal(r.next_us, NOW + 20 * SEC_US);
	for (int i = 0; i < 70; i++)
		retry_failed(&r, "ErrImagePull", "x", 10, 300, NOW);
	assert_int_equal(r.next_us, NOW + 300 * SEC_US);
	assert_string_equal(r.message, "x");
	retry_clear(&r);
	assert_null(r.reason);
	assert_int_equal(r.next_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_retry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
