// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_facts.c - see pod_facts.h */
#include "controllers/pod_facts.h"

#include <sys/random.h>

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"

static int32_t deletion_cost(const json *pod)
{
	const char *s = meta_annotation(pod, "controller.kubernetes.io/pod-deletion-cost");
	int64_t v;

	return parse_i64(s, INT32_MIN, INT32_MAX, &v) == 0 ? v : 0;
}

static int32_t most_restarts(const json *pod)
{
	int64_t max = 0;

	json_each(c, json_get(pod, "status", "containerStatuses")) {
		int64_t n = json_int(json_get(c, "restartCount"), 0);

		if (n > max)
			max = n;
	}
	return max < INT32_MAX ? max : INT32_MAX;
}

static int8_t phase_rank(const char *phase)
{
	return streq(phase, "Pending") ? 0 : streq(phase, "Unknown") ? 1 : 2;
}

static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return (h ^ 0xff) * 1099511628211u;	/* no byte of UTF-8: where one text ends */
}

/* In any order; with a start of the process's own, so that nobody can choose two that are alike. */
static uint64_t hash_labels(const json *labels)
{
	static uint64_t start;
	uint64_t sum = json_len(labels);

	while (!start)
		if (getrandom(&start, sizeof(start), 0) != sizeof(start))
			start = 14695981039346656037u;
	json_each(l, labels) {
		uint64_t h = hash_text(hash_text(start, json_key(l)), json_str_or(l, ""));

		h ^= h >> 32;
		sum += h * 0x9e3779b97f4a7c15u;
	}
	return sum;
}

void pod_facts_of(const json *pod, struct pod_facts *ret)
{
	const json *ready = status_condition(pod, "Ready");

	*ret = (struct pod_facts){
		.obj = pod,
		.uid = meta_uid(pod) ?: "",
		.node = pod_node(pod),
		.labels = hash_labels(meta_labels(pod)),
		.created = meta_created(pod),
		.ready_since = json_time(json_get(ready, "lastTransitionTime")),
		.deletion_cost = deletion_cost(pod),
		.restarts = most_restarts(pod),
		.phase = phase_rank(pod_phase(pod)),
		.finished = pod_finished(pod),
		.deleting = meta_deleting(pod),
		.ready = streq(json_str(json_get(ready, "status")), "True"),
	};
}

static void summarize(const json *obj, void *ret)
{
	pod_facts_of(obj, ret);
}

void pod_facts_init(struct informers *set)
{
	informer_summarize(informers_of(set, &res_pods), sizeof(struct pod_facts), summarize);
}

const struct pod_facts **pod_facts_by(struct informers *set, index_fn fn, const char *key, size_t *ret_n)
{
	return (const struct pod_facts **)informer_summaries(informers_of(set, &res_pods),
							     informers_index(set, &res_pods, fn, INDEX_EVERY), key, ret_n);
}

bool label_question_ask(struct label_question *q, const struct pod_facts *p)
{
	if (!q->known || q->labels != p->labels) {
		q->answer = q->match(q->arg, meta_labels(p->obj));
		q->labels = p->labels;
		q->known = true;
	}
	return q->answer;
}
