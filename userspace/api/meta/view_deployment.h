/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_deployment.h - typed readers of Deployment and ReplicaSet
 */
#ifndef KEELSON_API_VIEW_DEPLOYMENT_H
#define KEELSON_API_VIEW_DEPLOYMENT_H

#include "api/meta/view_meta.h"

/* spec.replicas of a Deployment or ReplicaSet; 1 while nobody said */
static inline int64_t workload_replicas(const json *obj)
{
	return json_int(json_get(obj, "spec", "replicas"), 1);
}

/* A LabelSelector object */
static inline const json *workload_selector(const json *obj)
{
	return json_get(obj, "spec", "selector");
}

static inline const json *workload_template(const json *obj)
{
	return json_get(obj, "spec", "template");
}

static inline int64_t workload_min_ready_seconds(const json *obj)
{
	return json_int(json_get(obj, "spec", "minReadySeconds"), 0);
}

static inline bool deployment_paused(const json *d)
{
	return json_bool(json_get(d, "spec", "paused"), false);
}

static inline bool deployment_recreates(const json *d)
{
	return streq(json_str(json_get(d, "spec", "strategy", "type")), "Recreate");
}

static inline int64_t deployment_history_limit(const json *d)
{
	return json_int(json_get(d, "spec", "revisionHistoryLimit"), 10);
}

static inline int64_t deployment_progress_deadline(const json *d)
{
	return json_int(json_get(d, "spec", "progressDeadlineSeconds"), 600);
}

/*
 * An IntOrString against a total: the number itself, or the percentage of
 * total, rounded up or down. dflt where j is absent or neither.
 */
static inline int64_t int_or_percent(const json *j, int64_t total, bool round_up, int64_t dflt)
{
	const char *s = json_str(j);
	size_t n = s ? strlen(s) : 0;
	int64_t v;

	if (!s)
		return json_int(j, dflt);
	if (n < 2 || n > 10 || s[n - 1] != '%')
		return dflt;
	{
		_cleanup_free_ char *digits = xstrndup(s, n - 1);

		if (parse_i64(digits, 0, INT32_MAX, &v) < 0)
			return dflt;
	}
	return (v * total + (round_up ? 99 : 0)) / 100;
}

/*
 * How many pods above and below the wanted number a rolling update may make:
 * maxSurge rounds up, maxUnavailable down, and both 0 means unavailable 1.
 */
static inline void deployment_bounds(const json *d, int64_t *ret_surge, int64_t *ret_unavailable)
{
	const json *ru = json_get(d, "spec", "strategy", "rollingUpdate");
	int64_t n = workload_replicas(d), surge = 0, unavailable = 0;

	if (!deployment_recreates(d)) {
		surge = int_or_percent(json_get(ru, "maxSurge"), n, true, (n * 25 + 99) / 100);
		unavailable = int_or_percent(json_get(ru, "maxUnavailable"), n, false, n * 25 / 100);
		if (surge == 0 && unavailable == 0)
			unavailable = 1;
	}
	*ret_surge = surge;
	*ret_unavailable = unavailable < n ? unavailable : n;
}

#endif
