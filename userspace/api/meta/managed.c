// SPDX-License-Identifier: GPL-2.0-or-later
/* managed.c - entries of managedFields, and what updates do to them, see managed.h */
#include "api/meta/managed.h"

#include <errno.h>

#define MAX_UPDATERS 10	/* entries of updates; older ones are thrown together ... */
#define OLD_UPDATES "ancient-changes"	/* ... under this name */

/* --- entries ------------------------------------------------------------------------ */

static void entry_free(struct managed_entry *e)
{
	free(e->manager);
	free(e->version);
	free(e->subresource);
	field_set_free(&e->set);
}

void managed_free(struct managed *m)
{
	for (size_t i = 0; i < m->n; i++)
		entry_free(&m->items[i]);
	free(m->items);
	*m = (struct managed){0};
}

struct managed_entry *managed_add(struct managed *m, const char *manager, bool applied, const char *version,
				  const char *subresource)
{
	struct managed_entry *e;

	m->items = xrealloc(m->items, (m->n + 1) * sizeof(*m->items));
	e = &m->items[m->n++];
	*e = (struct managed_entry){
		.manager = xstrdup(manager), .version = xstrdup(version),
		.subresource = xstrdup(subresource ? subresource : ""), .applied = applied,
	};
	return e;
}

void managed_drop(struct managed *m, struct managed_entry *e)
{
	size_t at = e - m->items;

	entry_free(e);
	memmove(e, e + 1, (--m->n - at) * sizeof(*e));
}

struct managed_entry *managed_find(struct managed *m, const char *manager, bool applied, const char *version,
				   const char *subresource)
{
	for (size_t i = 0; i < m->n; i++) {
		struct managed_entry *e = &m->items[i];

		if (e->applied == applied && streq(e->manager, manager) &&
		    streq(e->subresource, subresource ? subresource : "") && (applied || streq(e->version, version)))
			return e;
	}
	return NULL;
}

static int parse_entry(const struct managed_versions *v, const json *it, struct managed *m)
{
	const char *operation = json_str_or(json_get(it, "operation"), "");
	const char *version = json_str_or(json_get(it, "apiVersion"), "");
	const char *time = json_str(json_get(it, "time"));
	const char *manager = json_str_or(json_get(it, "manager"), "");
	const char *subresource = json_str_or(json_get(it, "subresource"), "");
	bool applied = streq(operation, "Apply");
	struct managed_entry *e;
	uint64_t us;

	if ((!applied && !streq(operation, "Update")) || !*version ||
	    !streq(json_str(json_get(it, "fieldsType")), "FieldsV1"))
		return -EINVAL;
	/* of several of one writer the last counts */
	e = managed_find(m, manager, applied, version, subresource);
	if (e)
		managed_drop(m, e);
	e = managed_add(m, manager, applied, version, subresource);
	e->time = time && !parse_time(time, &us) ? us / 1000000 : 0;
	return field_set_parse(v->schema(v->data, version), json_get(it, "fieldsV1"), &e->set);
}

int managed_parse(const struct managed_versions *v, const json *list, struct managed *ret)
{
	_cleanup_managed_ struct managed m = {0};

	if (list && !cJSON_IsNull(list) && !json_is_array(list))
		return -EINVAL;
	json_each(it, list)
		if (parse_entry(v, it, &m))
			return -EINVAL;
	*ret = m;
	m = (struct managed){0};
	return 0;
}

static json *print_entry(const struct managed_entry *e)
{
	json *j = json_new_object();
	char at[32];

	json_set_str(j, "manager", *e->manager ? e->manager : NULL);
	json_set_str(j, "operation", e->applied ? "Apply" : "Update");
	json_set_str(j, "apiVersion", e->version);
	if (e->time) {
		format_time(e->time * 1000000, at);
		json_set_str(j, "time", at);
	}
	json_set_str(j, "fieldsType", "FieldsV1");
	json_set(j, "fieldsV1", field_set_json(&e->set));
	json_set_str(j, "subresource", *e->subresource ? e->subresource : NULL);
	return j;
}

static int by_order(const void *a, const void *b)
{
	const struct managed_entry *x = a, *y = b;
	int order;

	if (x->applied != y->applied)
		return x->applied ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	order = strcmp(x->manager, y->manager);
	if (!order)
		order = strcmp(x->version, y->version);
	return order ? order : strcmp(x->subresource, y->subresource);
}

void managed_put(struct managed *m, json *obj)
{
	json *meta = json_obj(obj, "metadata"), *list;

	json_del(meta, "managedFields");
	if (!m->n)
		return;
	qsort(m->items, m->n, sizeof(*m->items), by_order);
	list = json_set(meta, "managedFields", json_new_array());
	for (size_t i = 0; i < m->n; i++)
		json_append(list, m->items[i].as_is ? json_clone(m->items[i].as_is) : print_entry(&m->items[i]));
}

const char *managed_name(const struct managed_write *w)
{
	return w->manager && *w->manager ? w->manager : "unknown";
}

/* --- what is never owned ----------------------------------------------------------------- */

void managed_strip(struct field_set *s)
{
	static const char *const paths[] = {
		"apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.creationTimestamp",
		"metadata.selfLink", "metadata.uid", "metadata.clusterName", "metadata.generation",
		"metadata.managedFields", "metadata.resourceVersion",
	};
	static struct field_set stripped;

	if (!stripped.n)
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			field_set_insert_names(&stripped, paths[i]);
	field_set_remove(s, &stripped);
}

void managed_reset(const struct managed_write *w, struct field_set *s)
{
	_cleanup_field_set_ struct field_set reset = {0};
	const char *p = w->resets ? w->resets : "";

	if (!s->n)
		return;
	while (*p) {
		size_t len = strcspn(p, ",");
		_cleanup_free_ char *path = xstrndup(p, len);

		field_set_insert_names(&reset, path);
		p += len + (p[len] == ',');
	}
	field_set_remove_below(s, &reset);
}

/* --- what changed, in every version that entries speak of ------------------------------------- */

const json *managed_convert(const struct managed_versions *v, const json *obj, const char *from, const char *to,
			    json **ret_owned)
{
	*ret_owned = NULL;
	if (!obj || streq(from, to))
		return obj;
	*ret_owned = json_clone(obj);
	v->convert(v->data, *ret_owned, from, to);
	return *ret_owned;
}

const struct field_changes *managed_changes(struct managed_pair *p, const char *version)
{
	const struct managed_versions *v = &p->w->versions;
	_cleanup_json_ json *old = NULL, *new = NULL;
	const struct schema *schema;
	struct managed_view *view;
	const json *a, *b;

	for (size_t i = 0; i < p->n; i++)
		if (streq(p->views[i].version, version))
			return p->views[i].known ? &p->views[i].c : NULL;
	schema = v->schema(v->data, version);
	p->views = xrealloc(p->views, (p->n + 1) * sizeof(*p->views));
	view = &p->views[p->n++];
	*view = (struct managed_view){ .version = xstrdup(version), .known = schema };
	if (!schema)
		return NULL;
	a = managed_convert(v, p->old, p->version, version, &old);
	b = managed_convert(v, p->new, p->version, version, &new);
	field_compare(schema, a, b, &view->c);
	managed_reset(p->w, &view->c.added);
	managed_reset(p->w, &view->c.modified);
	managed_reset(p->w, &view->c.removed);
	return &view->c;
}

void managed_pair_free(struct managed_pair *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->views[i].version);
		field_changes_free(&p->views[i].c);
	}
	free(p->views);
	*p = (struct managed_pair){0};
}

/* --- update --------------------------------------------------------------------------------------- */

static int by_age(const void *a, const void *b)
{
	const struct managed_entry *x = *(struct managed_entry *const *)a, *y = *(struct managed_entry *const *)b;

	return by_order(x, y);
}

/* An entry's fields go to another one, and it is empty. */
static void throw_in(struct managed_entry *into, struct managed_entry *e)
{
	field_set_add(&into->set, &e->set);
	field_set_free(&e->set);
	if (e->time > into->time)
		into->time = e->time;
	into->as_is = e->as_is = NULL;
}

/* e and an older one of its version, where there is one, become one of old updates. */
static bool merge_old(struct managed *m, struct managed_entry *older, struct managed_entry *e)
{
	struct managed_entry *bucket = managed_find(m, OLD_UPDATES, false, e->version, "");

	if (field_set_empty(&older->set) || !streq(older->version, e->version))
		return false;
	if (!bucket) {
		bucket = older;
		free(bucket->manager);
		free(bucket->subresource);
		bucket->manager = xstrdup(OLD_UPDATES);
		bucket->subresource = xstrdup("");
	}
	throw_in(bucket, bucket == e ? older : e);
	return true;
}

/* The oldest updates of a version become one while there are too many. */
static void cap_updaters(struct managed *m)
{
	_cleanup_free_ struct managed_entry **order = xcalloc(m->n + 1, sizeof(*order));
	size_t n = 0, left;

	for (size_t i = 0; i < m->n; i++)
		if (!m->items[i].applied)
			order[n++] = &m->items[i];
	left = n;
	if (n <= MAX_UPDATERS)
		return;
	qsort(order, n, sizeof(*order), by_age);
	for (size_t i = 1; i < n && left > MAX_UPDATERS; i++)
		for (size_t j = 0; j < i; j++)
			if (merge_old(m, order[j], order[i])) {
				left--;
				break;
			}
	for (size_t i = m->n; i-- > 0;)
		if (field_set_empty(&m->items[i].set))
			managed_drop(m, &m->items[i]);
}

static bool is_reset(const json *list)
{
	return json_is_array(list) && (!list->child || (!list->child->next && json_is_object(list->child) &&
							!list->child->child));
}

/*
 * Whose fields what a client sends with an update is: its own list, if it is one;
 * else the live object's, whose entries can be taken over as they are.
 */
static void take_entries(const struct managed_write *w, const json *live, const json *next, struct managed *ret)
{
	const json *sent = json_get(next, "metadata", "managedFields"), *list = json_get(live, "metadata", "managedFields");
	size_t i = 0;

	*ret = (struct managed){0};
	if (!w->subresource && is_reset(sent))
		return;
	if (!w->subresource && sent && !json_equal(sent, list) && !managed_parse(&w->versions, sent, ret) && ret->n)
		return;
	managed_free(ret);
	if (!managed_parse(&w->versions, list, ret) && (int)ret->n == json_len(list))
		json_each(it, list)
			ret->items[i++].as_is = it;
}

/* The others lose what changed. False if nothing of theirs did. */
static bool take_away(struct managed_entry *e, const struct field_changes *c)
{
	if (!field_set_meets(&e->set, &c->modified) && !field_set_meets(&e->set, &c->added) &&
	    !field_set_meets(&e->set, &c->removed))
		return false;
	field_set_remove(&e->set, &c->modified);
	field_set_remove(&e->set, &c->added);
	field_set_remove(&e->set, &c->removed);
	e->as_is = NULL;
	return true;
}

static void record_update(struct managed_pair *p, struct managed *m)
{
	const struct managed_write *w = p->w;
	const struct field_changes *c = managed_changes(p, w->version);
	_cleanup_field_set_ struct field_set mine = {0};
	struct managed_entry *e;

	if (c) {
		field_set_add(&mine, &c->added);
		field_set_add(&mine, &c->modified);
		managed_strip(&mine);
	}
	for (size_t i = m->n; i-- > 0;) {
		c = managed_changes(p, m->items[i].version);
		if (!c || (take_away(&m->items[i], c) && field_set_empty(&m->items[i].set)))
			managed_drop(m, &m->items[i]);
	}
	if (field_set_empty(&mine))
		return;
	e = managed_find(m, managed_name(w), false, w->version, w->subresource);
	if (!e)
		e = managed_add(m, managed_name(w), false, w->version, w->subresource);
	field_set_add(&e->set, &mine);
	e->time = w->now_us / 1000000;
	e->as_is = NULL;
}

void managed_update(const struct managed_write *w, const json *live, json *next)
{
	struct managed_pair p = { .w = w, .old = live, .new = next, .version = w->versions.stored };
	_cleanup_managed_ struct managed m = {0};

	take_entries(w, live, next, &m);
	if (m.n || !live) {
		record_update(&p, &m);
		cap_updaters(&m);
	}
	managed_put(&m, next);
	managed_pair_free(&p);
}

/* --- times ----------------------------------------------------------------------------------------- */

static bool same_entry(const json *a, const json *b)
{
	static const char *const members[] = { "manager", "operation", "apiVersion", "fieldsType", "fieldsV1", "subresource" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!json_equal(json_get(a, members[i]), json_get(b, members[i])))
			return false;
	return true;
}

/* Two objects without looking at one member of theirs. */
static bool same_but(const json *a, const json *b, const char *but)
{
	if (json_len(a) - !!json_get(a, but) != json_len(b) - !!json_get(b, but))
		return false;
	json_each(it, a)
		if (!streq(json_key(it), but) && !json_equal(it, json_get(b, json_key(it))))
			return false;
	return true;
}

bool managed_same_but_times(const json *a, const json *b)
{
	const json *x = json_get(a, "metadata"), *y = json_get(b, "metadata");
	const json *i = json_get(x, "managedFields"), *j = json_get(y, "managedFields");

	if (json_len(i) != json_len(j))
		return false;
	for (i = i ? i->child : NULL, j = j ? j->child : NULL; i && j; i = i->next, j = j->next)
		if (!same_entry(i, j))
			return false;
	return same_but(x, y, "managedFields") && same_but(a, b, "metadata");
}
