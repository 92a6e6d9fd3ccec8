/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pod_facts.h - what is asked of thousands of pods at once
 *
 * Read out of each pod when it comes into the cache (informer_summarize()): a
 * controller that walked so many trees would spend its time on waiting for
 * memory. One line or two of the processor's cache each.
 */
#ifndef KEELSON_CONTROLLERS_POD_FACTS_H
#define KEELSON_CONTROLLERS_POD_FACTS_H

#include "controllers/informers.h"

struct pod_facts {
	const json *obj;
	const char *uid;		/* "" if it has none; this and node borrowed from the tree */
	const char *node;		/* NULL: none yet */
	uint64_t labels;		/* equal for equal labels; differs for others */
	uint64_t created, ready_since;	/* microseconds since the epoch, 0 unknown */
	int32_t deletion_cost;		/* annotation controller.kubernetes.io/pod-deletion-cost */
	int32_t restarts;		/* of the container that has most */
	int8_t phase;			/* Pending 0, Unknown 1, Running and finished 2 */
	bool finished, deleting, ready;
};
void pod_facts_of(const json *pod, struct pod_facts *ret);

/* Counts for its controller. */
static inline bool pod_facts_active(const struct pod_facts *p)
{
	return !p->finished && !p->deleting;
}

/* Before the caches start: from now on they have the facts. */
void pod_facts_init(struct informers *set);
/* Of the pods that fn (INDEX_EVERY) files under key; caller frees the array. */
const struct pod_facts **pod_facts_by(struct informers *set, index_fn fn, const char *key, size_t *ret_n);

/*
 * Whether labels match something, asked pod after pod: those of one template are
 * equal, and the answer of the one before holds. Begin with match and arg set, else zero.
 */
struct label_question {
	bool (*match)(const json *arg, const json *labels);
	const json *arg;
	uint64_t labels;
	bool known, answer;
};
bool label_question_ask(struct label_question *q, const struct pod_facts *p);

#endif
