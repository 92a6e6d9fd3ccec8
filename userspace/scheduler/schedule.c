// SPDX-License-Identifier: GPL-2.0-or-later
/* schedule.c - filter, score, choose; see schedule.h */
#include "scheduler/schedule.h"

#include "api/meta/view_pod.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable." */
static char *explain(struct reasons *r, size_t n_nodes)
{
	char **parts = xcalloc(r->n + 1, sizeof(*parts));
	struct buf out = { 0 };
	size_t n = 0;

	if (!n_nodes) {
		free(parts);
		return xstrdup("no nodes available to schedule pods");
	}
	qsort(r->list, r->n, sizeof(*r->list), by_text);
	for (size_t i = 0; i < r->n;) {
		size_t same = 1;

		while (i + same < r->n && streq(r->list[i], r->list[i + same]))
			same++;
		parts[n++] = xasprintf("%zu %s", same, r->list[i]);
		i += same;
	}
	qsort(parts, n, sizeof(*parts), by_text);
	buf_printf(&out, "0/%zu nodes are available: ", n_nodes);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&out, "%s%s", i ? ", " : "", parts[i]);
		free(parts[i]);
	}
	buf_puts(&out, ".");
	free(parts);
	return buf_steal(&out);
}

static uint32_t hash_of(const char *a, const char *b)
{
	uint32_t h = 2166136261u;	/* FNV-1a, then mixed: its high bits are poor on short texts */

	for (; *a; a++)
		h = (h ^ (unsigned char)*a) * 16777619u;
	for (; *b; b++)
		h = (h ^ (unsigned char)*b) * 16777619u;
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	return h ^ h >> 13;
}

size_t schedule_enough(size_t n)
{
	size_t percent = n / 125 < 45 ? 50 - n / 125 : 5;

	if (n <= 100)
		return n;
	return n * percent / 100 > 100 ? n * percent / 100 : 100;
}

const char *schedule_pod(const json *pod, const json *const *nodes, size_t n, size_t *next, const struct cluster *c,
			 char **ret_message)
{
	size_t enough = schedule_enough(n), k = 0, i;
	_cleanup_free_ const json **fit = xcalloc(enough, sizeof(*fit));
	_cleanup_free_ double *scores = NULL;
	struct reasons reasons = { 0 };
	const char *best = NULL;
	struct placement p;
	uint32_t best_hash = 0;
	double best_score = 0;

	placement_init(&p, pod, c);
	for (i = 0; i < n && k < enough; i++) {
		const json *node = nodes[(*next + i) % n];

		if (node_fits(&p, node, &reasons))
			fit[k++] = node;
	}
	*next = n ? (*next + i) % n : 0;
	scores = xcalloc(k, sizeof(*scores));
	nodes_score(&p, fit, k, scores);
	for (i = 0; i < k; i++) {
		const char *name = meta_name(fit[i]);
		uint32_t h = hash_of(meta_uid(pod) ?: "", name);

		if (best && (scores[i] < best_score || (scores[i] == best_score && h < best_hash)))
			continue;
		best = name;
		best_score = scores[i];
		best_hash = h;
	}
	if (!best)
		*ret_message = explain(&reasons, n);
	reasons_clear(&reasons);
	placement_clear(&p);
	return best;
}
