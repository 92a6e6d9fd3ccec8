/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pod_book.h - what the agent remembers of a pod beyond what the runtime knows
 *
 * Failed attempts and their back-off, probe results, stops under way. Losing it
 * with the process costs at most one attempt made early.
 */
#ifndef KEELSON_AGENT_POD_BOOK_H
#define KEELSON_AGENT_POD_BOOK_H

#include "base/util.h"

#define SEC_US 1000000ULL

/* A thing that failed and will be tried again. Zeroed: it did not fail. */
struct retry {
	char *reason;		/* CamelCase, as shown in the pod's status; NULL: no failure */
	char *message;
	unsigned failures;	/* in a row */
	uint64_t failed_us;	/* when it last failed */
	uint64_t next_us;	/* not before */
};
/* Notes a failure; the next attempt is first seconds later, doubling to max with each failure in a row. */
void retry_failed(struct retry *r, const char *reason, const char *message, unsigned first,
		  unsigned max, uint64_t now_us);
void retry_clear(struct retry *r);

struct container_book {
	char *name;
	struct retry start;	/* image, configuration, creation */
	char *probed_id;	/* the container that started and ready speak of; NULL: none yet */
	bool started;		/* startup probe passed (or there is none) */
	bool ready;		/* readiness probe passes (or there is none) */
	char *unhealthy_id;	/* the container a liveness or startup probe gave up on */
	char *unhealthy_message;
	char *stopping_id;	/* the container a StopContainer is under way for */
	uint64_t stop_by_us;	/* when that call kills it at the latest */
};

struct pod_book {
	struct container_book **containers;
	size_t n_containers;
	struct retry sandbox;	/* RunPodSandbox, volumes */
	struct retry cleanup;	/* what a removed pod leaves behind, deletion in the API */
	char *stopped_sandbox;	/* id of the last sandbox that StopPodSandbox was done for */
};

/* The book of one container, made if it is not there. */
struct container_book *pod_book_container(struct pod_book *b, const char *name);
/* NULL when nothing was noted. */
const struct container_book *pod_book_find(const struct pod_book *b, const char *name);
void pod_book_clear(struct pod_book *b);

#endif
