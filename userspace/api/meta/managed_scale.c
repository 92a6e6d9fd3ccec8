// SPDX-License-Identifier: GPL-2.0-or-later
/* managed_scale.c - managedFields of /scale and back, see managed.h */
#include "api/meta/managed.h"

static const struct field_step spec = { STEP_FIELD, "spec" }, replicas = { STEP_FIELD, "replicas" };

static bool has_replicas(const struct field_set *s)
{
	const struct field_set *node = field_set_find(s, spec);

	node = node ? field_set_find(node, replicas) : NULL;
	return node && node->member;
}

static struct field_set of_replicas(void)
{
	struct field_set s = {0};

	field_set_under(field_set_under(&s, spec, true), replicas, true)->member = true;
	return s;
}

json *managed_to_scale(const struct managed_versions *v, const json *obj)
{
	_cleanup_json_ json *holder = json_new_object();
	_cleanup_managed_ struct managed m = {0};

	if (managed_parse(v, json_get(obj, "metadata", "managedFields"), &m))
		return NULL;
	for (size_t i = m.n; i-- > 0;) {
		struct managed_entry *e = &m.items[i];

		if (!has_replicas(&e->set)) {
			managed_drop(&m, e);
			continue;
		}
		free(e->version);
		e->version = xstrdup(MANAGED_SCALE_VERSION);
		field_set_free(&e->set);
		e->set = of_replicas();
	}
	managed_put(&m, holder);
	return json_take(json_get(holder, "metadata"), "managedFields");
}

/* The scale's entry of the same writer, or NULL. */
static struct managed_entry *counterpart(struct managed *scale, const struct managed_entry *e)
{
	return managed_find(scale, e->manager, e->applied, MANAGED_SCALE_VERSION, e->subresource);
}

void managed_from_scale(const struct managed_versions *v, const char *version, json *obj, const json *scale)
{
	_cleanup_field_set_ struct field_set path = of_replicas();
	_cleanup_managed_ struct managed m = {0}, s = {0};

	if (managed_parse(v, json_get(obj, "metadata", "managedFields"), &m) ||
	    managed_parse(v, json_get(scale, "metadata", "managedFields"), &s))
		return;
	for (size_t i = m.n; i-- > 0;) {
		struct managed_entry *e = &m.items[i], *kept = counterpart(&s, e);

		if (!has_replicas(&e->set))
			continue;
		if (kept && has_replicas(&kept->set)) {
			managed_drop(&s, kept);
			continue;
		}
		field_set_remove(&e->set, &path);
		if (field_set_empty(&e->set))
			managed_drop(&m, e);
	}
	/* What is left came with this write; Kubernetes records no time for it. */
	for (size_t i = 0; i < s.n; i++)
		if (has_replicas(&s.items[i].set)) {
			struct managed_entry *e = managed_find(&m, s.items[i].manager, s.items[i].applied, version,
							       s.items[i].subresource);

			if (!e)
				e = managed_add(&m, s.items[i].manager, s.items[i].applied, version,
						s.items[i].subresource);
			field_set_add(&e->set, &path);
		}
	managed_put(&m, obj);
}
