// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * managed_apply.c - server-side apply, see managed.h
 *
 * The configuration is merged into the object; what its manager applied before
 * and leaves out now goes, unless somebody else has it; then the changes are
 * held against the other managers' fields.
 */
#include "api/meta/managed.h"

#include <errno.h>

#include "api/meta/status.h"
#include "api/schema/strlist.h"

#define KUBECTL "kubectl"	/* the manager of kubectl apply --server-side */
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"
#define MAX_ANNOTATIONS (256 * 1024)
#define BEFORE_APPLY "before-first-apply"

struct apply {
	const struct managed_write *w;
	const struct schema *schema;	/* of the request's version */
	const json *live, *config;	/* both of that version */
	bool force;
	struct managed m;
	json *merged;
};

static struct managed_entry *mine(struct apply *a)
{
	return managed_find(&a->m, managed_name(a->w), true, NULL, a->w->subresource);
}

/* --- pruning --------------------------------------------------------------------------- */

/* The fields of the object, those on the way to others included. */
static void named_fields(const struct schema *s, const json *obj, struct field_set *ret)
{
	field_set_of(s, obj, ret);
	field_set_name(s, ret);
}

/* obj changes from one version to another, in place. */
static void change_version(const struct managed_write *w, json *obj, const char *from, const char *to)
{
	if (!streq(from, to))
		w->versions.convert(w->versions.data, obj, from, to);
}

/* What entries of that version own, and only what is in the way of it. */
static void owned_in(struct apply *a, const char *version, const struct schema *s, struct field_set *ret)
{
	*ret = (struct field_set){0};
	for (size_t i = 0; i < a->m.n; i++)
		if (streq(a->m.items[i].version, version))
			field_set_add(ret, &a->m.items[i].set);
	field_set_name(s, ret);
}

/*
 * pruned, of version `from`, gets back what entries of `version` own of merged;
 * it is of that version then, and so is *merged.
 */
static void give_back(struct apply *a, json *merged, json **pruned, const char *from, const char *version)
{
	const struct schema *s = a->w->versions.schema(a->w->versions.data, version);
	_cleanup_field_set_ struct field_set gone = {0}, left = {0}, owned = {0};

	change_version(a->w, merged, from, version);
	change_version(a->w, *pruned, from, version);
	named_fields(s, merged, &gone);
	named_fields(s, *pruned, &left);
	owned_in(a, version, s, &owned);
	field_set_remove(&gone, &left);
	field_set_remove(&gone, &owned);
	json_freep(pruned);
	*pruned = json_clone(merged);
	field_take_out(s, *pruned, &gone);
}

/* All versions of entries that are known, each once, `first` before the others. */
static void versions_of(struct apply *a, const char *first, struct strlist *ret)
{
	const struct managed_versions *v = &a->w->versions;

	strlist_take(ret, xstrdup(first));
	for (size_t i = 0; i < a->m.n; i++)
		if (!strlist_has(ret, a->m.items[i].version) && v->schema(v->data, a->m.items[i].version))
			strlist_take(ret, xstrdup(a->m.items[i].version));
}

/* Takes out of a->merged what was applied as `last` (of that version) and nobody owns any more. */
static void prune(struct apply *a, const struct field_set *last_set, const char *last_version)
{
	const struct schema *s = a->w->versions.schema(a->w->versions.data, last_version);
	_cleanup_field_set_ struct field_set last = field_set_clone(last_set), owned = {0}, gone = {0}, left = {0};
	_cleanup_json_ json *merged = NULL, *pruned = NULL;
	_cleanup_strlist_ struct strlist versions = {0};
	const char *at = last_version;

	if (!s || field_set_empty(&last))
		return;
	field_set_name(s, &last);
	/* the usual case: everything is owned still */
	owned_in(a, last_version, s, &owned);
	gone = field_set_clone(&last);
	field_set_remove(&gone, &owned);
	if (field_set_empty(&gone))
		return;
	field_set_free(&gone);

	change_version(a->w, a->merged, a->w->version, last_version);
	merged = json_clone(a->merged);
	pruned = json_clone(a->merged);
	field_take_out(s, pruned, &last);
	versions_of(a, last_version, &versions);
	for (size_t i = 0; i < versions.n; i++) {
		give_back(a, merged, &pruned, at, versions.items[i]);
		at = versions.items[i];
	}
	/* only what was applied goes, not what conversion lost */
	change_version(a->w, pruned, at, last_version);
	named_fields(s, a->merged, &gone);
	named_fields(s, pruned, &left);
	field_set_remove(&gone, &left);
	field_set_keep(&gone, &last);
	field_take_out(s, a->merged, &gone);
	change_version(a->w, a->merged, last_version, a->w->version);
}

/* --- conflicts --------------------------------------------------------------------------- */

struct conflict {
	char *manager;	/* as messages name it */
	struct field_set set;
	size_t n;	/* members */
};

struct conflicts {
	struct conflict *items;
	size_t n;
};

static void conflicts_free(struct conflicts *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->items[i].manager);
		field_set_free(&c->items[i].set);
	}
	free(c->items);
	*c = (struct conflicts){0};
}

static char *name_of(const struct managed_entry *e)
{
	_cleanup_json_ json *name = json_new_str(e->manager), *sub = json_new_str(e->subresource);
	_cleanup_free_ char *n = json_print(name), *s = json_print(sub);

	return xasprintf("%s%s%s%s%s", n, *e->subresource ? " with subresource " : "", *e->subresource ? s : "",
			 e->applied ? "" : " using ", e->applied ? "" : e->version);
}

static void count(void *data, const char *path)
{
	++*(size_t *)data;
}

static int by_manager(const void *a, const void *b)
{
	return strcmp(((const struct conflict *)a)->manager, ((const struct conflict *)b)->manager);
}

/* What of the others' fields is changed. Entries of versions that nobody knows go. */
static void find_conflicts(struct apply *a, struct managed_pair *p, struct conflicts *ret)
{
	for (size_t i = a->m.n; i-- > 0;) {
		struct managed_entry *e = &a->m.items[i];
		const struct field_changes *c;
		struct field_set set;
		struct conflict *it;

		if (e == mine(a))
			continue;
		c = managed_changes(p, e->version);
		if (!c) {
			managed_drop(&a->m, e);
			continue;
		}
		set = field_set_clone(&c->modified);
		field_set_add(&set, &c->added);
		field_set_keep(&set, &e->set);
		if (field_set_empty(&set)) {
			field_set_free(&set);
			continue;
		}
		ret->items = xrealloc(ret->items, (ret->n + 1) * sizeof(*ret->items));
		it = &ret->items[ret->n++];
		*it = (struct conflict){ .manager = name_of(e), .set = set };
		field_set_each(&set, count, &it->n);
	}
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_manager);
}

struct report {
	const struct conflict *of;
	json *causes;
	struct buf text;
	bool alone;
};

static void report(void *data, const char *path)
{
	_cleanup_free_ char *message = NULL;
	struct report *r = data;

	message = xasprintf("conflict with %s", r->of->manager);
	json_append(r->causes, status_cause("FieldManagerConflict", path, message));
	if (r->alone)
		buf_printf(&r->text, "%s: %s", message, path);
	else
		buf_printf(&r->text, "\n- %s", path);
}

static json *conflict_status(const struct conflicts *c)
{
	struct report r = { .causes = json_new_array() };
	json *details = json_new_object(), *s;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->items[i].n;
	r.alone = n == 1;
	for (size_t i = 0; i < c->n; i++) {
		r.of = &c->items[i];
		if (!r.alone)
			buf_printf(&r.text, "%sconflicts with %s:", i ? "\n" : "", r.of->manager);
		field_set_each(&r.of->set, report, &r);
	}
	json_set(details, "causes", r.causes);
	s = status_failure(409, "Conflict", details, "Apply failed with %zu conflict%s: %s", n, n == 1 ? "" : "s", r.text.data);
	buf_free(&r.text);
	return s;
}

/* --- kubectl's own memory of what it applied ----------------------------------------------- */

static const char *last_applied(const json *obj)
{
	const char *text = json_str_or(json_get(obj, "metadata", "annotations", LAST_APPLIED), "");

	return *text ? text : NULL;
}

/*
 * What client-side apply put into the object and nobody changed since: its user
 * has it, whoever managedFields name.
 */
static void allow_last_applied(struct apply *a, struct conflicts *c)
{
	const char *text = last_applied(a->live);
	_cleanup_field_changes_ struct field_changes since = {0};
	_cleanup_field_set_ struct field_set allowed = {0};
	_cleanup_json_ json *config = NULL;
	_cleanup_free_ char *bad = NULL;
	size_t kept = 0;

	if (!text || json_parse(text, strlen(text), &config, NULL) ||
	    !streq(json_str(json_get(config, "apiVersion")), a->w->version))
		return;
	bad = field_check(a->schema, config);
	if (bad)
		return;
	field_set_of(a->schema, config, &allowed);
	field_compare(a->schema, config, a->live, &since);
	field_set_remove(&allowed, &since.modified);
	field_set_remove(&allowed, &since.added);
	field_set_remove(&allowed, &since.removed);
	for (size_t i = 0; i < c->n; i++) {
		struct conflict *it = &c->items[i];

		field_set_remove(&it->set, &allowed);
		it->n = 0;
		field_set_each(&it->set, count, &it->n);
		if (it->n) {
			if (kept != i)
				c->items[kept] = *it;
			kept++;
		} else {
			free(it->manager);
			field_set_free(&it->set);
		}
	}
	c->n = kept;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

/* As Go encodes it: members in order of their names, < > & escaped. */
static void print_sorted(struct buf *b, const json *v)
{
	_cleanup_free_ const json **list = NULL;
	int n = 0;

	if (!json_is_object(v) && !json_is_array(v)) {
		field_text_add(b, v);
		return;
	}
	list = xcalloc(json_len(v) + 1, sizeof(*list));
	json_each(it, v)
		list[n++] = it;
	if (json_is_object(v))
		qsort(list, n, sizeof(*list), by_key);
	buf_puts(b, json_is_object(v) ? "{" : "[");
	for (int i = 0; i < n; i++) {
		buf_puts(b, i ? "," : "");
		if (json_is_object(v)) {
			field_text_add_str(b, json_key(list[i]));
			buf_puts(b, ":");
		}
		print_sorted(b, list[i]);
	}
	buf_puts(b, json_is_object(v) ? "}" : "]");
}

/* So that client-side apply finds what was applied last. Where that is too long it goes. */
static void set_last_applied(json *obj, const json *config)
{
	_cleanup_json_ json *copy = json_clone(config);
	json *annotations = json_get(obj, "metadata", "annotations");
	struct buf b = {0};
	size_t size = 0;

	json_del(json_get(copy, "metadata", "annotations"), LAST_APPLIED);
	print_sorted(&b, copy);
	buf_puts(&b, "\n");
	json_set_str(annotations, LAST_APPLIED, b.data);
	buf_free(&b);
	json_each(it, annotations)
		size += strlen(json_key(it)) + strlen(json_str_or(it, ""));
	if (size > MAX_ANNOTATIONS)
		json_del(annotations, LAST_APPLIED);
}

/* --- apply ------------------------------------------------------------------------------------ */

/* An object from before its fields were recorded: who applies first sees who might be against it. */
static void record_before(struct apply *a)
{
	_cleanup_field_changes_ struct field_changes c = {0};
	struct managed_entry *e;

	field_compare(a->schema, NULL, a->live, &c);
	field_set_add(&c.added, &c.modified);
	managed_reset(a->w, &c.added);
	managed_strip(&c.added);
	if (field_set_empty(&c.added))
		return;
	e = managed_add(&a->m, BEFORE_APPLY, false, a->w->version, a->w->subresource);
	e->set = c.added;
	c.added = (struct field_set){0};
	e->time = a->w->now_us / 1000000;
}

/* The manager owns what it names, and nothing else. */
static void take_config(struct apply *a)
{
	_cleanup_field_set_ struct field_set last = {0};
	_cleanup_free_ char *last_version = NULL;
	struct managed_entry *e = mine(a);

	if (!e)
		e = managed_add(&a->m, managed_name(a->w), true, a->w->version, a->w->subresource);
	last = e->set;
	last_version = e->version;
	e->version = xstrdup(a->w->version);
	field_set_of(a->schema, a->config, &e->set);
	managed_reset(a->w, &e->set);
	a->merged = field_merge(a->schema, a->live, a->config);
	prune(a, &last, last_version);
}

static json *take_from_others(struct apply *a)
{
	struct managed_pair p = { .w = a->w, .old = a->live, .new = a->merged, .version = a->w->version };
	struct conflicts c = {0};
	json *s = NULL;

	find_conflicts(a, &p, &c);
	if (c.n && !a->force && streq(managed_name(a->w), KUBECTL))
		allow_last_applied(a, &c);
	if (c.n && !a->force)
		s = conflict_status(&c);
	conflicts_free(&c);
	for (size_t i = a->m.n; i-- > 0 && !s;) {
		struct managed_entry *e = &a->m.items[i];
		const struct field_changes *changes = managed_changes(&p, e->version);

		if (e == mine(a) || !changes)
			continue;
		field_set_remove(&e->set, &changes->modified);
		field_set_remove(&e->set, &changes->added);
		field_set_remove(&e->set, &changes->removed);
		if (field_set_empty(&e->set))
			managed_drop(&a->m, e);
	}
	managed_pair_free(&p);
	return s;
}

/* The entry as it was or shall be, and the object with it. */
static void finish(struct apply *a)
{
	bool changed = !json_equal(a->live, a->merged);
	struct managed_entry *e = mine(a);

	managed_strip(&e->set);
	if (changed)
		e->time = a->w->now_us / 1000000;
	if (field_set_empty(&e->set))
		managed_drop(&a->m, e);
	if (streq(managed_name(a->w), KUBECTL) && last_applied(a->merged))
		set_last_applied(a->merged, a->config);
	managed_put(&a->m, a->merged);
}

static json *check_config(struct apply *a)
{
	_cleanup_free_ char *bad = NULL;
	const char *ns = json_str_or(json_get(a->config, "metadata", "namespace"), "");
	const char *slash = strchr(a->w->version, '/');
	json *s;

	if (json_get(a->config, "metadata", "managedFields") &&
	    !cJSON_IsNull(json_get(a->config, "metadata", "managedFields")))
		return status_bad_request("metadata.managedFields must be nil");
	bad = field_check(a->schema, a->config);
	if (!bad)
		return NULL;
	s = status_failure(500, "", NULL, "failed to create typed patch object (%s/%s; %s%s, Kind=%s): %s", ns,
			   json_str_or(json_get(a->config, "metadata", "name"), ""), slash ? "" : "/", a->w->version,
			   json_str_or(json_get(a->config, "kind"), ""), bad);
	json_del(s, "reason");
	return s;
}

json *managed_apply(const struct managed_write *w, const json *live, const json *config, bool force, json **ret)
{
	const struct managed_versions *v = &w->versions;
	_cleanup_json_ json *owned = NULL, *nothing = live ? NULL : json_new_object();
	struct apply a = { .w = w, .schema = v->schema(v->data, w->version), .config = config, .force = force };
	json *s = check_config(&a);

	if (s)
		return s;
	a.live = live ? managed_convert(v, live, v->stored, w->version, &owned) : nothing;
	if (managed_parse(v, json_get(live, "metadata", "managedFields"), &a.m))
		return status_internal("failed to decode managed fields");
	if (live && !a.m.n)
		record_before(&a);
	take_config(&a);
	s = take_from_others(&a);
	if (!s) {
		finish(&a);
		change_version(w, a.merged, w->version, v->stored);
		*ret = TAKE_PTR(a.merged);
	}
	json_freep(&a.merged);
	managed_free(&a.m);
	return s;
}
