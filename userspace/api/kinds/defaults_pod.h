/* SPDX-License-Identifier: GPL-2.0-or-later */
/* defaults_pod.h - defaults of pods, within defaults*.c */
#ifndef KEELSON_API_DEFAULTS_POD_H
#define KEELSON_API_DEFAULTS_POD_H

#include "base/json.h"

/* Sets a member only where there is none; an empty string counts as none. */
static inline void default_str(json *obj, const char *key, const char *value)
{
	const json *old = json_get(obj, key);

	if (!old || streq(json_str(old), ""))
		json_set_str(obj, key, value);
}

static inline void default_int(json *obj, const char *key, int64_t value)
{
	if (!json_get(obj, key))
		json_set_int(obj, key, value);
}

static inline void default_bool(json *obj, const char *key, bool value)
{
	if (!json_get(obj, key))
		json_set_bool(obj, key, value);
}

/* A PodSpec, in a pod or in a controller's template. */
void default_pod_spec(json *spec);
/* What only a pod itself gets, on top of default_pod_spec(). */
void default_pod(json *pod);

#endif
