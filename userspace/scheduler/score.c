// SPDX-License-Identifier: GPL-2.0-or-later
/* score.c - which of the nodes that fit is best? See schedule.h */
#include <math.h>

#include "api/meta/view_pod.h"
#include "scheduler/schedule.h"

#define MAX_SCORE 100.0

/* What is used of a node once the pod is there, 0..1; 1 where the node has none of it. */
static double fraction(int64_t used, int64_t all)
{
	if (all <= 0 || used >= all)
		return 1;
	return (double)used / (double)all;
}

static void use_with_pod(const struct placement *p, const json *node, double *ret_cpu, double *ret_memory)
{
	const struct node_use *use = cluster_node(p->cluster, meta_name(node));
	int64_t cpu = amounts_get(&p->requested, "cpu") ?: SCORE_DEFAULT_CPU;
	int64_t memory = amounts_get(&p->requested, "memory") ?: SCORE_DEFAULT_MEMORY;

	*ret_cpu = fraction(use->score_cpu + cpu, node_allocatable(node, "cpu", 0));
	*ret_memory = fraction(use->score_memory + memory, node_allocatable(node, "memory", 0));
}

/* The more is free, the better. */
static double score_free(const struct placement *p, const json *node)
{
	double cpu, memory;

	use_with_pod(p, node, &cpu, &memory);
	return MAX_SCORE * ((1 - cpu) + (1 - memory)) / 2;
}

/* The more evenly CPU and memory are used, the better. */
static double score_balance(const struct placement *p, const json *node)
{
	double cpu, memory;

	use_with_pod(p, node, &cpu, &memory);
	return MAX_SCORE * (1 - fabs(cpu - memory) / 2);
}

/* Raw numbers, made comparable over the nodes by nodes_score(): */

static double count_preferred(const struct placement *p, const json *node)
{
	double sum = 0;

	json_each(pref, json_get(p->pod, "spec", "affinity", "nodeAffinity",
				 "preferredDuringSchedulingIgnoredDuringExecution"))
		if (node_matches_term(json_get(pref, "preference"), node))
			sum += json_int(json_get(pref, "weight"), 0);
	return sum;
}

static double count_soft_taints(const struct placement *p, const json *node)
{
	double n = 0;

	json_each(t, json_get(node, "spec", "taints"))
		if (streq(json_str(json_get(t, "effect")), "PreferNoSchedule") &&
		    !pod_tolerates(p->pod, json_str_or(json_get(t, "key"), ""),
				   json_str_or(json_get(t, "value"), ""), "PreferNoSchedule"))
			n++;
	return n;
}

static double count_siblings(const struct placement *p, const json *node)
{
	return cluster_owner_pods(p->cluster, meta_controller_uid(p->pod), meta_name(node));
}

enum scale {
	ABSOLUTE,	/* is 0..100 already */
	MOST_IS_BEST,	/* the highest becomes 100 */
	LEAST_IS_BEST,	/* 0 becomes 100, the highest 0 */
};

static const struct score {
	double (*fn)(const struct placement *p, const json *node);
	double weight;
	enum scale scale;
} score_table[] = {
	{ score_free, 1, ABSOLUTE },
	{ score_balance, 1, ABSOLUTE },
	{ count_preferred, 2, MOST_IS_BEST },
	{ count_siblings, 2, LEAST_IS_BEST },
	{ count_soft_taints, 3, LEAST_IS_BEST },
};

void nodes_score(const struct placement *p, const json *const *nodes, size_t n, double *scores)
{
	_cleanup_free_ double *raw = xcalloc(n, sizeof(*raw));

	for (size_t i = 0; i < n; i++)
		scores[i] = 0;
	for (size_t k = 0; k < ARRAY_SIZE(score_table); k++) {
		const struct score *s = &score_table[k];
		double max = 0;

		for (size_t i = 0; i < n; i++) {
			raw[i] = s->fn(p, nodes[i]);
			if (raw[i] > max)
				max = raw[i];
		}
		for (size_t i = 0; i < n; i++) {
			double v = raw[i];

			if (s->scale != ABSOLUTE)
				v = max > 0 ? MAX_SCORE * v / max : 0;
			if (s->scale == LEAST_IS_BEST)
				v = MAX_SCORE - v;
			scores[i] += s->weight * v;
		}
	}
}
