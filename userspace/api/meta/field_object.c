// SPDX-License-Identifier: GPL-2.0-or-later
/* field_object.c - shapes, the fields of an object, the difference of two, see field_object.h */
#include "api/meta/field_object.h"

#include "base/members.h"

/* --- shapes -------------------------------------------------------------------------- */

struct field_shape field_shape_of(const struct schema *s)
{
	return (struct field_shape){ .sub = s, .type = s ? F_OBJECT : F_ANY };
}

static struct field_shape shape_of_field(const struct field *f)
{
	bool known = f->type < F_SCHEMA_OR_ARRAY || f->type > F_SCHEMA_OR_STRINGS;

	return (struct field_shape){ .f = f, .sub = f->sub, .type = known ? f->type : F_ANY };
}

/* What f says of its list or map says nothing of an element. */
static struct field_shape shape_of_element(const struct field *f)
{
	bool known = f->elem < F_SCHEMA_OR_ARRAY || f->elem == F_OBJECT;

	return (struct field_shape){ .sub = f->sub, .type = known ? f->elem : f->elem == F_STRINGS ? F_LIST : F_ANY };
}

struct field_shape field_shape_below(struct field_shape shape, struct field_step step)
{
	const struct field *f;

	switch (shape.type) {
	case F_OBJECT:
		f = step.kind == STEP_FIELD ? schema_field(shape.sub, step.text) : NULL;
		return f ? shape_of_field(f) : field_shape_of(NULL);
	case F_MAP:
		return step.kind == STEP_FIELD ? shape_of_element(shape.f) : field_shape_of(NULL);
	case F_LIST:
		return shape.f && step.kind != STEP_FIELD ? shape_of_element(shape.f) : field_shape_of(NULL);
	default:
		return field_shape_of(NULL);
	}
}

bool field_shape_is_keyed(struct field_shape shape)
{
	return shape.type == F_LIST && shape.f && (shape.f->list == LIST_SET || shape.f->list == LIST_MAP);
}

bool field_shape_is_whole(struct field_shape shape)
{
	enum list_type said = shape.f ? shape.f->list : LIST_NONE;

	switch (shape.type) {
	case F_LIST:
		return !field_shape_is_keyed(shape);
	case F_MAP:
		return said == LIST_ATOMIC;
	case F_OBJECT:
		return said == LIST_ATOMIC || (shape.sub->atomic && said != LIST_GRANULAR);
	case F_ANY:
		return shape.f;
	default:
		return false;
	}
}

static bool is_null(const json *v)
{
	return !v || cJSON_IsNull(v);
}

/* Does the value fall into parts, where it is of the shape at all? */
static bool has_parts(struct field_shape shape)
{
	return (shape.type == F_OBJECT || shape.type == F_MAP || shape.type == F_LIST) && !field_shape_is_whole(shape);
}

static bool fits(struct field_shape shape, const json *v)
{
	return is_null(v) || (shape.type == F_LIST ? json_is_array(v) : json_is_object(v));
}

/* --- elements ------------------------------------------------------------------------- */

#define MAX_KEYS 8	/* names in map_keys */

struct key_name {
	const char *s;
	size_t len;
};

/* The names in map_keys, in order. */
static unsigned key_names(const char *keys, struct key_name *names)
{
	unsigned n = 0;

	while (*keys && n < MAX_KEYS) {
		struct key_name name = { keys, strcspn(keys, ",") };
		unsigned at = n++;

		for (; at > 0 && strncmp(names[at - 1].s, name.s, name.len) > 0; at--)
			names[at] = names[at - 1];
		names[at] = name;
		keys += name.len + (keys[name.len] == ',');
	}
	return n;
}

/* {"containerPort":80,"protocol":"TCP"}: the default stands in for a key that is not there. */
static void add_keys(struct buf *b, const struct field *list, const json *elem)
{
	struct key_name names[MAX_KEYS];
	unsigned n = key_names(list->map_keys, names);
	bool any = false;

	for (unsigned i = 0; i < n; i++) {
		_cleanup_free_ char *name = xstrndup(names[i].s, names[i].len);
		const json *v = json_get(elem, name);
		const struct field *f = is_null(v) ? schema_field(list->sub, name) : NULL;

		if (is_null(v) && !(f && f->dflt))
			continue;
		buf_puts(b, any ? "," : "{");
		field_text_add_str(b, name);
		buf_puts(b, ":");
		if (is_null(v))
			buf_puts(b, f->dflt);
		else
			field_text_add(b, v);
		any = true;
	}
	buf_puts(b, any ? "}" : "{}");
}

static int by_step(const void *a, const void *b)
{
	const struct field_item *x = a, *y = b;
	int order = field_step_cmp(x->step, y->step);

	return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

struct field_item *field_items(struct field_shape shape, const json *list, bool sorted, unsigned *ret_n)
{
	unsigned n = 0, len = json_is_array(list) ? json_len(list) : 0;
	struct field_item *items;
	bool in_order = true;

	*ret_n = len;
	if (!len)
		return NULL;
	items = xcalloc(len, sizeof(*items));
	json_each(it, list) {
		struct buf b = {0};

		if (shape.f->list == LIST_MAP)
			add_keys(&b, shape.f, it);
		else
			field_text_add(&b, it);
		items[n] = (struct field_item){
			.step = { shape.f->list == LIST_MAP ? STEP_KEY : STEP_VALUE, buf_steal(&b) },
			.value = it, .index = n,
		};
		in_order = in_order && (!n || field_step_cmp(items[n - 1].step, items[n].step) <= 0);
		n++;
	}
	if (sorted && !in_order)
		qsort(items, n, sizeof(*items), by_step);
	return items;
}

void field_items_free(struct field_item *items, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free((char *)items[i].step.text);
	free(items);
}

/* How many items from the first have its step. */
static unsigned same_step(const struct field_item *items, unsigned n)
{
	unsigned i = 1;

	while (i < n && !field_step_cmp(items[0].step, items[i].step))
		i++;
	return n ? i : 0;
}

/* --- the fields of an object ------------------------------------------------------------ */

static void collect(struct field_shape shape, const json *v, struct field_set *node);

static void collect_members(struct field_shape shape, const json *obj, struct field_set *node)
{
	_cleanup_free_ const json **members = NULL;
	unsigned n;

	members = members_sorted(obj, &n);
	for (unsigned i = 0; i < n; i++) {
		const json *it = members[i];
		const struct field *f = shape.type == F_OBJECT ? schema_field(shape.sub, json_key(it)) : NULL;
		struct field_step step = { STEP_FIELD, f ? f->name : json_key(it) };
		struct field_set *child = field_set_under(node, step, f);

		collect(field_shape_below(shape, step), it, child);
		/* entries of a map are owned besides what is in them */
		if (!f || is_null(it) || (json_is_object(it) && !it->child))
			child->member = true;
	}
	field_set_drop_empty(node);
}

static void collect_elements(struct field_shape shape, const json *list, struct field_set *node)
{
	unsigned n, same;
	struct field_item *items = field_items(shape, list, true, &n);

	for (unsigned i = 0; i < n; i += same) {
		struct field_set *child = field_set_under(node, items[i].step, false);

		same = same_step(items + i, n - i);
		if (same == 1)
			collect(field_shape_below(shape, items[i].step), items[i].value, child);
		child->member = true;
	}
	field_items_free(items, n);
}

static void collect(struct field_shape shape, const json *v, struct field_set *node)
{
	if (!has_parts(shape) || !fits(shape, v))
		node->member = true;
	else if (shape.type == F_LIST)
		collect_elements(shape, v, node);
	else
		collect_members(shape, v, node);
}

void field_set_of(const struct schema *s, const json *obj, struct field_set *ret)
{
	*ret = (struct field_set){0};
	collect(field_shape_of(s), obj, ret);
	ret->member = false;
}

static void name_fields(struct field_shape shape, struct field_set *set)
{
	for (unsigned i = 0; i < set->n; i++) {
		struct field_set *it = &set->items[i];

		if (it->n && it->kind == STEP_FIELD && shape.type == F_OBJECT && schema_field(shape.sub, it->text))
			it->member = true;
		name_fields(field_shape_below(shape, field_set_step(it)), it);
	}
}

void field_set_name(const struct schema *s, struct field_set *set)
{
	name_fields(field_shape_of(s), set);
}

/* --- the difference of two ------------------------------------------------------------------ */

/*
 * What Go writes of a field that is not in the JSON: structs are always there, and
 * so is what has no omitempty. NULL where there is nothing.
 */
static const json *unsaid(const struct field *f)
{
	static const json object = { .type = cJSON_Object }, null = { .type = cJSON_NULL },
			  no = { .type = cJSON_False }, zero = { .type = cJSON_Number },
			  empty = { .type = cJSON_String, .valuestring = (char *)"" };

	if (f->presence == PRESENCE_POINTER || f->presence == PRESENCE_OMITZERO)
		return NULL;
	switch (f->type) {
	case F_OBJECT:
		return &object;
	case F_TIME:
	case F_MICRO_TIME:
		return &null;
	default:
		break;
	}
	if (f->presence == PRESENCE_OMITEMPTY)
		return NULL;
	switch (f->type) {
	case F_STRING:
		return &empty;
	case F_BOOL:
		return &no;
	case F_INT32:
	case F_INT64:
	case F_DOUBLE:
		return &zero;
	case F_LIST:
	case F_MAP:
	case F_BYTES:
	case F_ANY:
		return &null;
	default:
		return NULL;
	}
}

/* The way from the object to a value. */
struct link {
	const struct link *up;	/* NULL: the object itself */
	struct field_step step;
	bool lasting;
};

static struct field_set *node_at(struct field_set *root, const struct link *at)
{
	return at ? field_set_under(node_at(root, at->up), at->step, at->lasting) : root;
}

static void mark(struct field_set *root, const struct link *at)
{
	if (at)
		node_at(root, at)->member = true;
}

static void compare(struct field_changes *c, struct field_shape shape, const json *old, const json *new,
		    const struct link *at);

static void compare_leaf(struct field_changes *c, const json *old, const json *new, const struct link *at)
{
	if (!old)
		mark(&c->added, at);
	else if (!new)
		mark(&c->removed, at);
	else if (!json_equal(old, new))
		mark(&c->modified, at);
}

/* f NULL: of a map */
static void compare_member(struct field_changes *c, struct field_shape shape, const struct field *f, const char *key,
			   const json *old, const json *new, const struct link *at)
{
	struct link here = { .up = at, .step = { STEP_FIELD, f ? f->name : key }, .lasting = f };

	compare(c, f ? shape_of_field(f) : field_shape_below(shape, here.step), old, new, &here);
}

static bool is_managed_fields(const struct link *at, const char *key)
{
	return at && !at->up && streq(key, "managedFields") && streq(at->step.text, "metadata");
}

/* Members that only Go writes, of an object that is not there on the other side. */
static void compare_unsaid(struct field_changes *c, struct field_shape shape, const json *old, const json *new,
			   const struct link *at)
{
	const json *there = old ? old : new;

	for (size_t i = 0; i < shape.sub->n_fields; i++) {
		const struct field *f = &shape.sub->fields[i];
		const json *v = unsaid(f);

		if (v && !json_get(there, f->name))
			compare_member(c, shape, f, NULL, old ? v : NULL, old ? NULL : v, at);
	}
}

/* Of a struct, which has few: each in the place it has in the other one, most often. */
static void compare_fields(struct field_changes *c, struct field_shape shape, const json *old, const json *new,
			   const struct link *at)
{
	_cleanup_members_ struct members olds = members_of(old), news = members_of(new);
	const struct field *f;

	json_each(it, old) {
		const json *other = members_get(&news, json_key(it));

		f = schema_field(shape.sub, json_key(it));
		if (!f || is_managed_fields(at, json_key(it)))
			continue;
		if (!other && new)
			other = unsaid(f);
		compare_member(c, shape, f, NULL, it, other, at);
	}
	json_each(it, new) {
		if (members_get(&olds, json_key(it)))
			continue;
		f = schema_field(shape.sub, json_key(it));
		if (f && !is_managed_fields(at, json_key(it)))
			compare_member(c, shape, f, NULL, old ? unsaid(f) : NULL, it, at);
	}
	if (!old || !new)
		compare_unsaid(c, shape, old, new, at);
}

/* Of a map, which may have many: in order. */
static void compare_entries(struct field_changes *c, struct field_shape shape, const json *old, const json *new,
			    const struct link *at)
{
	_cleanup_free_ const json **x = NULL, **y = NULL;
	unsigned n_old, n_new;

	x = members_sorted(old, &n_old);
	y = members_sorted(new, &n_new);
	for (unsigned i = 0, j = 0; i < n_old || j < n_new;) {
		int order = i == n_old ? 1 : j == n_new ? -1 : strcmp(json_key(x[i]), json_key(y[j]));

		compare_member(c, shape, NULL, json_key(order <= 0 ? x[i] : y[j]), order <= 0 ? x[i] : NULL,
			       order >= 0 ? y[j] : NULL, at);
		i += order <= 0;
		j += order >= 0;
	}
}

/* Elements of one step, which is more than one where the list has duplicates. */
static void compare_group(struct field_changes *c, struct field_shape shape, const struct field_item *old,
			  unsigned n_old, const struct field_item *new, unsigned n_new, const struct link *at)
{
	struct link here = { .up = at, .step = n_old ? old->step : new->step };
	struct field_shape below = field_shape_below(shape, here.step);
	bool same = n_old == n_new;

	if (n_old <= 1 && n_new <= 1) {
		compare(c, below, n_old ? old->value : NULL, n_new ? new->value : NULL, &here);
	} else if (n_old > 1 && n_new > 1) {
		for (unsigned i = 0; i < n_old && same; i++)
			same = json_equal(old[i].value, new[i].value);
		if (!same)
			mark(&c->modified, &here);
	} else if (n_old > 1) {
		if (n_new)
			compare(c, below, NULL, new->value, &here);
		mark(&c->removed, &here);
	} else {
		if (n_old)
			compare(c, below, old->value, NULL, &here);
		mark(&c->added, &here);
	}
}

static void compare_elements(struct field_changes *c, struct field_shape shape, const json *old, const json *new,
			     const struct link *at)
{
	unsigned n_old, n_new;
	struct field_item *x = field_items(shape, old, true, &n_old), *y = field_items(shape, new, true, &n_new);

	for (unsigned i = 0, j = 0; i < n_old || j < n_new;) {
		int order = i == n_old ? 1 : j == n_new ? -1 : field_step_cmp(x[i].step, y[j].step);
		unsigned a = order <= 0 ? same_step(x + i, n_old - i) : 0;
		unsigned b = order >= 0 ? same_step(y + j, n_new - j) : 0;

		compare_group(c, shape, a ? x + i : NULL, a, b ? y + j : NULL, b, at);
		i += a;
		j += b;
	}
	field_items_free(x, n_old);
	field_items_free(y, n_new);
}

/* Nothing in it, and nothing that Go would write. */
static bool is_bare(struct field_shape shape, const json *v)
{
	if (!v || cJSON_IsNull(v))
		return true;
	if (v->child)
		return false;
	for (size_t i = 0; shape.type == F_OBJECT && i < shape.sub->n_fields; i++)
		if (unsaid(&shape.sub->fields[i]))
			return false;
	return true;
}

static void compare(struct field_changes *c, struct field_shape shape, const json *old, const json *new,
		    const struct link *at)
{
	if (!old && !new)
		return;
	if (!has_parts(shape) || !fits(shape, old) || !fits(shape, new) ||
	    (is_bare(shape, old) && is_bare(shape, new))) {
		compare_leaf(c, old, new, at);
		return;
	}
	if (shape.type == F_LIST)
		compare_elements(c, shape, old, new, at);
	else if (shape.type == F_MAP)
		compare_entries(c, shape, old, new, at);
	else
		compare_fields(c, shape, is_null(old) ? NULL : old, is_null(new) ? NULL : new, at);
	if (!old)
		mark(&c->added, at);
	else if (!new)
		mark(&c->removed, at);
}

void field_compare(const struct schema *s, const json *old, const json *new, struct field_changes *ret)
{
	static const json nothing = { .type = cJSON_Object };

	*ret = (struct field_changes){0};
	compare(ret, field_shape_of(s), old ? old : &nothing, new, NULL);
}

void field_changes_free(struct field_changes *c)
{
	field_set_free(&c->added);
	field_set_free(&c->modified);
	field_set_free(&c->removed);
}
