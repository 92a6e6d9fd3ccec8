// SPDX-License-Identifier: GPL-2.0-or-later
/* template.c - see template.h */
#include "controllers/template.h"

#include <stdio.h>

/* Structs and maps that an API server writes as {} or leaves out, as it pleases. */
static bool empty_means_absent(const char *key)
{
	static const char *const keys[] = { "metadata", "labels", "annotations", "resources", "limits",
					    "requests", "nodeSelector", "securityContext" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (streq(keys[i], key))
			return true;
	return false;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(json *const *)a), json_key(*(json *const *)b));
}

/* A new tree: no nulls, no empty arrays, members sorted; NULL when nothing of it is left to say. */
static json *canonical(const json *j)
{
	json *out;

	if (!j || cJSON_IsNull(j))
		return NULL;
	if (json_is_array(j)) {
		if (!json_len(j))
			return NULL;
		out = json_new_array();
		json_each(it, j)
			json_append(out, canonical(it) ?: json_new_object());
		return out;
	}
	if (json_is_object(j)) {
		_cleanup_free_ json **members = xcalloc(json_len(j), sizeof(*members));
		size_t n = 0;

		json_each(it, j)
			members[n++] = it;
		qsort(members, n, sizeof(*members), by_key);
		out = json_new_object();
		for (size_t i = 0; i < n; i++) {
			json *c = canonical(members[i]);

			if (c && json_is_object(c) && !json_len(c) && empty_means_absent(json_key(members[i]))) {
				cJSON_Delete(c);
				c = NULL;
			}
			if (c)
				json_set(out, json_key(members[i]), c);
		}
		return out;
	}
	return json_clone(j);
}

static json *canonical_template(const json *template)
{
	_cleanup_json_ json *copy = json_clone(template) ?: json_new_object();
	json *labels = json_get(copy, "metadata", "labels");

	if (labels)
		json_del(labels, POD_TEMPLATE_HASH_LABEL);
	return canonical(copy);
}

bool template_equal(const json *a, const json *b)
{
	_cleanup_json_ json *x = canonical_template(a), *y = canonical_template(b);

	return json_equal(x, y);
}

void template_hash(const json *template, int64_t collisions, char out[TEMPLATE_HASH_LEN])
{
	/* The letters that Kubernetes makes names of: no vowels, so no words. */
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
	_cleanup_json_ json *c = canonical_template(template);
	_cleanup_free_ char *text = json_print(c), *salted = NULL;
	uint32_t h = 2166136261u;	/* FNV-1a */
	char digits[16];
	size_t n;

	salted = collisions ? xasprintf("%s%lld", text, (long long)collisions) : TAKE_PTR(text);
	for (const char *p = salted; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	n = snprintf(digits, sizeof(digits), "%u", h);
	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[(unsigned char)digits[i] % (sizeof(alphabet) - 1)];
	out[n] = '\0';
}
