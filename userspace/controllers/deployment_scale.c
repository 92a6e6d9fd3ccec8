// SPDX-License-Identifier: GPL-2.0-or-later
/* deployment_scale.c - how many pods each ReplicaSet of a Deployment gets; see deployment_rollout.h */
#include <math.h>

#include "api/meta/view_deployment.h"
#include "controllers/deployment_rollout.h"

int64_t rs_available(const json *rs)
{
	return json_int(json_get(rs, "status", "availableReplicas"), 0);
}

int64_t rs_actual(const json *rs)
{
	return json_int(json_get(rs, "status", "replicas"), 0);
}

int64_t rs_annotation(const json *rs, const char *key, int64_t dflt)
{
	int64_t v;

	return parse_i64(meta_annotation(rs, key), 0, INT64_MAX, &v) == 0 ? v : dflt;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t rollout_total(const struct rollout *r)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->all[i].size;
	return n;
}

int64_t rollout_new_size(const struct rollout *r)
{
	int64_t size = r->new ? r->new->size : 0;
	int64_t room = r->replicas + r->surge - rollout_total(r);

	if (deployment_recreates(r->d))
		return r->replicas;
	if (room <= 0)
		return size;
	return size + min64(room, r->replicas - size);
}

bool rollout_is_scaling(const struct rollout *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->all[i].was > 0 &&
		    rs_annotation(r->all[i].rs, ANNOTATION_DESIRED, r->replicas) != r->replicas)
			return true;
	return false;
}

/* The one ReplicaSet with pods, or the newest when none has any; NULL when several have. */
static struct rs_plan *active_or_latest(const struct rollout *r)
{
	struct rs_plan *active = NULL;

	for (size_t i = 0; i < r->n; i++) {
		if (r->all[i].was == 0)
			continue;
		if (active)
			return NULL;
		active = &r->all[i];
	}
	if (active || !r->n)
		return active;
	return r->new ?: &r->all[r->n - 1];
}

static bool saturated(const struct rollout *r)
{
	return r->new && r->new->was == r->replicas &&
	       rs_annotation(r->new->rs, ANNOTATION_DESIRED, -1) == r->replicas &&
	       rs_available(r->new->rs) == r->replicas;
}

/* How much of the change falls to one ReplicaSet, by its share of what was allowed before. */
static int64_t share_of(const struct rollout *r, const struct rs_plan *p)
{
	int64_t before = rs_annotation(p->rs, ANNOTATION_MAX, 0);

	if (!r->replicas)
		return -p->was;
	if (!before)
		before = json_int(json_get(r->d, "status", "replicas"), 0);
	if (!before)
		return 0;
	return (int64_t)round((double)(p->was * (r->replicas + r->surge)) / (double)before) - p->was;
}

static int larger_then_newer(const void *pa, const void *pb)
{
	const struct rs_plan *a = *(struct rs_plan *const *)pa, *b = *(struct rs_plan *const *)pb;

	if (a->was != b->was)
		return a->was > b->was ? -1 : 1;
	return a > b ? -1 : 1;		/* the plans lie oldest first */
}

static int larger_then_older(const void *pa, const void *pb)
{
	const struct rs_plan *a = *(struct rs_plan *const *)pa, *b = *(struct rs_plan *const *)pb;

	if (a->was != b->was)
		return a->was > b->was ? -1 : 1;
	return a < b ? -1 : 1;
}

static void scale_in_proportion(struct rollout *r)
{
	_cleanup_free_ struct rs_plan **active = xcalloc(r->n, sizeof(*active));
	int64_t allowed = r->replicas ? r->replicas + r->surge : 0;
	int64_t to_add, added = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->all[i].was > 0)
			active[n++] = &r->all[i];
	to_add = allowed - rollout_total(r);
	if (to_add)
		qsort(active, n, sizeof(*active), to_add > 0 ? larger_then_newer : larger_then_older);
	for (size_t i = 0; i < n; i++) {
		struct rs_plan *p = active[i];
		int64_t share = share_of(r, p), left = to_add - added;

		p->stamp = true;
		if (!left)
			continue;
		if (to_add > 0 ? share > left : share < left)
			share = left;
		p->size = p->was + share;
		added += share;
	}
	if (n && to_add != added) {
		active[0]->size += to_add - added;
		if (active[0]->size < 0)
			active[0]->size = 0;
	}
}

void rollout_scale(struct rollout *r)
{
	struct rs_plan *only = active_or_latest(r);

	if (only) {
		only->size = r->replicas;
		only->stamp = true;
		return;
	}
	if (saturated(r)) {
		for (size_t i = 0; i < r->n; i++)
			if (&r->all[i] != r->new)
				r->all[i].size = 0;
		return;
	}
	if (!deployment_recreates(r->d))
		scale_in_proportion(r);
}

bool rollout_shrink_old(struct rollout *r)
{
	int64_t least = r->replicas - r->unavailable, total = rollout_total(r);
	int64_t new_unavailable = r->new ? r->new->size - rs_available(r->new->rs) : 0;
	int64_t may_go = total - least - new_unavailable, gone = 0;
	int64_t available = 0, surplus;
	bool any = false;

	if (may_go <= 0)
		return false;
	/* Pods that do not work anyway. */
	for (size_t i = 0; i < r->n && gone < may_go; i++) {
		struct rs_plan *p = &r->all[i];
		int64_t n;

		if (p == r->new || !p->size || p->size <= rs_available(p->rs))
			continue;
		n = min64(may_go - gone, p->size - rs_available(p->rs));
		p->size -= n;
		gone += n;
		any = true;
	}
	/* Then working ones, as long as enough are left. */
	for (size_t i = 0; i < r->n; i++)
		available += rs_available(r->all[i].rs);
	surplus = available - least;
	for (size_t i = 0; i < r->n && surplus > 0; i++) {
		struct rs_plan *p = &r->all[i];
		int64_t n;

		if (p == r->new || !p->size)
			continue;
		n = min64(p->size, surplus);
		p->size -= n;
		surplus -= n;
		any = true;
	}
	return any;
}
