/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_agent_pod.h - pods, runtime states and books from short texts
 *
 * Observed: "S0+" a ready sandbox s0, "S1-" one that is not; "a/2@1:R" the
 * container a, attempt 2, in sandbox s1, running (id "a-2"); ":C" created;
 * ":U" unknown; ":X1,3,20" exited with 1, after 3 failures in a row, 20 s ago.
 * Book: "fail:a=5" a may be tried again in 5 s, "sandbox=5", "cleanup=5",
 * "unhealthy:a=a-0", "stopping:a=a-0,10" is killed in 10 s at the latest,
 * "stopped=s0", "probed:a=a-0,SR" started and ready ("-" for not).
 */
#ifndef TEST_AGENT_POD_H
#define TEST_AGENT_POD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "agent/pod_state.h"

#define NOW 1795000000000000ULL

static inline json *parse_or_fail(const char *text)
{
	char *msg = NULL;
	json *j = NULL;

	if (json_parse(text, strlen(text), &j, &msg) < 0)
		fail_msg("%s in %s", msg, text);
	return j;
}

static inline void parse_obs(const char *text, struct observed *o)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;

	memset(o, 0, sizeof(*o));
	for (char *t = strtok_r(copy, " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		unsigned attempt, sandbox, failures = 0, ago = 1;
		int code = 0;
		char name[64], state;

		if (*t == 'S') {
			struct obs_sandbox *s = observed_add_sandbox(o);

			assert_int_equal(sscanf(t, "S%u%c", &s->attempt, &state), 2);
			s->ready = state == '+';
			s->id = xasprintf("s%u", s->attempt);
			s->created_us = NOW - 200 * SEC_US;
			s->ip = s->ready ? xstrdup("10.244.1.7") : NULL;
			continue;
		}
		struct obs_container *c = observed_add_container(o);
		if (sscanf(t, "%63[^/]/%u@%u:%c%d,%u,%u", name, &attempt, &sandbox, &state, &code, &failures, &ago) < 4)
			fail_msg("bad test text: %s", t);
		c->name = xstrdup(name);
		c->id = xasprintf("%s-%u", name, attempt);
		c->sandbox_id = xasprintf("s%u", sandbox);
		c->attempt = attempt;
		c->failures = failures;
		c->image = xstrdup("busybox");
		c->image_ref = xstrdup("sha256:1");
		c->state = state == 'R' ? CONTAINER_RUNNING : state == 'C' ? CONTAINER_CREATED :
			   state == 'X' ? CONTAINER_EXITED : CONTAINER_UNKNOWN;
		c->created_us = NOW - 100 * SEC_US;
		c->started_us = state == 'C' ? 0 : NOW - 100 * SEC_US;
		if (state == 'X') {
			c->exit_code = code;
			c->finished_us = NOW - ago * SEC_US;
			if (ago > 50)
				c->started_us = NOW - 5000 * SEC_US;	/* a good long run */
		}
	}
	observed_sort(o);
}

static inline void parse_book(const char *text, struct pod_book *b)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;

	memset(b, 0, sizeof(*b));
	for (char *t = strtok_r(copy, " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		char name[64], value[64];
		unsigned n;

		if (sscanf(t, "fail:%63[^=]=%u", name, &n) == 2)
			retry_failed(&pod_book_container(b, name)->start, "ErrImagePull", "no such image", n, 300, NOW);
		else if (sscanf(t, "sandbox=%u", &n) == 1)
			retry_failed(&b->sandbox, "FailedCreatePodSandBox", "x", n, 300, NOW);
		else if (sscanf(t, "cleanup=%u", &n) == 1)
			retry_failed(&b->cleanup, "FailedKillPod", "x", n, 300, NOW);
		else if (sscanf(t, "unhealthy:%63[^=]=%63s", name, value) == 2)
			pod_book_container(b, name)->unhealthy_id = xstrdup(value);
		else if (sscanf(t, "stopping:%63[^=]=%63[^,],%u", name, value, &n) == 3) {
			pod_book_container(b, name)->stopping_id = xstrdup(value);
			pod_book_container(b, name)->stop_by_us = NOW + n * SEC_US;
		} else if (sscanf(t, "stopped=%63s", value) == 1)
			b->stopped_sandbox = xstrdup(value);
		else if (sscanf(t, "probed:%63[^=]=%63s", name, value) == 2) {
			struct container_book *c = pod_book_container(b, name);
			char *comma = strchr(value, ',');

			c->started = comma[1] == 'S';
			c->ready = comma[2] == 'R';
			*comma = '\0';
			c->probed_id = xstrdup(value);
		} else
			fail_msg("bad test text: %s", t);
	}
}

#define META "\"metadata\":{\"name\":\"p\",\"namespace\":\"default\",\"uid\":\"u1\"}"
#define POD(spec) "{" META ",\"spec\":{" spec "}}"
#define A_ "\"containers\":[{\"name\":\"a\",\"image\":\"busybox\"}]"
#define AB "\"containers\":[{\"name\":\"a\",\"image\":\"busybox\"},{\"name\":\"b\",\"image\":\"busybox\"}]"
#define INIT2 "\"initContainers\":[{\"name\":\"i\",\"image\":\"busybox\"},{\"name\":\"j\",\"image\":\"busybox\"}]"
#define SIDE "\"initContainers\":[{\"name\":\"i\",\"image\":\"busybox\"},{\"name\":\"s\",\"image\":\"busybox\",\"restartPolicy\":\"Always\"}]"
#define NEVER "\"restartPolicy\":\"Never\","
#define ON_FAILURE "\"restartPolicy\":\"OnFailure\","

#endif
